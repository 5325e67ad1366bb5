"""From a finding to a confirmed, lowered, rejected or withdrawn violation."""

from datetime import UTC, datetime

import pytest

from server.domain.errors import Conflict, Invalid, ZhijianError
from server.domain.violations import (
    Severity,
    Violation,
    ViolationState,
    confirm_violation,
    count_findings,
    freeze_violation,
    lower_violation,
    reject_violation,
    withdraw_violation,
)

AT = datetime(2026, 9, 4, 2, 0, tzinfo=UTC)


def finding(identity: str = "v1", subject: str = "s1", item: str = "RMC-02-01") -> Violation:
    return Violation(identity, subject, item, Severity.MAJOR, Severity.MAJOR)


def test_confirming_keeps_or_raises_the_severity() -> None:
    kept = confirm_violation(finding(), by="chen", at=AT)
    raised = confirm_violation(finding(), by="chen", at=AT, severity=Severity.CRITICAL)
    assert (kept.state, kept.severity) == (ViolationState.CONFIRMED, Severity.MAJOR)
    assert raised.severity is Severity.CRITICAL
    assert raised.found_severity is Severity.MAJOR
    assert raised.judgements[0].by == "chen"


def test_lowering_needs_a_reason_and_a_lower_severity() -> None:
    lowered = lower_violation(finding(), by="chen", at=AT, severity=Severity.MINOR, reason=" 已当场改正，影响轻微 ")
    assert lowered.state is ViolationState.LOWERED
    assert lowered.judgements[0].reason == "已当场改正，影响轻微"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda v: confirm_violation(v, by="c", at=AT, severity=Severity.MINOR), "severity-needs-lowering"),
        (
            lambda v: lower_violation(v, by="c", at=AT, severity=Severity.MAJOR, reason="理由写在这里"),
            "severity-not-lower",
        ),
        (
            lambda v: lower_violation(v, by="c", at=AT, severity=Severity.MINOR, reason=" 轻微  "),
            "reason-too-short",
        ),
        (lambda v: reject_violation(v, by="c", at=AT, reason="不属实"), "reason-too-short"),
        (
            lambda v: withdraw_violation(v, by="c", at=AT, reason="认定有误需要撤回"),
            "violation-not-confirmed",
        ),
        (lambda v: freeze_violation(v, "b1"), "violation-not-confirmed"),
    ],
)
def test_refusals_carry_their_code(act: object, code: str) -> None:
    with pytest.raises(ZhijianError) as caught:
        act(finding())  # type: ignore[operator]
    assert caught.value.code == code


def test_a_decision_is_made_once() -> None:
    rejected = reject_violation(finding(), by="chen", at=AT, reason="照片与条目不对应")
    assert not rejected.counts
    with pytest.raises(Conflict) as caught:
        confirm_violation(rejected, by="li", at=AT)
    assert caught.value.code == "violation-already-decided"


def test_withdrawal_is_open_until_a_bulletin_froze_it() -> None:
    confirmed = confirm_violation(finding(), by="chen", at=AT)
    withdrawn = withdraw_violation(confirmed, by="li", at=AT, reason="复核认定有误")
    assert withdrawn.state is ViolationState.WITHDRAWN
    assert len(withdrawn.judgements) == 2
    frozen = freeze_violation(freeze_violation(confirmed, "b1"), "b1")
    assert frozen.frozen_in == ("b1",)
    with pytest.raises(Conflict) as caught:
        withdraw_violation(frozen, by="li", at=AT, reason="复核认定有误")
    assert caught.value.code == "violation-frozen"


def test_a_short_withdrawal_reason_is_refused() -> None:
    confirmed = confirm_violation(finding(), by="chen", at=AT)
    with pytest.raises(Invalid):
        withdraw_violation(confirmed, by="li", at=AT, reason="错了")


def test_the_same_item_on_the_same_subject_counts_once() -> None:
    found = [finding("v1"), finding("v2"), finding("v3", item="RMC-02-02"), finding("v4", subject="s2")]
    confirmed = [confirm_violation(violation, by="chen", at=AT) for violation in found]
    assert count_findings([*confirmed, finding("v5", subject="s3")]) == 3
