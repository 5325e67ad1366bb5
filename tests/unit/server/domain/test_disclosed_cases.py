"""What may leave of a case."""

from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.disclosed_cases import DisclosedCase, coarse_position, disclose_case
from server.domain.errors import Invalid
from tests.factories.bulletins import decided_case, filed_case, found_case

ON = date(2026, 10, 12)


def disclosed(facts: object) -> DisclosedCase:
    return disclose_case(facts, number="2026-1", region="惠城区", on=ON)  # type: ignore[arg-type]


def test_a_decided_case_tells_its_decision() -> None:
    case = disclosed(decided_case())
    assert case.stage == "已作处罚决定"
    assert case.decision_number == "〔示〕住建罚决字〔2026〕第1号"
    assert [(penalty.name, penalty.kind, penalty.yuan) for penalty in case.penalties] == [
        ("示范一号混凝土有限公司", "罚款", "120000"),
        ("", "罚款", "8500"),
    ]


def test_a_case_without_a_decision_in_force_tells_none() -> None:
    case = disclosed(filed_case())
    assert (case.stage, case.decision_number, case.decided_on, case.penalties) == ("立案查处", "", None, ())


def test_nothing_of_a_natural_person_leaves() -> None:
    for facts in (decided_case(), filed_case(), found_case()):
        text = repr(disclosed(facts))
        assert "实名" not in text
        assert "13812345678" not in text
    assert [party.role for party in disclosed(found_case()).parties] == ["建设单位", "施工单位", "监理单位"]


def test_evidence_numbers_and_internal_ids_do_not_leave() -> None:
    text = repr(disclosed(decided_case()))
    assert "P-0001" not in text
    assert "c-1" not in text
    assert {field.name for field in fields(DisclosedCase)}.isdisjoint({"id", "address", "evidence"})


def test_positions_are_cut_to_the_policy() -> None:
    case = disclose_case(
        decided_case(),
        number="1",
        region="惠城区",
        on=ON,
        position=(Decimal("114.412599"), Decimal("23.111847")),
    )
    assert case.position == (Decimal("114.41"), Decimal("23.11"))


@pytest.mark.parametrize(("position", "decimals"), [((181, 0), 2), ((0, 91), 2), ((0, 0), 7), ((0, 0), -1)])
def test_impossible_positions_are_refused(position: tuple[int, int], decimals: int) -> None:
    with pytest.raises(Invalid) as caught:
        coarse_position((Decimal(position[0]), Decimal(position[1])), decimals)
    assert caught.value.code == "position-out-of-range"


@given(st.decimals(-180, 180, places=8), st.decimals(-90, 90, places=8), st.integers(0, 6))
def test_a_coarse_position_is_within_half_a_step(longitude: Decimal, latitude: Decimal, decimals: int) -> None:
    coarse = coarse_position((longitude, latitude), decimals)
    half = Decimal(1).scaleb(-decimals) / 2
    assert abs(coarse[0] - longitude) <= half
    assert abs(coarse[1] - latitude) <= half
