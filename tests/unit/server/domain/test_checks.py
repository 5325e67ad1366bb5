"""一次检查自身的规矩：两名执法人员、时间、签字、照片各算一次。"""

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

START = datetime(2026, 9, 18, 1, tzinfo=UTC)
RECORD = CheckRecord(
    uuid=UUID(int=1),
    subject=UUID(int=2),
    checklist_code="RMC",
    checklist_version="2025.1",
    source=Source.DOUBLE_RANDOM,
    officers=(UUID(int=3), UUID(int=4)),
    started_at=START,
    ended_at=START + timedelta(hours=2),
    device_at=START + timedelta(hours=2),
    fix=None,
    fix_error="",
    answers=(Answer(item_code="RMC-01-01"), Answer(item_code="RMC-01-02")),
    photos=(),
    representative=Representative("某人", Attitude.SIGNS),
    remarks="",
    raw={},
)


def faults(**changes: object) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        check_form(replace(RECORD, **changes))  # type: ignore[arg-type]
    return [(e.pointer, e.code) for e in refused.value.errors]


def test_sound_record_passes() -> None:
    check_form(RECORD)


def test_at_least_two_officers_and_nobody_twice() -> None:
    assert faults(officers=(UUID(int=3),)) == [("/officers", "officers-too-few")]
    assert faults(officers=(UUID(int=3), UUID(int=3))) == [("/officers", "officer-twice")]


def test_times_are_in_order_and_within_a_week() -> None:
    assert faults(ended_at=START - timedelta(seconds=1)) == [("/ended_at", "times-reversed")]
    assert faults(ended_at=START + timedelta(days=7, seconds=1)) == [("/ended_at", "check-too-long")]
    check_form(replace(RECORD, ended_at=START + timedelta(days=7)))
    check_form(replace(RECORD, ended_at=START))


def test_every_item_is_answered_once() -> None:
    twice = (*RECORD.answers, Answer(item_code="RMC-01-01"))
    assert faults(answers=twice) == [("/answers/2/item_code", "item-twice")]


@pytest.mark.parametrize("attitude", [Attitude.DISAGREES, Attitude.REFUSES])
def test_who_does_not_simply_sign_says_why(attitude: Attitude) -> None:
    assert faults(representative=Representative("某人", attitude)) == [("/representative/opinion", "opinion-missing")]
    check_form(replace(RECORD, representative=Representative("某人", attitude, "有异议")))


def test_all_faults_come_at_once() -> None:
    assert len(faults(officers=(), ended_at=START - timedelta(days=1))) == 2


def test_day_of_the_fact_is_the_day_in_shanghai() -> None:
    late = replace(RECORD, ended_at=datetime(2026, 9, 18, 16, 0, tzinfo=UTC))
    assert late.ended_on == date(2026, 9, 19)
    assert replace(RECORD, ended_at=datetime(2026, 9, 18, 15, 59, tzinfo=UTC)).ended_on == date(2026, 9, 18)


def test_a_photo_is_expected_once_and_keeps_what_is_known_of_it() -> None:
    one, two, three = (UUID(int=n) for n in (11, 12, 13))
    record = replace(
        RECORD,
        photos=(ExpectedPhoto(one, None, "a" * 64), ExpectedPhoto(two, "RMC-01-02")),
        answers=(Answer(item_code="RMC-01-01", photos=(one, two)), Answer(item_code="RMC-01-02", photos=(one, three))),
    )
    assert expected_photos(record) == (
        ExpectedPhoto(one, "RMC-01-01", "a" * 64),
        ExpectedPhoto(two, "RMC-01-02"),
        ExpectedPhoto(three, "RMC-01-02"),
    )
