"""导入的行写进名录：整批新登记、整批更新，每条都留变更记录。

Rows are written in bulk because 50,000 single registrations would hold the only writer of an embedded database for minutes.
What is written and recorded is the same as one registration by hand: record, place, parties, change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from server.domain.checks import SHANGHAI
from server.domain.register_columns import RegisterRoom
from server.domain.register_facts import Register, RegisterAct
from server.formats.datum import to_wgs84
from server.models.matters import RegisterChange
from server.models.subjects import Officer, Organisation, Subject, SubjectParty, SubjectPlace
from server.services.import_lookup import (
    OFFICER_COLUMNS,
    ORGANISATION_COLUMNS,
    SUBJECT_COLUMNS,
    Current,
    Values,
    differences,
)
from server.uow import UnitOfWork

REGISTERS = {
    RegisterRoom.PROJECTS: Register.SUBJECT,
    RegisterRoom.ENTERPRISE_SITES: Register.SUBJECT,
    RegisterRoom.OFFICERS: Register.OFFICER,
    RegisterRoom.ORGANISATIONS: Register.ORGANISATION,
}
PLACE = ("datum", "longitude", "latitude", "boundary")
DEFAULTS: Mapping[type[Any], Values] = {
    Subject: {"status": "active", "risk_class": "credit-unclassified"},
    Officer: {"may_lead": True, "skills": []},
    Organisation: {},
}
Changes = dict[str, list[Any]]


class Writer:
    """Writes batches of one import inside one unit of work; `reason` goes into every change."""

    def __init__(self, uow: UnitOfWork, room: RegisterRoom, reason: str) -> None:
        self.uow, self.room, self.reason = uow, room, reason
        self.session = uow.session

    def write_new(self, rows: Sequence[Values]) -> None:
        """Register records that the register does not have."""
        if not rows:
            return
        table = _table(self.room)
        ids = self._organisation_ids(rows)
        created = [self._columns(values, {}, ids) for values in rows]
        for columns in created:
            columns |= {"uuid": self.uow.new_id(), "created_at": self.uow.now, "revision": 1}
        self.session.execute(insert(table), created)
        uuids = [columns["uuid"] for columns in created]
        found = self.session.execute(select(table.uuid, table.id).where(table.uuid.in_(uuids)))
        made = dict(found.tuples().all())
        numbered = [(made[c["uuid"]], values) for c, values in zip(created, rows, strict=True)]
        if table is Subject:
            self._insert_places(numbered)
            self._insert_parties([(n, name, new) for n, v in numbered for name, new in v.items()], ids)
        self._record([(n, 1, RegisterAct.CREATED, {k: [None, v] for k, v in values.items()}) for n, values in numbered])

    def write_updates(self, rows: Sequence[tuple[Current, Values]]) -> None:
        """Change records to what their rows say; a row that no longer differs is passed over."""
        pairs = [(current, changes) for current, wanted in rows if (changes := differences(current.values, wanted))]
        if not pairs:
            return
        sides = [{n: pair[at] for n, pair in c.items()} for _, c in pairs for at in (0, 1)]
        ids = self._organisation_ids(sides)
        for current, changes in pairs:
            self._update(current, changes, ids)
        self._record([(c.id, c.revision + 1, RegisterAct.EDITED, changes) for c, changes in pairs])

    def _update(self, current: Current, changes: Changes, ids: Mapping[str, int]) -> None:
        table = _table(self.room)
        wanted = {name: new for name, (_, new) in changes.items()}
        columns = _changed_columns(self.room, wanted, current.record, ids)
        columns |= {"revision": current.revision + 1, "updated_at": self.uow.now}
        self.session.execute(update(table).where(table.id == current.id).values(**columns))
        if table is Subject:
            if any(name in PLACE for name in changes):
                self._replace_place(current, {**current.values, **wanted})
            self._replace_parties(current, changes, ids)

    def _columns(self, values: Values, record: Mapping[str, Any], ids: Mapping[str, int]) -> Values:
        """Every column a new record needs, so that all rows of a batch are one statement."""
        table = _table(self.room)
        empty = dict.fromkeys(_plain_columns(self.room)) | dict(DEFAULTS[table])
        if table is Subject:
            empty |= {"details": {}, "contract_price": None, "organisation_id": None}
        return empty | _changed_columns(self.room, values, record, ids)

    def _organisation_ids(self, rows: Iterable[Values]) -> dict[str, int]:
        wanted = {UUID(uuid) for values in rows for uuid in _organisations_of(values)}
        found = self.session.execute(
            select(Organisation.uuid, Organisation.id).where(Organisation.uuid.in_(sorted(wanted, key=str)))
        )
        return {str(uuid): number for uuid, number in found}

    def _insert_places(self, numbered: Iterable[tuple[int, Values]]) -> None:
        self.session.execute(insert(SubjectPlace), [{"subject_id": n, **place_columns(v)} for n, v in numbered])

    def _replace_place(self, current: Current, values: Values) -> None:
        columns = place_columns(values)
        found = self.session.execute(
            update(SubjectPlace).where(SubjectPlace.subject_id == current.id).values(**columns)
        )
        if not found.rowcount:  # type: ignore[attr-defined]
            self.session.execute(insert(SubjectPlace), [{"subject_id": current.id, **columns}])

    def _insert_parties(self, rows: Iterable[tuple[int, str, Any]], ids: Mapping[str, int]) -> None:
        """A relation begins on the day it is imported, unless the subject is new: then nobody knows since when."""
        found = [
            {"subject_id": n, "party": name.removeprefix("party."), "organisation_id": ids[uuid]}
            for n, name, uuids in rows
            if name.startswith("party.")
            for uuid in uuids
        ]
        if found:
            self.session.execute(insert(SubjectParty), found)

    def _replace_parties(self, current: Current, changes: Changes, ids: Mapping[str, int]) -> None:
        today = self.uow.now.astimezone(SHANGHAI).date()
        for name, (old, new) in changes.items():
            if not name.startswith("party."):
                continue
            party = name.removeprefix("party.")
            gone = [ids[uuid] for uuid in set(old or ()) - set(new)]
            same = (SubjectParty.subject_id == current.id, SubjectParty.party == party, SubjectParty.to_on.is_(None))
            if gone:
                self.session.execute(
                    update(SubjectParty).where(*same, SubjectParty.organisation_id.in_(gone)).values(to_on=today)
                )
            come = [ids[uuid] for uuid in new if uuid not in (old or ())]
            rows = [{"subject_id": current.id, "party": party, "organisation_id": o, "from_on": today} for o in come]
            if rows:
                self.session.execute(insert(SubjectParty), rows)

    def _record(self, rows: Iterable[tuple[int, int, RegisterAct, Changes]]) -> None:
        """变更记录。"""
        common = {"register": REGISTERS[self.room].value, "reason": self.reason, "by": self.uow.actor.user_id}
        self.session.execute(
            insert(RegisterChange),
            [
                common
                | {"record_id": n, "revision": revision, "act": act.value, "changes": changes, "at": self.uow.now}
                for n, revision, act, changes in rows
            ],
        )


def _table(room: RegisterRoom) -> Any:
    by_register = {Register.SUBJECT: Subject, Register.OFFICER: Officer, Register.ORGANISATION: Organisation}
    return by_register[REGISTERS[room]]


def _key_column(room: RegisterRoom) -> str:
    keys = {Register.SUBJECT: "code", Register.OFFICER: "certificate_no", Register.ORGANISATION: "credit_code"}
    return keys[REGISTERS[room]]


def _plain_columns(room: RegisterRoom) -> tuple[str, ...]:
    names = {
        Register.SUBJECT: SUBJECT_COLUMNS,
        Register.OFFICER: (*OFFICER_COLUMNS, "skills"),
        Register.ORGANISATION: ORGANISATION_COLUMNS,
    }
    return (_key_column(room), *names[REGISTERS[room]])


_CONVERT: Mapping[str, Callable[[Any], Any]] = {
    "certificate_expires_on": date.fromisoformat,
    "contract_price": Decimal,
}


def _changed_columns(
    room: RegisterRoom, wanted: Values, record: Mapping[str, Any], ids: Mapping[str, int]
) -> dict[str, Any]:
    """The table's columns for flat values; places and parties have tables of their own."""
    names = (*_plain_columns(room), *_CONVERT)
    columns = {n: _CONVERT.get(n, lambda v: v)(v) for n, v in wanted.items() if n in names and v is not None}
    if wanted.get("organisation"):
        columns["organisation_id"] = ids[wanted["organisation"]]
    details = {n.removeprefix("details."): v for n, v in wanted.items() if n.startswith("details.")}
    if details:
        columns["details"] = {**record.get("details", {}), **details}
    return columns


def _organisations_of(values: Values) -> list[str]:
    parties = [uuid for name, uuids in values.items() if name.startswith("party.") for uuid in uuids or ()]
    return parties + ([values["organisation"]] if values.get("organisation") else [])


def place_columns(values: Values) -> dict[str, Any]:
    """A place as the table keeps it: as given, and converted to WGS-84."""
    datum, ring = values["datum"], values.get("boundary")
    lon, lat = to_wgs84(values["longitude"], values["latitude"], datum)
    given = {"centre": [values["longitude"], values["latitude"]], "boundary": ring}
    text = None
    if ring is not None:
        corners = (to_wgs84(x, y, datum) for x, y in ring)
        text = "SRID=4326;POLYGON((" + ", ".join(f"{x!r} {y!r}" for x, y in corners) + "))"
    return {"datum": datum, "given": given, "centre": f"SRID=4326;POINT({lon!r} {lat!r})", "boundary": text}
