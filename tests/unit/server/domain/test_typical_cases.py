"""The choice of typical cases: stated, explained, independent of order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.cases import Stage
from server.domain.errors import Invalid
from server.domain.typical_cases import Candidate, Weights, choose_cases, score_candidate, shortlist
from server.domain.violations import Severity


def candidate(identity: str, **changes: object) -> Candidate:
    values: dict[str, object] = {
        "region_code": "441302",
        "checklist": "RMC",
        "severity": Severity.MAJOR,
        "spread": (3, 10),
        "slots": (5, 6),
        "agreement": (4, 5),
        "stage": Stage.FOUND,
    }
    return Candidate(identity, **{**values, **changes})  # type: ignore[arg-type]


COUNTS = st.integers(0, 20).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        id=st.integers(0, 10**6).map(lambda number: f"c-{number:07d}"),
        region_code=st.sampled_from(["441302", "441303", "440811"]),
        checklist=st.sampled_from(["RMC", "SND", "LAB"]),
        severity=st.sampled_from(list(Severity)),
        spread=COUNTS,
        slots=COUNTS,
        agreement=COUNTS,
        stage=st.sampled_from(list(Stage)),
    ),
    max_size=12,
    unique_by=lambda case: case.id,
)


def test_each_component_is_explained() -> None:
    components = score_candidate(candidate("a"))
    assert [(part.name, part.points, part.most) for part in components] == [
        ("severity", 25, 40),
        ("spread", 6, 20),
        ("completeness", 12, 15),
        ("agreement", 8, 10),
        ("standing", 5, 15),
    ]
    assert components[1].sentence == "受检对象10个中有3个存在同一问题。"
    assert components[2].sentence == "应有照片6张，已核验5张。"
    assert components[4].sentence == "案件状态：尚在检查发现阶段。"


def test_the_best_possible_case_has_all_points_and_nothing_counted_has_none() -> None:
    best = candidate(
        "a", severity=Severity.CRITICAL, spread=(9, 9), slots=(6, 6), agreement=(5, 5), stage=Stage.DECIDED
    )
    assert sum(part.points for part in score_candidate(best)) == 100
    empty = candidate("b", severity=Severity.MINOR, spread=(0, 0), slots=(0, 0), agreement=(0, 0))
    assert sum(part.points for part in score_candidate(empty)) == 15


def test_variety_prefers_another_region_and_checklist() -> None:
    first = candidate("a", severity=Severity.CRITICAL)
    same = candidate("b", severity=Severity.CRITICAL)
    other = candidate("c", region_code="441303", checklist="LAB")
    assert [choice.id for choice in choose_cases([first, same, other], 3)] == ["a", "c", "b"]
    last = choose_cases([first, same, other], 3)[2]
    assert last.base - last.points == 20
    assert last.components[-2].sentence == "已选案例中同一区域1个，每个扣12分。"


def test_ties_go_to_the_smaller_id() -> None:
    assert [choice.id for choice in choose_cases([candidate("b"), candidate("a")], 1)] == ["a"]


def test_silent_cases_are_never_chosen() -> None:
    assert choose_cases([candidate("a", stage=Stage.SILENT)], 3) == ()


def test_a_repeated_id_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        choose_cases([candidate("a"), candidate("a")], 1)
    assert caught.value.code == "candidate-repeated"


def test_weights_must_add_up() -> None:
    with pytest.raises(Invalid) as caught:
        Weights(severity=41)
    assert caught.value.code == "weights-invalid"


@given(CANDIDATES, st.integers(0, 6), st.randoms(use_true_random=False))
def test_the_order_of_candidates_never_matters(cases: list[Candidate], count: int, random: object) -> None:
    shuffled = list(cases)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    chosen = choose_cases(cases, count)
    assert choose_cases(shuffled, count) == chosen
    eligible = [case for case in cases if case.stage is not Stage.SILENT]
    assert len(chosen) == min(count, len(eligible))
    assert [choice.rank for choice in chosen] == list(range(1, len(chosen) + 1))


@given(CANDIDATES)
def test_points_are_whole_bounded_and_add_up(cases: list[Candidate]) -> None:
    for choice in choose_cases(cases, 12):
        assert 0 <= choice.base <= 100
        assert choice.points == sum(part.points for part in choice.components)
        assert all(part.points <= part.most for part in choice.components)


@given(CANDIDATES, st.integers(0, 6))
def test_the_shortlist_changes_no_choice(cases: list[Candidate], count: int) -> None:
    assert choose_cases(shortlist(iter(cases), count), count) == choose_cases(cases, count)


def test_the_shortlist_keeps_only_so_many_of_one_region_and_checklist() -> None:
    many = [candidate(f"c-{number}") for number in range(50)] + [candidate("other", checklist="SND")]
    assert [case.id for case in shortlist(many, 2)] == ["c-0", "c-1", "other"]
