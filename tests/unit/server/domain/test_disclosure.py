"""Disclosure: two keys, the legal clock, correction, withdrawal, expiry."""

from datetime import UTC, date, datetime

import pytest

from server.domain.calendar_data import NOTICES, seed_rows
from server.domain.disclosure import (
    Disclosure,
    DisclosureState,
    Display,
    Duty,
    Gravity,
    add_months,
    approve_disclosure,
    correct_disclosure,
    display_span,
    due_on,
    expire_disclosure,
    publish_disclosure,
    withdraw_disclosure,
)
from server.domain.errors import Conflict, Invalid, Refused
from server.domain.workdays import build_calendar

AT = datetime(2026, 10, 12, 2, tzinfo=UTC)
SHA = "a" * 64
DISPLAY = display_span(Gravity.GENERAL, date(2026, 9, 15))
CALENDAR = build_calendar(seed_rows(), [notice.year for notice in NOTICES])


def approved() -> Disclosure:
    once = approve_disclosure(Disclosure("d", "chen", SHA), by="fang", content_sha256=SHA)
    return approve_disclosure(once, by="li", content_sha256=SHA)


def published() -> Disclosure:
    return publish_disclosure(approved(), at=AT, display=DISPLAY)


def test_two_keys_neither_the_proposers() -> None:
    proposed = Disclosure("d", "chen", SHA)
    with pytest.raises(Refused) as caught:
        approve_disclosure(proposed, by="chen", content_sha256=SHA)
    assert caught.value.code == "approver-is-proposer"
    once = approve_disclosure(proposed, by="fang", content_sha256=SHA)
    with pytest.raises(Conflict) as conflict:
        approve_disclosure(once, by="fang", content_sha256=SHA)
    assert conflict.value.code == "already-approved-by-you"
    with pytest.raises(Refused) as refused:
        publish_disclosure(once, at=AT, display=DISPLAY)
    assert refused.value.code == "disclosure-needs-two-keys"
    assert published().state is DisclosureState.PUBLISHED


def test_changed_content_needs_new_keys() -> None:
    with pytest.raises(Conflict) as caught:
        approve_disclosure(Disclosure("d", "chen", SHA), by="fang", content_sha256="b" * 64)
    assert caught.value.code == "disclosure-changed"


def test_ends() -> None:
    corrected = correct_disclosure(published(), at=AT, reason="单位名称有误", replaced_by="d2")
    withdrawn = withdraw_disclosure(published(), at=AT, reason="处罚决定被撤销")
    assert (corrected.state, corrected.replaced_by) == (DisclosureState.CORRECTED, "d2")
    assert (withdrawn.state, withdrawn.reason) == (DisclosureState.WITHDRAWN, "处罚决定被撤销")
    with pytest.raises(Invalid):
        withdraw_disclosure(published(), at=AT, reason="有误")
    with pytest.raises(Conflict) as caught:
        withdraw_disclosure(withdrawn, at=AT, reason="处罚决定被撤销")
    assert caught.value.code == "disclosure-state-forbids"


def test_expiry_waits_for_the_last_day() -> None:
    with pytest.raises(Conflict) as caught:
        expire_disclosure(published(), at=AT, on=date(2027, 9, 15))
    assert caught.value.code == "display-not-over"
    assert expire_disclosure(published(), at=AT, on=date(2027, 9, 16)).state is DisclosureState.EXPIRED


def test_legal_terms() -> None:
    event = date(2026, 9, 14)
    assert due_on(Duty.CHECK_RESULT, event, CALENDAR).on == date(2026, 10, 16)
    assert due_on(Duty.PENALTY, event, CALENDAR).on == date(2026, 9, 22)
    assert due_on(Duty.WITHDRAWAL, event, CALENDAR).on == date(2026, 9, 17)


@pytest.mark.parametrize(
    ("gravity", "repair", "until"),
    [
        (Gravity.SLIGHT, date(2026, 11, 30), date(2027, 2, 28)),
        (Gravity.GENERAL, date(2027, 2, 28), date(2027, 11, 30)),
        (Gravity.SERIOUS, date(2027, 11, 30), date(2029, 11, 30)),
    ],
)
def test_display_spans(gravity: Gravity, repair: date, until: date) -> None:
    assert display_span(gravity, date(2026, 11, 30)) == Display(date(2026, 11, 30), repair, until)


def test_months_end_where_the_month_ends() -> None:
    assert add_months(date(2027, 11, 30), 3) == date(2028, 2, 29)
    assert add_months(date(2026, 12, 31), 0) == date(2026, 12, 31)


def test_a_reversed_display_is_refused() -> None:
    wrong = Display(date(2026, 9, 15), date(2026, 9, 15), date(2026, 9, 14))
    with pytest.raises(Invalid) as caught:
        publish_disclosure(approved(), at=AT, display=wrong)
    assert caught.value.code == "display-reversed"
