"""手机与服务器对账：拉资料包、交信封、先报摘要、报心跳、取回执。"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog
from flask import Response, jsonify
from marshmallow import Schema

from schemas.assignments import PullQuery
from schemas.checks import MAX_ANSWERS, MAX_PHOTOS, CheckRecordShape
from schemas.merging import MergeSignatureShape, PartShape, ReplyShape
from schemas.packages import PackageShape
from schemas.receipts import ReceiptListShape, ReceiptsQuery, SignedReceiptShape
from schemas.sync import (
    MOST_ANNOUNCEMENTS,
    MOST_ENVELOPES,
    AnnouncementsShape,
    AnnouncementStampsShape,
    EnvelopeAnswersShape,
    EnvelopeReportShape,
    EnvelopeShape,
    EnvelopesShape,
    HeartbeatReplyShape,
    HeartbeatShape,
)
from server.domain.checks import CheckRecord
from server.domain.errors import Conflict
from server.domain.merging import Part
from server.domain.permissions import Permission
from server.domain.sync import Beat
from server.routes import problems
from server.routes.blueprint import Rooms
from server.routes.endpoint import Caller, endpoint, settle_races, streaming
from server.routes.streams import unchanged
from server.services import announcements, envelopes, heartbeats, packages, receipts
from server.services.checks import digest_of
from server.services.envelopes import Command, TaskReport
from server.services.packages import HEARTBEAT_S
from server.services.questions import MergeSignature, Reply
from server.uow import UnitOfWork

blp = Rooms("field-sync", __name__, url_prefix="/api/v1/field", description="对账")
MOVING = ("now", "next", "stamp")
log = structlog.get_logger(room="sync")


# ------------------------------------------------------------------------------------------------ package


@blp.route("/sync/package", methods=["GET"])
@endpoint(Permission.FIELD_ASSIGNMENT_READ, door="field")
@blp.arguments(PullQuery, location="query")
@blp.response(200, PackageShape)
@blp.alt_response(304, description="与 If-None-Match 所说的相同", success=True)
def pull_package(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """带到现场的全部：任务、检查单、同伴、疑问、上限、公钥；钟、游标和时间戳不算变动。"""
    told = packages.package(uow, query["after"], query["limit"])
    uploads = uow.settings.uploads
    limits = {
        "max_photo_bytes": uploads.max_photo_bytes,
        "max_body_bytes": uploads.max_json_bytes,
        "max_envelopes": MOST_ENVELOPES,
        "max_announcements": MOST_ANNOUNCEMENTS,
        "max_answers": MAX_ANSWERS,
        "max_photos": MAX_PHOTOS,
        "heartbeat_s": HEARTBEAT_S,
    }
    body = PackageShape().dump({**told, "limits": limits})
    token = sha256(jsonify({k: v for k, v in body.items() if k not in MOVING}).get_data()).hexdigest()[:32]
    reply: Response = jsonify(body)
    reply.set_etag(token, weak=True)
    reply.headers["Cache-Control"] = "private, no-cache"
    return unchanged(token) or reply


# ------------------------------------------------------------------------------------------------ envelopes


@blp.route("/sync/envelopes", methods=["POST"])
@streaming(Permission.FIELD_CHECK_SUBMIT, door="field")
@blp.arguments(EnvelopesShape)
@blp.response(200, EnvelopeAnswersShape)
def post_envelopes(body: dict[str, Any], caller: Caller) -> Any:
    """交一批信封：各自提交、各自回答，一个不收不连累别的；收下的附签名回执。"""
    answers = [_answer(caller, envelope, body["sent_at"]) for envelope in body["envelopes"]]
    return {"now": caller.now(), "answers": answers}


def _answer(caller: Caller, envelope: Any, sent_at: datetime | None) -> dict[str, Any]:
    """The answer to one envelope; whatever goes wrong with it stays with it."""
    name = envelope.get("id") if isinstance(envelope, dict) else None
    told: dict[str, Any] = {"id": name[:80] if isinstance(name, str) else None}
    try:
        receipt = _take(caller, envelope, sent_at)
    except Exception as error:
        problem = problems.from_any(error)
        return told | {"status": problem.status, "code": problem.code, "problem": problem.body()}
    return told | {"status": 200, "receipt": receipt}


def _take(caller: Caller, envelope: Any, sent_at: datetime | None) -> Any:
    read = EnvelopeShape().load(envelope)
    envelopes.check_digest(read["body"], read["digest"])
    shape, make = READERS[read["kind"]]
    with problems.inside("/body"):
        command = make(read["id"], read["body"], shape().load(read["body"]))
    permission = envelopes.permission_for(command)

    def once() -> Any:
        with caller.unit(permission) as uow:
            return envelopes.take(uow, command, sent_at)

    def aside() -> None:
        with caller.unit(permission) as uow:
            envelopes.keep_other(uow, command)

    try:
        return settle_races(once)
    except Conflict:
        settle_races(aside)
        raise


def _check(uuid: UUID, raw: dict[str, Any], read: Any) -> Command:
    return CheckRecord(uuid=uuid, raw=raw, **read)


def _part(uuid: UUID, raw: dict[str, Any], read: Any) -> Command:
    return Part(uuid=uuid, raw=raw, **read)


def _report(uuid: UUID, raw: dict[str, Any], read: Any) -> Command:
    return TaskReport(uuid, read["assignment"], read["report"], digest_of(raw))


def _reply(uuid: UUID, raw: dict[str, Any], read: Any) -> Command:
    return Reply(uuid, read["question"], read["answer"], raw)


def _signature(uuid: UUID, raw: dict[str, Any], read: Any) -> Command:
    return MergeSignature(uuid=uuid, raw=raw, **read)


READERS: dict[str, tuple[type[Schema], Callable[[UUID, dict[str, Any], Any], Command]]] = {
    "check": (CheckRecordShape, _check),
    "part": (PartShape, _part),
    "report": (EnvelopeReportShape, _report),
    "question_answer": (ReplyShape, _reply),
    "signature": (MergeSignatureShape, _signature),
}


# ------------------------------------------------------------------------------------------------ small messages


@blp.route("/sync/announcements", methods=["POST"])
@endpoint(Permission.FIELD_CHECK_SUBMIT, door="field", writes=True)
@blp.arguments(AnnouncementsShape)
@blp.response(200, AnnouncementStampsShape)
def post_announcements(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """先报摘要：服务器盖上到达时间；再报一次得第一次的时间，另一个摘要另记一行。"""
    return {"now": uow.now, "stamps": announcements.announce(uow, body["announcements"])}


@blp.route("/sync/heartbeats", methods=["POST"])
@endpoint(Permission.FIELD_DEVICE_OWN, door="field", writes=True)
@blp.arguments(HeartbeatShape)
@blp.response(200, HeartbeatReplyShape)
def post_heartbeat(body: Beat, uow: UnitOfWork) -> Any:
    """报手机上还有什么没交；回答里列出问到的检查中已收齐的。"""
    return {"now": uow.now, "complete": heartbeats.beat(uow, body)}


# ------------------------------------------------------------------------------------------------ receipts


@blp.route("/checks/<uuid:check>/receipt", methods=["GET"])
@endpoint(Permission.FIELD_CHECK_READ, door="field", refuses=(404,))
@blp.response(200, SignedReceiptShape)
def show_signed_receipt(check: UUID, uow: UnitOfWork) -> Any:
    """签名的回执：服务器现在持有这次检查的什么；手机只删回执上写明的。"""
    return receipts.receipt_of(uow, check)


@blp.route("/sync/receipts", methods=["GET"])
@endpoint(Permission.FIELD_CHECK_READ, door="field")
@blp.arguments(ReceiptsQuery, location="query")
@blp.response(200, ReceiptListShape)
def list_receipts(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """几次检查的回执，一次取齐。"""
    return _receipts(uow, query["check"])


@blp.route("/sync/receipts", methods=["POST"])
@endpoint(Permission.FIELD_CHECK_READ, door="field", writes=True)
@blp.arguments(ReceiptsQuery)
@blp.response(200, ReceiptListShape)
def ask_receipts(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """几次检查的回执，编号放在正文里（网址太长时用）。"""
    return _receipts(uow, body["check"])


def _receipts(uow: UnitOfWork, checks: list[UUID]) -> dict[str, Any]:
    found = receipts.receipts_of(uow, checks)
    known = {receipt.check for receipt in found}
    return {"now": uow.now, "receipts": found, "absent": [c for c in dict.fromkeys(checks) if c not in known]}
