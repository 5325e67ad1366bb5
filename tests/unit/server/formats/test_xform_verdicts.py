"""XForm 里的判定：先后次序与服务器一样。与服务器逐例相等由 tests/openrosa 证明。"""

from __future__ import annotations

from server.domain.checklists import Frame, Kind
from server.formats.xform_names import places
from server.formats.xform_verdicts import verdict_steps
from tests.checklists.house import checklists

ALL = [p for f in Frame for c in checklists().values() for p in places(c, f)]


def test_every_item_ends_with_an_outcome_and_a_sentence() -> None:
    for place in ALL:
        names = [name for name, _ in verdict_steps(place).nodes]
        assert names[-2:] == ["outcome", place.say]
        assert len(set(names)) == len(names)


def test_a_calculation_stands_after_those_it_uses() -> None:
    for place in ALL:
        seen: set[str] = set()
        later = [name for name, _ in verdict_steps(place).nodes]
        for name, expression in verdict_steps(place).nodes:
            later.remove(name)
            assert not any(f"{place.ask(other)} " in f"{expression} " for other in later), (place.item.code, name)
            seen.add(name)


def test_without_a_reason_not_applicable_is_open() -> None:
    place = ALL[0]
    outcome = dict(verdict_steps(place).nodes)["outcome"]
    assert outcome.startswith(f"if({place.ask('verdict')} = 'not_applicable', if({place.ask('reason')} != ''")


def test_the_officer_s_failing_stands_where_the_answer_is_a_verdict() -> None:
    for place in ALL:
        outcome = dict(verdict_steps(place).nodes)["outcome"]
        stated = f"{place.ask('verdict')} = 'failing'"
        tri = Kind.TRI in place.item.kinds
        assert (f"if({stated}, 'failing'" in outcome) is True
        assert (f"if({stated} and" in outcome) is not tri, "纯数值条目计算符合而判不符合的，需复核"
