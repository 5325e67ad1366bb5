"""The facts of a case as its bulletin froze them."""

from sqlalchemy import select

from server.models.bulletins import Bulletin, BulletinViolation
from server.models.violations import Case, Violation
from server.publishing.facts import gather_case_facts
from server.uow import UnitOfWork
from tests.factories.published import Season, named


def test_only_what_the_bulletin_froze_is_told(uow: UnitOfWork, season: Season) -> None:
    bulletin = uow.session.scalars(select(Bulletin).where(Bulletin.uuid == season.bulletin)).one()
    case = uow.session.scalars(select(Case).where(Case.uuid == named("case 0"))).one()
    facts = gather_case_facts(uow, case, bulletin.id)
    frozen = select(Violation.item_code).join(BulletinViolation, BulletinViolation.violation_id == Violation.id)
    items = list(uow.session.scalars(frozen.where(Violation.check_id == case.check_id).order_by(Violation.item_code)))
    assert [fact.item_code for fact in facts.facts] == items
    assert all(fact.evidence == () for fact in facts.facts)
    for kept in uow.session.scalars(select(BulletinViolation)):
        uow.session.delete(kept)
    uow.session.flush()
    assert gather_case_facts(uow, case, bulletin.id).facts == ()
