"""名录库的查询。"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.domain.permissions import Scope
from server.models.regions import ROOT, Region
from server.models.subjects import Officer, Organisation, Subject
from server.models.users import User, UserGrant
from server.queries.pages import Page, contains, page
from server.queries.scope import in_scope


def organisations(session: Session, scope: Scope, after: int, limit: int, q: str) -> Page[Organisation]:
    rows = select(Organisation).where(in_scope(Organisation.region_code, scope))
    if q:
        rows = rows.where(or_(contains(Organisation.name, q), Organisation.credit_code == q.upper()))
    return page(session, rows, Organisation.id, after, limit)


def subjects(session: Session, scope: Scope, after: int, limit: int, q: str) -> Page[Subject]:
    rows = select(Subject).where(in_scope(Subject.region_code, scope))
    if q:
        rows = rows.where(or_(contains(Subject.name, q), Subject.code == q))
    return page(session, rows, Subject.id, after, limit)


def officers(session: Session, scope: Scope, after: int, limit: int, q: str) -> Page[Officer]:
    rows = select(Officer).where(in_scope(Officer.region_code, scope))
    if q:
        rows = rows.where(or_(contains(Officer.name, q), Officer.certificate_no == q))
    return page(session, rows, Officer.id, after, limit)


def users(session: Session, scope: Scope, after: int, limit: int, q: str) -> Page[User]:
    """People with at least one role inside the scope; the country also sees those without a role."""
    inside = select(UserGrant.user_id).where(in_scope(UserGrant.region_code, scope))
    rows = select(User) if ROOT in scope.regions else select(User).where(User.id.in_(inside))
    if q:
        rows = rows.where(or_(contains(User.name, q), contains(User.login, q)))
    return page(session, rows, User.id, after, limit)


def regions_under(session: Session, parent: str | None) -> Sequence[Region]:
    """Direct children of `parent`, or every region when it is None."""
    rows = select(Region).order_by(Region.code)
    return session.scalars(rows if parent is None else rows.where(Region.parent_code == parent)).all()
