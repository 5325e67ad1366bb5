"""名录库的表格：四本名录各有哪些列，找表头，一行读成一条记录或几处错误。

A row is judged by itself here; what needs the register (units, regions, duplicates) is the service's. A blank cell means
"leave as it is", so a file with half of the columns never clears the other half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from server.domain.boundaries import tidy_ring
from server.domain.checklists import Frame
from server.domain.errors import Invalid
from server.domain.register_columns import (
    KIND_TITLES,
    Cell,
    CellFault,
    Column,
    ErrorCell,
    Formula,
    RegisterRoom,
    normalise_header,
    read_code,
    read_corners,
    read_credit_code,
    read_credit_codes,
    read_date,
    read_datum,
    read_degrees,
    read_kind,
    read_money,
    read_names,
    text_of,
)
from server.domain.registers import Datum, OrganisationKind, Ring

HEADER_WITHIN = 10
SHOWN_CHARS = 60
CODE_SUFFIX = "统一社会信用代码"

# 五方责任主体在前，其余在后；列名就是单位类别。
PARTIES: tuple[OrganisationKind, ...] = (
    OrganisationKind.CLIENT,
    OrganisationKind.CONTRACTOR,
    OrganisationKind.SUPERVISOR_FIRM,
    OrganisationKind.SURVEYOR,
    OrganisationKind.DESIGNER,
    OrganisationKind.DRAWING_REVIEWER,
    OrganisationKind.TESTING_LABORATORY,
    OrganisationKind.CONCRETE_PRODUCER,
)


def _place(address: tuple[str, ...]) -> tuple[Column, ...]:
    return (
        Column(
            "region",
            "区划代码",
            text_of(2, 40),
            ("行政区划代码", "所属区划代码", "所属区划", "行政区划", "所在区划"),
            required=True,
            example="330211",
        ),
        Column("address", address[0], text_of(1, 300), address[1:], required=True, example="示例路1号"),
        Column("longitude", "经度", read_degrees(180), ("中心经度", "lon"), required=True, example="121.7166"),
        Column("latitude", "纬度", read_degrees(90), ("中心纬度", "lat"), required=True, example="29.9489"),
        Column("datum", "坐标系", read_datum, ("坐标系统", "坐标系类型"), required=True, example="CGCS2000"),
        Column("boundary", "边界", read_corners, ("边界坐标", "四至坐标", "工地边界")),
    )


def _party_columns() -> tuple[Column, ...]:
    found: list[Column] = []
    for kind in PARTIES:
        title = KIND_TITLES[kind]
        codes = (f"{title}信用代码", f"{title}代码", f"{title}社会信用代码")
        found.append(Column(f"party_{kind.value}", title, read_names, (f"{title}名称",)))
        found.append(Column(f"party_{kind.value}_code", f"{title}{CODE_SUFFIX}", read_credit_codes, codes))
    return tuple(found)


def _unit(title: str, *synonyms: str, required: bool = False) -> tuple[Column, ...]:
    """A unit is named, coded, or both; where it is required one of the two must be there."""
    codes = (f"{title}信用代码", f"{title}代码", f"{title}社会信用代码")
    return (
        Column("organisation", title, text_of(2, 200), synonyms, required=required, example="示例有限公司"),
        Column("organisation_code", f"{title}{CODE_SUFFIX}", read_credit_code, codes),
    )


COLUMNS: Mapping[RegisterRoom, tuple[Column, ...]] = {
    RegisterRoom.PROJECTS: (
        Column(
            "code",
            "项目编号",
            read_code,
            ("对象编号", "工程项目编码", "工程编号", "项目编码", "工程项目编号"),
            required=True,
            example="3302112026010001",
        ),
        Column(
            "name", "项目名称", text_of(2, 200), ("工程名称", "工程项目名称"), required=True, example="示例花园一期"
        ),
        Column("kind", "工程类别", text_of(1, 32), ("工程类型", "项目类别", "项目类型"), required=True, example="住宅"),
        *_place(("工程地址", "项目地址", "建设地点", "建设地址", "地址")),
        Column("stage", "形象进度", text_of(1, 60), ("工程进度", "施工阶段")),
        Column("status", "工程状态", text_of(1, 20), ("项目状态", "状态"), example="在建"),
        Column("permit_no", "施工许可证编号", text_of(1, 40), ("施工许可证号",)),
        Column("contract_price_yuan", "合同价（万元）", read_money(10_000), ("合同价款（万元）", "合同价格（万元）")),
        Column("contract_price_exact", "合同价（元）", read_money(1), ("合同价款（元）", "合同价格（元）")),
        *_party_columns(),
    ),
    RegisterRoom.ENTERPRISE_SITES: (
        Column("code", "站点编号", read_code, ("对象编号", "企业站点编号"), required=True, example="330211-JBZ-01"),
        Column(
            "name", "站点名称", text_of(2, 200), ("企业站点名称", "场所名称"), required=True, example="示例混凝土搅拌站"
        ),
        Column("kind", "站点类别", text_of(1, 32), ("站点类型", "企业类别"), required=True, example="搅拌站"),
        *_place(("站点地址", "经营地址", "场所地址", "地址")),
        *_unit("所属企业", "所属单位", "企业名称"),
        Column("status", "经营状态", text_of(1, 20), ("站点状态", "状态"), example="正常"),
        Column("qualification_no", "资质证书编号", text_of(1, 60), ("资质证书号", "证书编号")),
        Column("qualification_expires_on", "资质有效期至", read_date, ("资质有效期",)),
    ),
    RegisterRoom.OFFICERS: (
        Column("name", "姓名", text_of(1, 64), ("执法人员姓名", "人员姓名"), required=True, example="某某"),
        Column(
            "certificate_no",
            "行政执法证号",
            text_of(4, 40),
            ("执法证号", "执法证编号", "行政执法证编号", "证件号", "执法证件号"),
            required=True,
            example="33020000001",
        ),
        Column(
            "certificate_expires_on",
            "证件有效期至",
            read_date,
            ("有效期至", "执法证有效期", "证件有效期", "有效期"),
            required=True,
            example="2030-12-31",
        ),
        *_unit("所属单位", "单位", "工作单位", "单位名称", required=True),
        Column(
            "region",
            "区划代码",
            text_of(2, 40),
            ("行政区划代码", "执法区域", "所属区划", "行政区划"),
            required=True,
            example="330211",
        ),
    ),
    RegisterRoom.ORGANISATIONS: (
        Column("name", "单位名称", text_of(2, 200), ("企业名称", "名称"), required=True, example="示例有限公司"),
        Column("kind", "单位类别", read_kind, ("单位类型", "主体类别", "企业类别"), required=True, example="施工单位"),
        Column("credit_code", "统一社会信用代码", read_credit_code, ("社会信用代码", "信用代码", "统一信用代码")),
        Column(
            "region",
            "区划代码",
            text_of(2, 40),
            ("行政区划代码", "所属区划", "行政区划"),
            required=True,
            example="330211",
        ),
    ),
}
FRAMES = {RegisterRoom.PROJECTS: Frame.PROJECT, RegisterRoom.ENTERPRISE_SITES: Frame.ENTERPRISE_SITE}
DETAILS = (
    "stage",
    "status",
    "permit_no",
    "contract_price_yuan",
    "qualification_no",
    "qualification_expires_on",
)


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
class UnitRef:
    """A unit as a row names it: by code when there is one, else by name; `key` is the column to blame."""

    key: str
    name: str | None
    credit_code: str | None


@dataclass(frozen=True, slots=True)
class PartyRef:
    party: OrganisationKind
    unit: UnitRef


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """检查对象的一行；`parties` 里没有的主体类别不改动。"""

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
    unit: UnitRef | None
    parties: tuple[PartyRef, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """执法检查人员的一行。"""

    name: str
    certificate_no: str
    certificate_expires_on: date
    unit: UnitRef
    region: str


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """单位的一行。"""

    name: str
    kind: OrganisationKind
    region: str
    credit_code: str | None


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
        self.header, self.number, self.faults = header, number, list[RowFault]()
        self.cells = {c.key: cells[at] if at < len(cells) else None for at, _, c in header.places}
        self.values = {c.key: self._read(c) for _, _, c in header.places}
        blamed = {fault.column for fault in self.faults}
        for _, written, column in header.places:
            if column.required and self.values[column.key] is None and written not in blamed:
                if not (column.key == "organisation" and self.values.get("organisation_code")):
                    self.blame(column.key, "cell-required", "必填")

    def _read(self, column: Column) -> Any:
        try:
            value = column.read(self.cells[column.key])
        except CellFault as fault:
            self.blame(column.key, fault.code, fault.reason)
            return None
        return None if value == () else value

    def blame(self, key: str, code: str, reason: str) -> None:
        place = self.header.cell_name(key, self.number)
        self.faults.append(RowFault(self.header.title(key), shown(self.cells.get(key)), code, reason, place))


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
    v = reader.values
    return None if reader.faults else OrganisationRow(v["name"], v["kind"], v["region"], v.get("credit_code"))


def _officer(reader: _Reader, today: date) -> Row | None:
    v = reader.values
    expires = v.get("certificate_expires_on")
    if expires is not None and expires <= today:
        reader.blame("certificate_expires_on", "certificate-expired", f"执法证已于 {expires} 到期")
    if reader.faults:
        return None
    unit = UnitRef(_unit_key(v), v.get("organisation"), v.get("organisation_code"))
    return OfficerRow(v["name"], v["certificate_no"], v["certificate_expires_on"], unit, v["region"])


def _unit_key(values: Mapping[str, Any]) -> str:
    return "organisation_code" if values.get("organisation_code") else "organisation"


def _subject(reader: _Reader, room: RegisterRoom) -> Row | None:
    v = reader.values
    boundary = _boundary(reader)
    parties = _parties(reader)
    details = _details(reader)
    if reader.faults:
        return None
    unit = None
    if v.get("organisation") or v.get("organisation_code"):
        unit = UnitRef(_unit_key(v), v.get("organisation"), v.get("organisation_code"))
    plain = {name: v[name] for name in ("code", "name", "kind", "region", "address", "longitude", "latitude", "datum")}
    return SubjectRow(frame=FRAMES[room], boundary=boundary, unit=unit, parties=parties, details=details, **plain)


def _boundary(reader: _Reader) -> Ring | None:
    ring: Ring | None = reader.values.get("boundary")
    if ring is None:
        return None
    try:
        return tidy_ring(ring)
    except Invalid as refusal:
        reader.blame("boundary", refusal.code, refusal.detail.rstrip("。"))
        return None


def _details(reader: _Reader) -> dict[str, str]:
    v = reader.values
    price, exact = v.get("contract_price_yuan"), v.get("contract_price_exact")
    if price is not None and exact is not None and price != exact:
        reader.blame("contract_price_exact", "amounts-differ", "两列合同价不一致")
    given = {**v, "contract_price_yuan": price if price is not None else exact}
    return {name: str(given[name]) for name in DETAILS if given.get(name) is not None}


def _parties(reader: _Reader) -> tuple[PartyRef, ...]:
    found: list[PartyRef] = []
    for kind in PARTIES:
        found += [PartyRef(kind, unit) for unit in _party_units(reader, f"party_{kind.value}")]
    return tuple(found)


def _party_units(reader: _Reader, key: str) -> list[UnitRef]:
    names: tuple[str | None, ...] = reader.values.get(key) or ()
    codes: tuple[str | None, ...] = reader.values.get(f"{key}_code") or ()
    if names and codes and len(names) != len(codes):
        reader.blame(f"{key}_code", "party-list-mismatch", f"有 {len(names)} 个名称、{len(codes)} 个代码，应一一对应")
        return []
    pairs = zip(names or (None,) * len(codes), codes or (None,) * len(names), strict=True)
    return [UnitRef(f"{key}_code" if code else key, name, code) for name, code in pairs if name or code]
