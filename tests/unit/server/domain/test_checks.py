"""现场检查的规矩：人员、时间、作答、签字、应有照片。"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from server.domain.answers import Answer
from server.domain.checks import (
    Attitude,
    CheckRecord,
    ExpectedPhoto,
    Representative,
    Source,
    check_form,
    expected_photos,
)
from server.domain.errors import Invalid

END = datetime(2026, 9, 1, 17, 30, tzinfo=UTC)
ONE, TWO, PHOTO, OTHER = (UUID(int=n) for n in (1, 2, 3, 4))

RECORD = CheckRecord(
    uuid=UUID(int=9),
    subject=UUID(int=8),
    checklist_code="RMC",
    checklist_version="2025.1",
    source=Source.DOUBLE_RANDOM,
    officers=(ONE, TWO),
    started_at=END - timedelta(hours=2),
    ended_at=END,
    device_at=END,
    fix=None,
    fix_error="地下室",
    answers=(Answer("RMC-06-02"),),
    photos=(),
    representative=Representative("示例", Attitude.SIGNS),
    remarks="",
    raw={},
)


def codes(record: CheckRecord) -> set[str]:
    with pytest.raises(Invalid) as refusal:
        check_form(record)
    assert refusal.value.code == "check-invalid"
    return {fault.code for fault in refusal.value.errors}


def test_a_proper_record_passes() -> None:
    check_form(RECORD)


def test_two_officers_at_least_and_each_once() -> None:
    assert codes(replace(RECORD, officers=(ONE,))) == {"officers-too-few"}
    assert codes(replace(RECORD, officers=(ONE, ONE))) == {"officer-twice"}


def test_time_runs_forward_and_a_check_is_not_a_month() -> None:
    assert codes(replace(RECORD, started_at=END + timedelta(minutes=1))) == {"times-reversed"}
    assert codes(replace(RECORD, started_at=END - timedelta(days=8))) == {"check-too-long"}


def test_an_item_is_answered_once() -> None:
    assert codes(replace(RECORD, answers=(Answer("A"), Answer("A")))) == {"item-twice"}


@pytest.mark.parametrize("attitude", [Attitude.DISAGREES, Attitude.REFUSES])
def test_dissent_and_refusal_to_sign_are_written_down(attitude: Attitude) -> None:
    silent = replace(RECORD, representative=Representative("示例", attitude))
    assert codes(silent) == {"opinion-missing"}
    check_form(replace(RECORD, representative=Representative("示例", attitude, opinion="不认可第三项")))


def test_every_fault_is_told_at_once() -> None:
    wrong = replace(RECORD, officers=(ONE,), started_at=END + timedelta(minutes=1))
    assert codes(wrong) == {"officers-too-few", "times-reversed"}


def test_the_day_of_the_fact_is_the_day_in_shanghai() -> None:
    assert RECORD.ended_on == date(2026, 9, 2)


def test_photos_are_expected_once_with_the_item_that_names_them() -> None:
    record = replace(
        RECORD,
        photos=(ExpectedPhoto(PHOTO, None, "a" * 64),),
        answers=(Answer("RMC-06-02", photos=(PHOTO, OTHER)), Answer("RMC-06-06", photos=(OTHER,))),
    )
    assert expected_photos(record) == (
        ExpectedPhoto(PHOTO, "RMC-06-02", "a" * 64),
        ExpectedPhoto(OTHER, "RMC-06-02", None),
    )
