"""问题的认定与案件。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from schemas.base import PageQuery
from schemas.console import (
    CasePage,
    CaseShape,
    DecisionShape,
    FilingShape,
    NoticeShape,
    ReasonShape,
    VerdictShape,
    ViolationPage,
    ViolationQuery,
    ViolationShape,
)
from server.domain.bulletin_data import Notice
from server.domain.cases import Decision as PenaltyDecision
from server.domain.permissions import Permission
from server.queries import console
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import cases, violations
from server.services.violations import Decision, Verdict
from server.uow import UnitOfWork

blp = Rooms("console-violations", __name__, url_prefix="/api/v1/console", description="问题与案件")
DECIDE, CASE = Permission.CONSOLE_VIOLATION_DECIDE, Permission.CONSOLE_CASE_DECIDE


def violation_rows(uow: UnitOfWork, rows: Any) -> list[dict[str, Any]]:
    photos = console.photos_of_violations(uow.session, rows)
    known = console.case_ids(uow.session, [v.case_id for v in rows])
    return [
        {
            "uuid": v.uuid,
            "check": v.check.uuid,
            "subject": v.subject.uuid,
            "subject_name": v.subject.name,
            "region_code": v.region_code,
            "item": v.item_code,
            "section": v.section_code,
            "severity": v.severity,
            "found_severity": v.found_severity,
            "liable": v.liable,
            "clause": v.clause,
            "finding": v.finding,
            "state": v.state,
            "reason": v.reason,
            "found_at": v.found_at,
            "decided_at": v.decided_at,
            "case": known.get(v.case_id),
            "photos": photos.get((v.check_id, v.item_code), []),
        }
        for v in rows
    ]


@blp.route("/violations", methods=["GET"])
@endpoint(Permission.CONSOLE_VIOLATION_READ, door="console")
@blp.arguments(ViolationQuery, location="query")
@blp.response(200, ViolationPage)
def list_violations(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """问题列表，可按状态、程度、检查筛选。"""
    found = console.violations(uow.session, uow.scope, **query)
    return {"items": violation_rows(uow, found.items), "next": found.next}


@blp.route("/violations/<uuid:violation>", methods=["GET"])
@endpoint(Permission.CONSOLE_VIOLATION_READ, door="console", refuses=(404,))
@blp.response(200, ViolationShape)
def show_violation(violation: UUID, uow: UnitOfWork) -> Any:
    """一条问题：条款快照、判定、照片。"""
    return violation_rows(uow, [violations.find_violation(uow, violation)])[0]


@blp.route("/violations/<uuid:violation>/decision", methods=["POST"])
@endpoint(DECIDE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(VerdictShape)
@blp.response(200, ViolationShape)
def decide_violation(body: dict[str, Any], violation: UUID, uow: UnitOfWork) -> Any:
    """确认、降级确认、驳回或撤回。"""
    verdict = Verdict(Decision(body["decision"]), body["severity"], body["reason"])
    return violation_rows(uow, [violations.decide_violation(uow, violation, verdict)])[0]


def case_rows(uow: UnitOfWork, rows: Any) -> list[dict[str, Any]]:
    held = console.violations_of_cases(uow.session, [c.id for c in rows])
    return [
        {
            "uuid": c.uuid,
            "check": c.check.uuid,
            "subject": c.subject.uuid,
            "subject_name": c.subject.name,
            "region_code": c.region_code,
            "state": c.state,
            "filed_on": c.filed_on,
            "filing_no": c.filing_no,
            "decision": c.decision,
            "notices": c.notices,
            "change_note": c.change_note,
            "violations": held.get(c.id, []),
        }
        for c in rows
    ]


@blp.route("/cases", methods=["GET"])
@endpoint(Permission.CONSOLE_CASE_READ, door="console")
@blp.arguments(PageQuery, location="query")
@blp.response(200, CasePage)
def list_cases(query: dict[str, Any], uow: UnitOfWork) -> Any:
    """案件列表。"""
    found = console.cases(uow.session, uow.scope, **query)
    return {"items": case_rows(uow, found.items), "next": found.next}


@blp.route("/cases/<uuid:case>", methods=["GET"])
@endpoint(Permission.CONSOLE_CASE_READ, door="console", refuses=(404,))
@blp.response(200, CaseShape)
def show_case(case: UUID, uow: UnitOfWork) -> Any:
    """一宗案件。"""
    return case_rows(uow, [cases.find_case(uow, case)])[0]


@blp.route("/cases/<uuid:case>/notices", methods=["POST"])
@endpoint(CASE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(NoticeShape)
@blp.response(201, CaseShape)
def issue_notice(body: Notice, case: UUID, uow: UnitOfWork) -> Any:
    """登记下发的文书（责令改正、停工等）。"""
    return case_rows(uow, [cases.issue_notice(uow, case, body)])[0]


@blp.route("/cases/<uuid:case>/filing", methods=["PUT"])
@endpoint(CASE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(FilingShape)
@blp.response(200, CaseShape)
def file_case(body: dict[str, Any], case: UUID, uow: UnitOfWork) -> Any:
    """立案。"""
    return case_rows(uow, [cases.file_case(uow, case, **body)])[0]


@blp.route("/cases/<uuid:case>/decision", methods=["PUT"])
@endpoint(CASE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(DecisionShape)
@blp.response(200, CaseShape)
def decide_case(body: PenaltyDecision, case: UUID, uow: UnitOfWork) -> Any:
    """登记处罚决定。"""
    return case_rows(uow, [cases.decide_case(uow, case, body)])[0]


@blp.route("/cases/<uuid:case>/drop", methods=["PUT"])
@endpoint(CASE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(ReasonShape)
@blp.response(200, CaseShape)
def drop_case(body: dict[str, str], case: UUID, uow: UnitOfWork) -> Any:
    """撤案，写明理由。"""
    return case_rows(uow, [cases.drop_case(uow, case, body["reason"])])[0]


@blp.route("/cases/<uuid:case>/change", methods=["PUT"])
@endpoint(CASE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(ReasonShape)
@blp.response(200, CaseShape)
def change_case(body: dict[str, str], case: UUID, uow: UnitOfWork) -> Any:
    """登记复议或诉讼变更。"""
    return case_rows(uow, [cases.change_case(uow, case, body["reason"])])[0]
