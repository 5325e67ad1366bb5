"""信封：每个信封一个工作单元、一个回答；收下的附上签名的回执，冲突的两份都留下。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from server.domain.assignments import Report
from server.domain.checks import CheckRecord
from server.domain.errors import Invalid, Missing
from server.domain.merging import Part
from server.domain.permissions import Permission
from server.domain.receipts import Signed
from server.services import assignment_steps, checks, parts, questions
from server.services.checks import digest_of
from server.services.questions import MergeSignature, Reply
from server.services.receipts import receipt_of
from server.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class TaskReport:
    """任务上报来的一步，装在信封里。"""

    uuid: UUID
    assignment: UUID
    report: Report
    sha256: str


Command = CheckRecord | Part | TaskReport | Reply | MergeSignature


def permission_for(command: Command) -> Permission:
    """What the sender must be allowed to do."""
    return Permission.FIELD_ASSIGNMENT_REPORT if isinstance(command, TaskReport) else Permission.FIELD_CHECK_SUBMIT


def check_digest(body: dict[str, Any], announced: str) -> None:
    """Raise Invalid `digest-mismatch` when the body is not the one the phone sealed."""
    found = digest_of(body)
    if found != announced:
        raise Invalid(
            "digest-mismatch",
            "收到的内容与手机给出的摘要不符，可能在路上被截断，请重传。",
            facts={"announced": announced, "received": found},
        )


def take(uow: UnitOfWork, command: Command, sent_at: datetime | None) -> Signed:
    """Do what one envelope asks for; the same envelope again changes nothing and gives the same answer.

    Returns the receipt of the check it belongs to, or of the report itself. Raises what the use case raises.
    """
    match command:
        case CheckRecord():
            check = checks.submit_check(uow, command, sent_at).check.uuid
        case Part():
            check = parts.keep_part(uow, command).check_uuid
        case Reply():
            check = questions.keep_reply(uow, command)
        case MergeSignature():
            check = questions.sign_merge(uow, command)
        case TaskReport():
            assignment_steps.report(uow, command.assignment, command.uuid, command.report, command.sha256)
            check = command.uuid
    return receipt_of(uow, check)


def keep_other(uow: UnitOfWork, command: Command) -> None:
    """After a conflict: keep the other content beside the one that came first, where there is a place for it."""
    match command:
        case CheckRecord():
            checks.keep_differing(uow, command)
        case Part():
            parts.keep_differing_part(uow, command)
        case Reply():
            try:
                questions.keep_differing_reply(uow, command)
            except Missing:
                return  # the id belongs to somebody else's question: nothing of this check to keep it by
        case _:
            return
