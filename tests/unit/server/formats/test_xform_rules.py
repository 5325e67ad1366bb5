"""XForm 里的规则：每条规则几步；说不准的交给服务器，不留半步。与服务器逐例相等由 tests/openrosa 证明。"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from server.domain.checklists import Frame
from server.formats.xform_names import Place, places
from server.formats.xform_rules import RULES, chain
from server.formats.xform_verdicts import verdict_steps
from tests.checklists.house import checklists

ALL = {p.item.code: p for f in Frame for c in checklists().values() for p in places(c, f)}


def nodes(place: Place) -> dict[str, str]:
    return dict(verdict_steps(place).nodes)


def test_the_first_test_that_holds_decides() -> None:
    assert chain([("a", "1"), ("b", "2")], "3") == "if(a, 1, if(b, 2, 3))"


def test_each_row_of_a_table_has_its_state() -> None:
    place = ALL["RMC-02-06"]
    found = nodes(place)
    rows = [name for name in found if name.startswith("r1_")]
    assert len(rows) == len(place.item.checks[0].rule.rows)
    assert "20220401" in found["r1_1"]
    assert "0.0305" in found["r1_1"], "修约间隔 0.001：限值 0.03 移到 0.0305"
    assert "快速检测" in found["j1"], "快速检测超限只作筛查"


def test_a_quota_counts_portions_without_dividing() -> None:
    place = next(p for p in ALL.values() if any(r.per for c in p.item.checks for r in c.rule.rows))
    row = next(n for n, r in enumerate(place.item.checks[0].rule.rows, start=1) if r.per)
    said = nodes(place)[f"r1_{row}"]
    assert f"{place.ask('count')} * " in said
    assert " div " not in said


def test_what_a_phone_cannot_say_is_left_whole_to_the_server() -> None:
    for code in ("RMC-09-02", "RMC-09-03"):
        found = nodes(ALL[code])
        assert found["j1"] == "'s'"
        assert not any(name.startswith("r1_") for name in found)
        assert "由服务器完成" in found[ALL[code].say]


def test_a_rule_given_up_halfway_leaves_nothing_behind() -> None:
    place = ALL["RMC-06-03"]
    check = place.item.checks[0]
    last = replace(check.rule.rows[-1], reference="", relative_to="target", value=Decimal("0.00001"))
    rule = replace(check.rule, rows=(*check.rule.rows[:-1], last))
    steps = verdict_steps(replace(place, item=replace(place.item, checks=(replace(check, rule=rule),))))
    assert dict(steps.nodes)["j1"] == "'s'"
    assert [n for n, _ in steps.nodes if n.startswith("r1_")] == []
    assert steps.words == []
    assert set(steps.wanted) == {"实测数值"}, "只剩没有规则时也要的"


def test_the_failing_limit_is_named_with_its_standard() -> None:
    said = nodes(ALL["RMC-02-06"])[ALL["RMC-02-06"].say]
    assert "≤0.03" in said
    assert "GB 55008-2021" in said


def test_every_operator_is_said_or_named_as_the_server_s() -> None:
    used = {c.rule.operator for p in ALL.values() for c in p.item.checks}
    assert used - set(RULES) == {"pass_rate", "cube_groups", "cube_acceptance"}
