"""名录库的查询：按词、按条件找，按登记先后、编号或名称排。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from server.domain.identifiers import normalise_code
from server.domain.permissions import Scope
from server.models.matters import Matter
from server.models.regions import ROOT, Region
from server.models.subjects import Officer, Organisation, Subject, SubjectParty
from server.models.users import User, UserGrant
from server.queries.pages import Page, contains, page
from server.queries.scope import in_scope, in_subtree

SORTS = ("registered", "-registered", "code", "name")


def _sorted_page(
    session: Session, rows: Select[tuple[Any]], table: type[Any], sort: str, after: int, limit: int
) -> Page[Any]:
    """A page in the wanted order; the cursor is the number of the last row, and the next page begins behind that row."""
    key = table.id
    if sort == "registered":
        return page(session, rows, key, after, limit)
    if sort == "-registered":
        ordered = (rows.where(key < after) if after else rows).order_by(key.desc())
    else:
        by = getattr(table, sort)
        last = session.scalar(select(by).where(key == after)) if after else None
        behind = or_(by > last, and_(by == last, key > after)) if last is not None else key > after
        ordered = rows.where(behind).order_by(by, key)
    found = session.scalars(ordered.limit(limit + 1)).unique().all()
    return Page(found[:limit], found[limit - 1].id if len(found) > limit else None)


def _narrowed(rows: Select[tuple[Any]], table: type[Any], wanted: dict[str, Any]) -> Select[tuple[Any]]:
    """Filters that name a column; `region` means its subtree, `retired` whether the record has left the register."""
    for name, value in wanted.items():
        if value is None or value == "":
            continue
        if name == "region":
            rows = rows.where(in_subtree(table.region_code, value))
        elif name == "retired":
            rows = rows.where(table.retired_at.is_not(None) if value else table.retired_at.is_(None))
        else:
            rows = rows.where(getattr(table, name) == value)
    return rows


def _firms(q: str) -> Select[tuple[int]]:
    """Numbers of the organisations of this name or credit code."""
    return select(Organisation.id).where(
        or_(contains(Organisation.name, q), Organisation.credit_code == normalise_code(q))
    )


def organisations(
    session: Session, scope: Scope, after: int, limit: int, q: str, sort: str = "registered", **wanted: Any
) -> Page[Organisation]:
    rows = _narrowed(select(Organisation).where(in_scope(Organisation.region_code, scope)), Organisation, wanted)
    if q:
        rows = rows.where(or_(contains(Organisation.name, q), Organisation.credit_code == normalise_code(q)))
    return _sorted_page(session, rows, Organisation, "name" if sort == "code" else sort, after, limit)


def subjects(
    session: Session, scope: Scope, after: int, limit: int, q: str, sort: str = "registered", **wanted: Any
) -> Page[Subject]:
    """Subjects by word (name, code, permit, and name or credit code of the owner or a party) and by
    frame, kind, status, risk_class, region, retired.
    """
    rows = _narrowed(select(Subject).where(in_scope(Subject.region_code, scope)), Subject, wanted)
    if q:
        rows = rows.where(_spoken_of(q))
    return _sorted_page(session, rows, Subject, sort, after, limit)


def _spoken_of(q: str) -> ColumnElement[bool]:
    party_of = select(SubjectParty.subject_id).where(SubjectParty.organisation_id.in_(_firms(q)))
    return or_(
        contains(Subject.name, q),
        contains(Subject.code, q),
        contains(Subject.permit_no, q),
        Subject.organisation_id.in_(_firms(q)),
        Subject.id.in_(party_of),
    )


def officers(
    session: Session, scope: Scope, after: int, limit: int, q: str, sort: str = "registered", **wanted: Any
) -> Page[Officer]:
    """Officers by name, certificate, unit or the name of their organisation, and by region and retired."""
    rows = _narrowed(select(Officer).where(in_scope(Officer.region_code, scope)), Officer, wanted)
    if q:
        mine = Officer.organisation_id.in_(_firms(q))
        rows = rows.where(or_(contains(Officer.name, q), Officer.certificate_no == q, contains(Officer.unit, q), mine))
    return _sorted_page(session, rows, Officer, "name" if sort == "code" else sort, after, limit)


def matters(session: Session, scope: Scope, after: int, limit: int, q: str, **wanted: Any) -> Page[Matter]:
    """Matters of the list by code or name, and by frame, region, retired."""
    rows = _narrowed(select(Matter).where(in_scope(Matter.region_code, scope)), Matter, wanted)
    if q:
        rows = rows.where(or_(contains(Matter.name, q), contains(Matter.code, q)))
    return page(session, rows, Matter.id, after, limit)


def organisations_by_number(session: Session, numbers: Sequence[int]) -> dict[int, Organisation]:
    """Organisations by number."""
    rows = session.scalars(select(Organisation).where(Organisation.id.in_(set(numbers))))
    return {row.id: row for row in rows}


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
