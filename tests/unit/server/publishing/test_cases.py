"""Disclosed cases: frozen, thawed, streamed, found."""

import json
from decimal import Decimal

import pytest

from server.domain.disclosed_cases import DisclosedCase
from server.domain.errors import Missing
from server.publishing import cases
from server.publishing.cases import CaseQuestion
from server.uow import UnitOfWork
from tests.factories.published import Season


def test_a_frozen_case_thaws_to_the_same_value(uow: UnitOfWork, season: Season) -> None:
    row = cases.find_public_case(uow, season.cases[0])
    value = cases.thaw(row.body)
    assert isinstance(value, DisclosedCase)
    assert json.loads(json.dumps(cases._frozen(value))) == row.body["case"]
    assert value.position is not None
    assert all(-part.as_tuple().exponent == 2 for part in value.position)


def test_positions_are_cut_before_they_are_frozen(uow: UnitOfWork, season: Season) -> None:
    body = cases.find_public_case(uow, season.cases[0]).body
    assert len(body["case"]["position"]) == 2
    assert Decimal(body["case"]["position"][1]) == Decimal("23.11")
    assert "114.416" not in str(body)


def test_small_batches_stream_the_same_cases(uow: UnitOfWork, season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [row.slug for row in cases.stream_cases(uow)]
    for size in (1, 2, 3):
        monkeypatch.setattr(cases, "BATCH", size)
        assert [row.slug for row in cases.stream_cases(uow)] == whole
    assert whole == list(reversed(season.cases))


def test_a_question_joins_its_conditions(uow: UnitOfWork) -> None:
    both = cases.find_cases(uow, CaseQuestion(text="混凝土有限公司", regions=("441303",)))
    assert (both.total, len(both.items)) == (1, 1)
    assert cases.find_cases(uow, CaseQuestion(regions=("441302",), stages=("立案查处",))).total == 0


def test_numbered_pages(uow: UnitOfWork, season: Season) -> None:
    second = cases.find_cases(uow, CaseQuestion(), skip=2, limit=2)
    assert (second.total, [case["number"] for case in second.items]) == (3, [season.cases[0]])


def test_counts_beside_the_filters(uow: UnitOfWork) -> None:
    facets = cases.count_facets(uow)
    assert list(facets.regions) == [("441302", "惠城区", 1), ("441303", "惠阳区", 2)]
    assert dict(facets.stages) == {"检查发现": 1, "立案查处": 1, "已作处罚决定": 1}
    assert cases.checklist_titles(uow)["RMC"] == "预拌混凝土质量专项检查表"


def test_an_unknown_case(uow: UnitOfWork) -> None:
    with pytest.raises(Missing):
        cases.find_public_case(uow, "没有")
