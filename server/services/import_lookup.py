"""导入时要问名录的事：区划、单位、已有的记录；一批一批地问。

Values are flat: `name`, `details.qualification_no`, `party.client` … with organisations by their public id, so that what a
row wants, what the register has and what a change records all have one shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from server.domain.boundaries import Extent
from server.domain.permissions import Scope
from server.domain.register_columns import RegisterRoom
from server.domain.register_rows import OrganisationRef
from server.formats.region_extents import region_extents
from server.models.regions import Region
from server.models.subjects import Officer, Organisation, Subject, SubjectParty, SubjectPlace
from server.queries.scope import in_scope

NAME_KEY = "name:"
SMALLEST_DEGREES = 1e-9
Values = dict[str, Any]
SUBJECT_COLUMNS = ("name", "frame", "kind", "region_code", "address", "stage", "status", "risk_class", "permit_no")
OFFICER_COLUMNS = ("name", "region_code", "unit", "issuer", "may_lead")
ORGANISATION_COLUMNS = ("name", "kind", "region_code", "legal_representative", "address")


@dataclass(frozen=True, slots=True)
class Current:
    """One record as the register has it now; `record` holds what an update needs beside the values."""

    id: int
    revision: int
    retired: bool
    values: Values
    record: Mapping[str, Any] = field(default_factory=dict)


class Unit(NamedTuple):
    """一家单位，够判断用的。"""

    id: int
    uuid: str
    name: str
    kind: str
    credit_code: str | None
    region_code: str
    retired: bool


class Regions:
    """Every region by code and by name, which of them are the actor's, and where they lie."""

    def __init__(self, session: Session, scope: Scope) -> None:
        rows = session.execute(select(Region.code, Region.name, Region.parent_code))
        self.known: dict[str, tuple[str, str | None]] = {code: (name, parent) for code, name, parent in rows}
        self.mine = set(session.scalars(select(Region.code).where(in_scope(Region.code, scope))))
        self.named: dict[str, list[str]] = {}
        for code, (name, parent) in self.known.items():
            above = self.known[parent][0] if parent in self.known else ""
            for words in (name, above + name):
                self.named.setdefault(words, []).append(code)

    def find(self, words: str) -> list[str]:
        """The codes some words may mean: their own, or those of the regions named so."""
        return [words] if words in self.known else self.named.get(words.replace(" ", ""), [])

    def name(self, code: str) -> str:
        return self.known[code][0]

    def extent(self, code: str | None) -> Extent | None:
        """The region's extent, or the nearest one above; None when nobody has written it down."""
        extents = region_extents()
        while code is not None and code not in extents:
            code = self.known[code][1] if code in self.known else None
        return None if code is None else extents[code]


class Units:
    """The organisations a batch of rows speaks of."""

    def __init__(self, session: Session, wanted: Iterable[OrganisationRef]) -> None:
        refs = list(wanted)
        codes = {r.credit_code for r in refs if r.credit_code}
        names = {r.name for r in refs if r.name and not r.credit_code}
        o = Organisation
        rows = select(o.id, o.uuid, o.name, o.kind, o.credit_code, o.region_code, o.retired_at)
        found: Iterable[Any] = ()
        if refs:
            found = session.execute(rows.where(or_(o.credit_code.in_(codes), o.name.in_(names))))
        units = [
            Unit(r.id, str(r.uuid), r.name, r.kind, r.credit_code, r.region_code, r.retired_at is not None)
            for r in found
        ]
        self.by_code = {u.credit_code: u for u in units if u.credit_code}
        self.by_name: dict[str, list[Unit]] = {}
        for unit in units:
            self.by_name.setdefault(unit.name, []).append(unit)

    def find(self, ref: OrganisationRef) -> list[Unit]:
        """One unit, none, or several of the same name; a retired one only when there is no other."""
        if ref.credit_code:
            return [self.by_code[ref.credit_code]] if ref.credit_code in self.by_code else []
        found = self.by_name.get(ref.name or "", [])
        return [u for u in found if not u.retired] or found[:1]


def plan_afresh(session: Session) -> None:
    """Let PostgreSQL plan every statement of this transaction anew.

    A plan kept from the first batches, when the tables were small, reads them from end to end for each batch that follows:
    50,000 rows then take minutes instead of half a minute (measured).
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def load_current(session: Session, room: RegisterRoom, keys: Sequence[str]) -> dict[str, Current]:
    """The register's own records under these keys (subject code, certificate number, credit code or `name:`)."""
    if not keys:
        return {}
    match room:
        case RegisterRoom.OFFICERS:
            return _officers(session, keys)
        case RegisterRoom.ORGANISATIONS:
            return _organisations(session, keys)
        case _:
            return _subjects(session, keys)


