"""发布时取案件事实：与起草时同一套规则，取自通报冻结的问题。"""

from __future__ import annotations

from sqlalchemy import select

from server.domain.bulletin_data import CaseFacts
from server.models.bulletins import BulletinViolation
from server.models.violations import Case, Violation
from server.queries.case_facts import case_facts
from server.uow import UnitOfWork


def gather_case_facts(uow: UnitOfWork, case: Case, bulletin_id: int) -> CaseFacts:
    held = (
        select(Violation)
        .join(BulletinViolation, BulletinViolation.violation_id == Violation.id)
        .where(BulletinViolation.bulletin_id == bulletin_id, Violation.check_id == case.check_id)
        .order_by(Violation.item_code)
    )
    violations = list(uow.session.scalars(held))
    return case_facts(case, violations, {}, case.check.checklist_version.code)
