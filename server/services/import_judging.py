"""导入的一行对着名录判：新登记、更新、相同，还是哪几格有错。"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from server.domain.boundaries import far_reason
from server.domain.register_columns import Cell, RegisterRoom
from server.domain.register_rows import (
    Header,
    OfficerRow,
    OrganisationRef,
    OrganisationRow,
    Row,
    RowFault,
    SubjectRow,
    Verdict,
    fault_at,
    parse_row,
)
from server.domain.registers import MAY_INSPECT, OrganisationKind
from server.formats.register_xlsx import SheetRow
from server.services.import_lookup import NAME_KEY, Current, Regions, Unit, Units, Values, differences, load_current

Blame = Callable[[str, str, str], None]
KEY_COLUMNS = {
    RegisterRoom.PROJECTS: "code",
    RegisterRoom.ENTERPRISE_SITES: "code",
    RegisterRoom.OFFICERS: "certificate_no",
    RegisterRoom.ORGANISATIONS: "credit_code",
}


@dataclass(slots=True)
class Judged:
    """一行的结论。"""

    number: int
    key: str = ""
    verdict: Verdict = Verdict.FAULT
    values: Values = field(default_factory=dict)
    faults: list[RowFault] = field(default_factory=list)


@dataclass
class Judge:
    """Judges batches of one file against the register; remembers the keys it has seen (60,000 at most)."""

    session: Session
    room: RegisterRoom
    header: Header
    regions: Regions
    today: date
    seen: dict[str, int] = field(default_factory=dict)

    def judge(self, rows: Sequence[SheetRow]) -> list[Judged]:
        """One verdict per row, in order."""
        parsed = [parse_row(self.room, self.header, r.number, r.cells, self.today) for r in rows]
        good = [row for row in parsed if not isinstance(row, list)]
        units = Units(self.session, [ref for row in good for ref in _references(row)])
        known = load_current(self.session, self.room, [key_of(row) for row in good])
        return [self._one(sheet, row, units, known) for sheet, row in zip(rows, parsed, strict=True)]

    def _one(self, sheet: SheetRow, row: Row | list[RowFault], units: Units, known: dict[str, Current]) -> Judged:
        if isinstance(row, list):
            return Judged(sheet.number, key=self._raw_key(sheet.cells), faults=row)
        found = Judged(sheet.number, key=key_of(row))

        def blame(column: str, code: str, reason: str) -> None:
            found.faults.append(fault_at(self.header, sheet.number, sheet.cells, column, code, reason))

        found.values = self._values(row, units, blame)
        current = known.get(found.key)
        self._check_key(found, current, blame)
        if not found.faults:
            changed = current is None or bool(differences(current.values, found.values))
            found.verdict = Verdict.NEW if current is None else Verdict.UPDATE if changed else Verdict.SAME
        return found

    def _raw_key(self, cells: Sequence[Cell]) -> str:
        column = KEY_COLUMNS[self.room]
        text = next((cells[at] for at, _, c in self.header.places if c.key == column and at < len(cells)), None)
        return text.strip()[:240] if isinstance(text, str) else ""

    def _check_key(self, found: Judged, current: Current | None, blame: Blame) -> None:
        column = KEY_COLUMNS[self.room]
        if found.key.startswith(NAME_KEY):
            column = "name"
        first = self.seen.setdefault(found.key, found.number)
        if first != found.number:
            blame(column, "duplicate-in-file", f"与第 {first} 行重复")
        if current is None:
            return
        if current.retired:
            blame(column, "record-retired", "名录里这条记录已退出，不能经导入改动")
        if current.values["region_code"] not in self.regions.mine:
            blame(column, "code-taken-elsewhere", "这个编号属于您管辖范围以外的记录")
        for fixed, words in (("frame", "抽样框"), ("kind", "单位类别")):
            judged = fixed == "frame" or self.room is RegisterRoom.ORGANISATIONS
            if judged and fixed in found.values and found.values[fixed] != current.values[fixed]:
                blame(column if fixed == "frame" else "kind", f"{fixed}-differs", f"{words}与名录不同，不能经导入改动")

    def _values(self, row: Row, units: Units, blame: Blame) -> Values:
        region = self._region(row.region, blame)
        match row:
            case SubjectRow():
                values = self._subject(row, region, units, blame)
            case OfficerRow():
                values = _officer(row, units, blame)
            case OrganisationRow():
                values = _organisation(row, region, units, blame)
        return {name: value for name, value in {**values, "region_code": region}.items() if value is not None}

    def _region(self, text: str, blame: Blame) -> str | None:
        found = self.regions.find(text)
        if len(found) > 1:
            blame("region", "region-ambiguous", f"有 {len(found)} 个区划叫这个名字，请填代码")
        elif not found:
            blame("region", "region-unknown", "没有这个区划")
        elif found[0] not in self.regions.mine:
            blame("region", "region-out-of-scope", f"{self.regions.name(found[0])}不在您的管辖范围内")
        else:
            return found[0]
        return None

    def _subject(self, row: SubjectRow, region: str | None, units: Units, blame: Blame) -> Values:
        values: Values = {
            **{n: getattr(row, n) for n in ("code", "name", "kind", "address", "longitude", "latitude")},
            **{n: getattr(row, n) for n in ("stage", "permit_no")},
            **{n: _word(getattr(row, n)) for n in ("frame", "datum", "status", "risk_class")},
            **{f"details.{name}": value for name, value in row.details.items()},
            "boundary": None if row.boundary is None else [list(corner) for corner in row.boundary],
            "contract_price": None if row.contract_price is None else f"{row.contract_price:.2f}",
        }
        if row.organisation is not None:
            values["organisation"] = _uuid(_unit(row.organisation, units, blame))
        values |= _parties(row, units, blame)
        self._check_place(row, region, blame)
        return values

    def _check_place(self, row: SubjectRow, region: str | None, blame: Blame) -> None:
        extent = self.regions.extent(region)
        if reason := far_reason([(row.longitude, row.latitude)], extent):
            blame("longitude", "position-far-from-region", reason)
        if row.boundary and (reason := far_reason(row.boundary, extent)):
            blame("boundary", "position-far-from-region", reason)


def key_of(row: Row) -> str:
    """What a row is known by: subject code, certificate number, credit code, or the name where there is no code."""
    match row:
        case SubjectRow():
            return row.code
        case OfficerRow():
            return row.certificate_no
        case OrganisationRow():
            return row.credit_code or NAME_KEY + row.name


def _references(row: Row) -> list[OrganisationRef]:
    match row:
        case SubjectRow():
            return [*([row.organisation] if row.organisation else []), *(p.organisation for p in row.parties)]
        case OfficerRow():
            return [row.organisation]
        case OrganisationRow():
            return [OrganisationRef("name", row.name, None), OrganisationRef("credit_code", None, row.credit_code)]


def _word(value: Any) -> str | None:
    return None if value is None else str(value.value)


def _uuid(unit: Unit | None) -> str | None:
    return None if unit is None else unit.uuid


def _unit(ref: OrganisationRef, units: Units, blame: Blame) -> Unit | None:
    found = units.find(ref)
    if len(found) > 1:
        blame(ref.key, "organisation-ambiguous", f"有 {len(found)} 家单位叫这个名字，请填统一社会信用代码")
    elif not found:
        blame(ref.key, "organisation-unknown", "名录库里没有这家单位，请先导入单位")
    elif found[0].retired:
        blame(ref.key, "organisation-retired", "这家单位已退出名录")
    else:
        return found[0]
    return None


def _officer(row: OfficerRow, units: Units, blame: Blame) -> Values:
    unit = _unit(row.organisation, units, blame)
    if unit is not None and OrganisationKind(unit.kind) not in MAY_INSPECT:
        reason = "所属单位不是行政机关：检测机构、企业等单位的人员只能协助，不能登记为执法检查人员"
        blame(row.organisation.key, "organisation-may-not-inspect", reason)
    values: Values = {n: getattr(row, n) for n in ("name", "certificate_no", "unit", "issuer", "may_lead")}
    values["certificate_expires_on"] = row.certificate_expires_on.isoformat()
    values["skills"] = None if row.skills is None else list(row.skills)
    return values | {"organisation": _uuid(unit)}


def _organisation(row: OrganisationRow, region: str | None, units: Units, blame: Blame) -> Values:
    """The same name once with and once without a code is one unit entered twice."""
    namesakes = [unit for unit in units.by_name.get(row.name, []) if not unit.retired]
    if row.credit_code is None and any(unit.credit_code for unit in namesakes):
        blame("name", "same-name-with-code", "名录里同名的单位有统一社会信用代码，请填代码")
    known = row.credit_code in units.by_code
    if row.credit_code and not known and any(not u.credit_code and u.region_code == region for u in namesakes):
        blame("credit_code", "same-name-without-code", "名录里同名的单位没有代码，请先在页面上给它补上代码")
    values: Values = {n: getattr(row, n) for n in ("name", "credit_code", "legal_representative", "address")}
    return values | {"kind": row.kind.value}


def _parties(row: SubjectRow, units: Units, blame: Blame) -> Values:
    found: dict[str, list[str]] = {}
    for party in row.parties:
        unit = _unit(party.organisation, units, blame)
        if unit is not None:
            found.setdefault(party.party.value, []).append(unit.uuid)
    both = set(found.get("contractor", ())) & set(found.get("supervisor_firm", ()))
    if both:
        blame("party_supervisor_firm", "contractor-supervises-itself", "同一家单位不能既施工又监理同一工程")
    return {f"party.{party}": sorted(set(uuids)) for party, uuids in found.items()}
