"""Frozen answers: narrowed, paged, streamed, put into words."""

import pytest
from sqlalchemy import func, select

from schemas.public.records import PublicRecordSchema
from server.models.bulletins import Publication
from server.models.checks import Answer
from server.publishing import records
from server.publishing.bulletins import find_bulletin
from server.uow import UnitOfWork
from tests.factories.published import SLUG, named


@pytest.fixture
def row(uow: UnitOfWork) -> Publication:
    return find_bulletin(uow, SLUG)


def total(uow: UnitOfWork, row: Publication, **narrowing: str) -> int:
    return records.public_records(uow, row, narrowing, 0, 1).total


def test_every_answer_counted_is_there_once(uow: UnitOfWork, row: Publication) -> None:
    assert total(uow, row) == uow.session.scalar(select(func.count()).select_from(Answer))


def test_the_fields_that_may_leave(uow: UnitOfWork, row: Publication) -> None:
    (record,) = records.public_records(uow, row, {}, 0, 1).items
    assert sorted(record) == sorted(PublicRecordSchema().fields)
    assert record["item_text"].startswith("持有效“预拌混凝土专业承包”资质")
    assert (record["section_name"], record["region"]) == ("企业资质与质量体系", "惠城区")


@pytest.mark.parametrize("word", ["outcome", "region", "frame", "checklist", "section", "item", "link", "checked_on"])
def test_the_values_of_a_word_part_the_list(uow: UnitOfWork, row: Publication, word: str) -> None:
    shown = {"region": "region_code"}.get(word, word)
    values = {str(record[shown]) for record in records.stream_records(uow, row, {})}
    assert len(values) > 1
    assert sum(total(uow, row, **{word: value}) for value in values) == total(uow, row)


def test_parties_alone_and_together(uow: UnitOfWork, row: Publication) -> None:
    sets = {tuple(record["liable"]) for record in records.stream_records(uow, row, {})}
    assert sum(total(uow, row, liable=",".join(parties)) for parties in sets) == total(uow, row)
    expected = sum("contractor" in record["liable"] for record in records.stream_records(uow, row, {}))
    assert total(uow, row, party="contractor") == expected > 0
    assert total(uow, row, party="contract") == 0
    assert total(uow, row, party="%") == 0


def test_a_subject_is_its_checks(uow: UnitOfWork, row: Publication) -> None:
    subject = str(named("示范花园二期3号楼"))
    page = records.public_records(uow, row, {"subject": subject}, 0, 200)
    assert {record["subject"] for record in page.items} == {"示范花园二期3号楼"}
    assert total(uow, row, subject="没有") == 0


def test_small_batches_stream_the_same_list(uow: UnitOfWork, row: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(records.stream_records(uow, row, {}))
    monkeypatch.setattr(records, "BATCH", 7)
    assert list(records.stream_records(uow, row, {})) == whole


def test_words_instead_of_codes(uow: UnitOfWork, row: Publication) -> None:
    record = next(records.stream_records(uow, row, {"outcome": "failing", "party": "contractor"}))
    words = records.in_words(record)
    assert (words["outcome"], words["frame"]) == ("不符合", "工程项目")
    assert "施工单位" in words["liable"]
    assert words["item"] == record["item"]