def _organisations(session: Session, keys: Sequence[str]) -> dict[str, Current]:
    names = [key.removeprefix(NAME_KEY) for key in keys if key.startswith(NAME_KEY)]
    o = Organisation
    rows = select(o).where(or_(o.credit_code.in_(keys), o.credit_code.is_(None) & o.name.in_(names)))
    found: dict[str, Current] = {}
    for row in session.scalars(rows.order_by(o.retired_at.is_(None), o.id.desc())):
        values = {name: getattr(row, name) for name in ORGANISATION_COLUMNS} | {"credit_code": row.credit_code}
        key = row.credit_code or NAME_KEY + row.name
        found[key] = Current(row.id, row.revision, row.retired_at is not None, values)
    session.expunge_all()
    return found


def _officers(session: Session, keys: Sequence[str]) -> dict[str, Current]:
    found: dict[str, Current] = {}
    for row in session.scalars(select(Officer).where(Officer.certificate_no.in_(keys))):
        values = {name: getattr(row, name) for name in OFFICER_COLUMNS}
        values |= {"certificate_no": row.certificate_no, "skills": list(row.skills)}
        values |= {"certificate_expires_on": row.certificate_expires_on.isoformat()}
        values |= {"organisation": str(row.organisation.uuid)}
        found[row.certificate_no] = Current(row.id, row.revision, row.retired_at is not None, values)
    session.expunge_all()
    return found


def _subjects(session: Session, keys: Sequence[str]) -> dict[str, Current]:
    rows = (
        select(Subject, Organisation.uuid, SubjectPlace.datum, SubjectPlace.given)
        .outerjoin(Organisation, Organisation.id == Subject.organisation_id)
        .outerjoin(SubjectPlace, SubjectPlace.subject_id == Subject.id)
        .where(Subject.code.in_(keys))
    )
    found: dict[str, Current] = {}
    ids: dict[int, str] = {}
    for subject, organisation, datum, given in session.execute(rows):
        values = {name: getattr(subject, name) for name in SUBJECT_COLUMNS} | {"code": subject.code}
        values["organisation"] = str(organisation) if organisation else None
        values["contract_price"] = None if subject.contract_price is None else f"{subject.contract_price:.2f}"
        values |= {f"details.{name}": value for name, value in subject.details.items()}
        values |= place_values(datum, given)
        record = {"details": subject.details}
        found[subject.code] = Current(subject.id, subject.revision, subject.retired_at is not None, values, record)
        ids[subject.id] = subject.code
    for subject_id, party, uuid in _parties(session, list(ids)):
        found[ids[subject_id]].values.setdefault(f"party.{party}", []).append(str(uuid))
    for current in found.values():
        for name in [n for n in current.values if n.startswith("party.")]:
            current.values[name] = sorted(set(current.values[name]))
    session.expunge_all()
    return found


def _parties(session: Session, ids: Sequence[int]) -> Iterable[Any]:
    p = SubjectParty
    rows = select(p.subject_id, p.party, Organisation.uuid).join(Organisation, Organisation.id == p.organisation_id)
    return session.execute(rows.where(p.subject_id.in_(ids), p.to_on.is_(None))) if ids else []


def place_values(datum: str | None, given: Mapping[str, Any] | None) -> Values:
    """A place as it was given, the ring closed."""
    if given is None:
        return {"datum": None, "longitude": None, "latitude": None, "boundary": None}
    lon, lat = given["centre"]
    ring = given.get("boundary")
    if ring is not None:
        ring = [list(corner) for corner in ring]
        ring = ring if ring[0] == ring[-1] else [*ring, ring[0]]
    return {"datum": datum, "longitude": lon, "latitude": lat, "boundary": ring}


def differences(current: Values, wanted: Values) -> dict[str, list[Any]]:
    """{field: [old, new]} of what a row would change."""
    return {name: [current.get(name), new] for name, new in wanted.items() if not _same(current.get(name), new)}


def _same(old: Any, new: Any) -> bool:
    """Equal; coordinates to 0.1 mm, because spreadsheets keep fifteen or sixteen digits of a number."""
    if isinstance(old, float | int) and isinstance(new, float) and not isinstance(old, bool):
        return abs(old - new) < SMALLEST_DEGREES
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_same, old, new))
    return bool(old == new)
