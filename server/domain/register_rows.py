"""名录库的表格：找表头，一行读成一条记录或几处错误。

A row is judged by itself here; what needs the register (units, regions, duplicates) is the service's. A blank cell means
"leave as it is", so a file with half of the columns never clears the other half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from server.domain.boundaries import tidy_ring
from server.domain.checklists import Frame
from server.domain.errors import Invalid
from server.domain.register_columns import (
    Cell,
    CellFault,
    Column,
    ErrorCell,
    Formula,
    RegisterRoom,
    normalise_header,
)
from server.domain.register_facts import RiskClass, SubjectStatus
from server.domain.register_sheets import COLUMNS, PARTIES
from server.domain.registers import Datum, OrganisationKind, Ring

HEADER_WITHIN = 10
SHOWN_CHARS = 60

FRAMES = {RegisterRoom.PROJECTS: Frame.PROJECT, RegisterRoom.ENTERPRISE_SITES: Frame.ENTERPRISE_SITE}
DETAILS = ("qualification_no", "qualification_expires_on")


class ApplyMode(StrEnum):
    """整份不错才写，或只写没有错的行。"""

    ALL_OR_NOTHING = "all_or_nothing"
    GOOD_ROWS = "good_rows"


class Verdict(StrEnum):
    """一行的结论：新登记、更新、与名录相同、有错。"""

    NEW = "new"
    UPDATE = "update"
    SAME = "same"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class RowFault:
    """One wrong cell: the column's header, the cell's name (`C17`; '' for a whole row), what stood there, code, reason."""

    column: str
    value: str
    code: str
    reason: str
    cell: str = ""

    def as_dict(self) -> dict[str, str]:
        names = ("column", "value", "code", "reason", "cell")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class OrganisationRef:
    """A unit as a row names it: by code when there is one, else by name; `key` is the column to blame."""

    key: str
    name: str | None
    credit_code: str | None


@dataclass(frozen=True, slots=True)
class PartyRef:
    party: OrganisationKind
    organisation: OrganisationRef


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """检查对象的一行；`parties` 里没有的主体类别、为 None 的字段不改动。"""

    code: str
    name: str
    frame: Frame
    kind: str
    region: str
    address: str
    longitude: float
    latitude: float
    datum: Datum
    boundary: Ring | None
    organisation: OrganisationRef | None
    stage: str | None = None
    status: SubjectStatus | None = None
    risk_class: RiskClass | None = None
    permit_no: str | None = None
    contract_price: Decimal | None = None
    parties: tuple[PartyRef, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """执法检查人员的一行。"""

    name: str
    certificate_no: str
    certificate_expires_on: date
    organisation: OrganisationRef
    region: str
    unit: str | None = None
    issuer: str | None = None
    skills: tuple[str, ...] | None = None
    may_lead: bool | None = None


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """单位的一行。"""

    name: str
    kind: OrganisationKind
    region: str
    credit_code: str | None
    legal_representative: str | None = None
    address: str | None = None


Row = SubjectRow | OfficerRow | OrganisationRow


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns stand: (position from 0, header as written, column); `row` as the person counts; what nobody knows."""

    row: int
    places: tuple[tuple[int, str, Column], ...]
    missing: tuple[str, ...]
    ignored: tuple[str, ...]
    repeated: tuple[str, ...]

    def cell_name(self, key: str, row: int) -> str:
        """`C17`, or '' when the file has no such column."""
        return next((f"{letters(at)}{row}" for at, _, c in self.places if c.key == key), "")

    def title(self, key: str) -> str:
        return next((written for _, written, c in self.places if c.key == key), key)


def letters(position: int) -> str:
    """The letters of a column counted from 0: A … Z, AA …"""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(65 + rest) + name
    return name


def fault_at(header: Header, number: int, cells: Sequence[Cell], key: str, code: str, reason: str) -> RowFault:
    """A fault of one cell, with its name and what stands in it."""
    cell = next((cells[at] for at, _, c in header.places if c.key == key and at < len(cells)), None)
    return RowFault(header.title(key), shown(cell), code, reason, header.cell_name(key, number))


def match_header(room: RegisterRoom, number: int, cells: Sequence[Cell]) -> Header:
    """Judge one row as a header; the best of the first ten rows is taken by the caller (`places` counts)."""
    known = {normalise_header(name): c for c in COLUMNS[room] for name in c.names}
    places: list[tuple[int, str, Column]] = []
    ignored: list[str] = []
    repeated: list[str] = []
    for at, cell in enumerate(cells):
        if not isinstance(cell, str) or not (written := " ".join(cell.split())):
            continue
        column = known.get(normalise_header(cell))
        if column is None:
            ignored.append(written[:40])
        elif any(c.key == column.key for _, _, c in places):
            repeated.append(written)
        else:
            places.append((at, written, column))
    keys = {c.key for _, _, c in places}
    coded = "organisation_code" in keys  # a code names a unit as well as its name does
    missing = [c.header for c in COLUMNS[room] if c.required and c.key not in keys]
    missing = [h for h in missing if not (coded and h == _header_of(room, "organisation"))]
    return Header(number, tuple(places), tuple(missing), tuple(ignored), tuple(repeated))


