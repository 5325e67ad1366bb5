"""检查与证据：科室负责人看到的。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, send_file
from marshmallow import fields

from schemas.base import PageQuery
from schemas.checks import CheckPage, CheckShape
from schemas.photos import EvidencePage, EvidenceShape
from server.domain.custody import first_break
from server.domain.permissions import Permission
from server.queries import console
from server.queries.custody import ledger
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint, house
from server.routes.receipts import slot_rows
from server.services import checks, evidence
from server.uow import UnitOfWork

blp = Rooms("console-checks", __name__, url_prefix="/api/v1/console", description="检查与证据")


class EvidenceQuery(PageQuery):
    """筛选照片。"""

    check = fields.UUID(load_default=None, metadata={"description": "属于哪次检查"})
    unmatched = fields.Boolean(load_default=False, metadata={"description": "只看没有检查认领的"})


def check_briefs(uow: UnitOfWork, rows: Any) -> list[dict[str, Any]]:
    ids = [c.id for c in rows]
    slots, failing = console.slot_counts(uow.session, ids), console.failing_counts(uow.session, ids)
    return [
        {
            "uuid": c.uuid,
            "subject": c.subject.uuid,
            "subject_name": c.subject.name,
            "checklist": c.checklist_version.code,
            "version": c.checklist_version.version,
            "region_code": c.region_code,
            "state": c.state,
            "attitude": c.attitude,
            "ended_at": c.ended_at,
            "received_at": c.received_at,
            "slots": slots.get(c.id, (0, 0))[0],
            "verified": slots.get(c.id, (0, 0))[1],
            "failing": failing.get(c.id, 0),
        }
        for c in rows
    ]


@blp.route("/checks", methods=["GET"])
@endpoint(Permission.CONSOLE_CHECK_READ, door="console")
@blp.arguments(PageQuery, location="query")
@blp.response(200, CheckPage)
def list_checks(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """检查列表。"""
    found = console.checks(uow.session, uow.scope, **query)
    return {"items": check_briefs(uow, found.items), "next": found.next}


@blp.route("/checks/<uuid:check>", methods=["GET"])
@endpoint(Permission.CONSOLE_CHECK_READ, door="console", refuses=(404,))
@blp.response(200, CheckShape)
def show_check(check: UUID, uow: UnitOfWork) -> Any:
    """一次检查的全部：原样记录、逐项结论、照片、补记。"""
    row = checks.find_check(uow, check)
    findings = [
        {
            "item": a.item_code,
            "section": a.section_code,
            "outcome": a.outcome,
            "stated": a.stated,
            "severity": a.severity,
            "value": None if a.value is None else f"{a.value.normalize():f}",
            "finding": a.finding,
        }
        for a in console.answers_of(uow.session, row.id)
    ]
    notes = [{"kind": n.kind, "at": n.at.isoformat(), "body": n.body} for n in console.notes_of(uow.session, row.id)]
    return check_briefs(uow, [row])[0] | {
        "digest_sha256": row.digest_sha256,
        "record": row.record,
        "clock_offset_s": row.clock_offset_s,
        "findings": findings,
        "photo_slots": slot_rows(row),
        "notes": notes,
    }


def evidence_briefs(uow: UnitOfWork, rows: Any) -> list[dict[str, Any]]:
    ids = [e.id for e in rows]
    slots, reuse = console.slots_of(uow.session, ids), console.reuse_flags(uow.session, ids)
    return [
        {
            "uuid": e.uuid,
            "sha256": e.sha256,
            "size": e.size,
            "received_at": e.received_at,
            "state": e.state,
            "reason": e.reason,
            "file_name": e.file_name,
            "check": slots[e.id][0] if e.id in slots else e.check_uuid,
            "item": slots[e.id][1] if e.id in slots else e.item_code,
            "matched": e.id in slots,
            "captured_at": e.captured_at,
            "longitude": e.place.longitude if e.place else None,
            "latitude": e.place.latitude if e.place else None,
            "flags": [*(e.flags or []), *reuse.get(e.id, [])],
            "agreement": e.agreement,
        }
        for e in rows
    ]


@blp.route("/evidence", methods=["GET"])
@endpoint(Permission.CONSOLE_EVIDENCE_READ, door="console")
@blp.arguments(EvidenceQuery, location="query")
@blp.response(200, EvidencePage)
def list_evidence(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """照片列表；`unmatched=true` 只看没有检查认领的。"""
    query.pop("q")
    found = console.evidence(uow.session, uow.scope, **query)
    return {"items": evidence_briefs(uow, found.items), "next": found.next}


@blp.route("/evidence/<uuid:photo>", methods=["GET"])
@endpoint(Permission.CONSOLE_EVIDENCE_READ, door="console", refuses=(404,))
@blp.response(200, EvidenceShape)
def show_evidence(photo: UUID, uow: UnitOfWork) -> Any:
    """一张照片：手机的说法、读数、提示、保管链。"""
    row = evidence.find_evidence(uow, photo)
    entries = ledger(uow.session, row.id)
    return evidence_briefs(uow, [row])[0] | {
        "media_type": row.media_type,
        "announced": row.announced,
        "facts": row.facts,
        "custody": entries,
        "custody_whole": first_break(entries) is None,
    }


PICTURE = {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}, "description": "图像"}


@blp.route("/evidence/<uuid:photo>/original", methods=["GET"])
@endpoint(Permission.CONSOLE_EVIDENCE_READ, door="console", writes=True, refuses=(404,))
@blp.doc(
    responses={
        200: PICTURE | {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
    }
)
def show_original(photo: UUID, uow: UnitOfWork) -> Response:
    """下载原件；每看一次，保管链记一笔。"""
    row = evidence.find_evidence(uow, photo)
    evidence.view_evidence(uow, row, "original")
    file = house().storage.open(row.sha256)
    return send_file(file, mimetype="application/octet-stream", as_attachment=True, download_name=f"{row.sha256}.bin")


@blp.route("/evidence/<uuid:photo>/preview-<any(large,small):size>", methods=["GET"])
@endpoint(Permission.CONSOLE_EVIDENCE_READ, door="console", refuses=(404,))
@blp.doc(responses={200: PICTURE})
def show_preview(photo: UUID, size: str, uow: UnitOfWork) -> Response:
    """看预览：large 1600 像素，small 320 像素，正立、无元数据。"""
    row = evidence.find_evidence(uow, photo)
    return send_file(house().storage.open_derived(row.sha256, size), mimetype="image/jpeg", max_age=86_400)
