"""Collect 交来的记录 → 检查和照片。"""

from __future__ import annotations

from contextlib import suppress

from marshmallow import ValidationError

from schemas.checks import CheckRecordShape
from server.domain.checks import CheckRecord
from server.domain.errors import FieldError, Invalid, ZhijianError
from server.formats.openrosa import read_xml
from server.formats.xform_record import read_record
from server.services import outbox, submission_checks
from server.services.outbox import Claim
from server.services.submission_checks import Pending
from server.uow import House

SHAPE = CheckRecordShape()


def take_submission(house: House, claim: Claim) -> None:
    """submission.received → 检查；转不成的连同原因留下，不反复重试。"""
    instance_id = claim.payload["submission"]
    with house.unit(writing=False) as uow:
        earlier = submission_checks.owed_before(uow, instance_id)
    for older in earlier:
        with suppress(ZhijianError):  # what an edit mended needs no telling
            _make(house, older)
    try:
        pending, record = _pending(house, instance_id)
        with house.unit(pending.actor, scope=pending.scope) as uow:
            if outbox.finish(uow, claim):
                submission_checks.make_check(uow, pending, record)
    except ZhijianError as refusal:
        with house.unit() as uow:
            if outbox.finish(uow, claim):
                submission_checks.note_problem(uow, instance_id, refusal)


def _pending(house: House, instance_id: str) -> tuple[Pending, CheckRecord]:
    with house.unit(writing=False) as uow:
        pending = submission_checks.read_pending(uow, instance_id)
    return pending, read(pending)


def _make(house: House, instance_id: str) -> None:
    """An earlier version, whose own entry in the outbox will find it done."""
    pending, record = _pending(house, instance_id)
    with house.unit(pending.actor, scope=pending.scope) as uow:
        submission_checks.make_check(uow, pending, record)


def read(pending: Pending) -> CheckRecord:
    """The command that our own door would have made of the same answers; raises Invalid naming the places."""
    root = read_xml(pending.xml, len(pending.xml))
    raw = read_record(root, pending.checklist, pending.frame)
    try:
        return CheckRecord(uuid=pending.check, raw=raw, **SHAPE.load(raw))
    except ValidationError as error:
        places = [FieldError(f"/{name}", str(reason)[:200]) for name, reason in error.normalized_messages().items()]
        raise Invalid("record-unreadable", "记录读出来了，但有几处不合规定。", errors=places) from error