def _header_of(room: RegisterRoom, key: str) -> str:
    return next((c.header for c in COLUMNS[room] if c.key == key), "")


class _Reader:
    """Reads one row's cells and gathers the faults."""

    def __init__(self, header: Header, number: int, cells: Sequence[Cell]) -> None:
        self.header, self.number, self.row, self.faults = header, number, cells, list[RowFault]()
        self.cells = {c.key: cells[at] if at < len(cells) else None for at, _, c in header.places}
        self.values = {c.key: self._read(c) for _, _, c in header.places}
        blamed = {fault.column for fault in self.faults}
        for _, written, column in header.places:
            coded = column.key == "organisation" and self.values.get("organisation_code")
            if column.required and self.values[column.key] is None and written not in blamed and not coded:
                self.blame(column.key, "cell-required", "必填")

    def _read(self, column: Column) -> Any:
        try:
            value = column.read(self.cells[column.key])
        except CellFault as fault:
            self.blame(column.key, fault.code, fault.reason)
            return None
        return None if value == () else value

    def picked(self, row: type[Any]) -> dict[str, Any]:
        """The values of the columns that are fields of this kind of row; a column the file has not is None."""
        return {f.name: self.values.get(f.name) for f in fields(row)}

    def blame(self, key: str, code: str, reason: str) -> None:
        self.faults.append(fault_at(self.header, self.number, self.row, key, code, reason))


def shown(cell: Cell) -> str:
    """A cell as a report shows it, cut to 60 characters."""
    text = "" if cell is None else cell.text if isinstance(cell, Formula | ErrorCell) else str(cell)
    return text if len(text) <= SHOWN_CHARS else text[: SHOWN_CHARS - 1] + "…"


def parse_row(
    room: RegisterRoom, header: Header, number: int, cells: Sequence[Cell], today: date
) -> Row | list[RowFault]:
    """One typed row, or every fault of it. `today` is the day by which certificates must still be valid."""
    reader = _Reader(header, number, cells)
    match room:
        case RegisterRoom.OFFICERS:
            row = _officer(reader, today)
        case RegisterRoom.ORGANISATIONS:
            row = _organisation(reader)
        case _:
            row = _subject(reader, room)
    return reader.faults or row  # type: ignore[return-value]


def _organisation(reader: _Reader) -> Row | None:
    return None if reader.faults else OrganisationRow(**reader.picked(OrganisationRow))


def _officer(reader: _Reader, today: date) -> Row | None:
    expires = reader.values.get("certificate_expires_on")
    if expires is not None and expires <= today:
        reader.blame("certificate_expires_on", "certificate-expired", f"执法证已于 {expires} 到期")
    return (
        None if reader.faults else OfficerRow(**reader.picked(OfficerRow) | {"organisation": _employer(reader.values)})
    )


def _employer(values: Mapping[str, Any]) -> OrganisationRef | None:
    name, code = values.get("organisation"), values.get("organisation_code")
    return OrganisationRef("organisation_code" if code else "organisation", name, code) if name or code else None


def _subject(reader: _Reader, room: RegisterRoom) -> Row | None:
    found = {
        "frame": FRAMES[room],
        "boundary": _boundary(reader),
        "parties": _parties(reader),
        "organisation": _employer(reader.values),
        "contract_price": _price(reader),
        "details": {k: str(reader.values[k]) for k in DETAILS if reader.values.get(k) is not None},
    }
    return None if reader.faults else SubjectRow(**reader.picked(SubjectRow) | found)


def _boundary(reader: _Reader) -> Ring | None:
    ring: Ring | None = reader.values.get("boundary")
    if ring is None:
        return None
    try:
        return tidy_ring(ring)
    except Invalid as refusal:
        reader.blame("boundary", refusal.code, refusal.detail.rstrip("。"))
        return None


def _price(reader: _Reader) -> Decimal | None:
    yuan: Decimal | None = reader.values.get("contract_price")
    other: Decimal | None = reader.values.get("contract_price_wan")
    if yuan is not None and other is not None and yuan != other:
        reader.blame("contract_price", "amounts-differ", "两列合同价不一致")
    return other if yuan is None else yuan


def _parties(reader: _Reader) -> tuple[PartyRef, ...]:
    found: list[PartyRef] = []
    for kind in PARTIES:
        found += [PartyRef(kind, unit) for unit in _party_units(reader, f"party_{kind.value}")]
    return tuple(found)


def _party_units(reader: _Reader, key: str) -> list[OrganisationRef]:
    names: tuple[str | None, ...] = reader.values.get(key) or ()
    codes: tuple[str | None, ...] = reader.values.get(f"{key}_code") or ()
    if names and codes and len(names) != len(codes):
        reader.blame(f"{key}_code", "party-list-mismatch", f"有 {len(names)} 个名称、{len(codes)} 个代码，应一一对应")
        return []
    pairs = zip(names or (None,) * len(codes), codes or (None,) * len(names), strict=True)
    return [OrganisationRef(f"{key}_code" if code else key, name, code) for name, code in pairs if name or code]
