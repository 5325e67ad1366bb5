"""名录库导出：官方列名的表格、空模板、导入报告；写进临时文件，不在内存里攒。"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

from sqlalchemy import select

from server.domain.register_columns import DATUM_TITLES, KIND_TITLES, ROOM_TITLES, RegisterRoom
from server.domain.register_facts import RISK_TITLES, STATUS_TITLES, RiskClass, SubjectStatus
from server.domain.register_rows import FRAMES
from server.domain.register_sheets import COLUMNS
from server.domain.registers import Datum, OrganisationKind
from server.formats.register_xlsx import LONGEST, write_register_xlsx, write_table_xlsx, write_template
from server.models.imports import RegisterImport, RegisterImportRow
from server.models.subjects import Officer, Organisation, Subject
from server.queries.scope import in_scope
from server.services.import_lookup import Values, load_current
from server.uow import UnitOfWork

BATCH = 500
REPORT = ("行号", "结论", "编号", "单元格", "列", "原值", "代码", "原因")
VERDICT_TITLES = {"new": "新登记", "update": "更新", "same": "与名录相同", "fault": "有错"}


def export_register(uow: UnitOfWork, room: RegisterRoom) -> IO[bytes]:
    """Everything of one register in scope that has not been retired, as an XLSX file open at its start."""
    columns = COLUMNS[room]
    rows = ([cells.get(c.key) for c in columns] for cells in _records(uow, room))
    return _filled(lambda file: write_register_xlsx(file, ROOM_TITLES[room], columns, rows))


def template_of(room: RegisterRoom) -> IO[bytes]:
    """An empty sheet with the official headers, an example row and a page of explanations."""
    return _filled(lambda file: write_template(file, ROOM_TITLES[room], COLUMNS[room]))


def report_of(uow: UnitOfWork, account: RegisterImport) -> IO[bytes]:
    """The report of an import: one line per wrong cell, one per row that is right."""
    lines = _report_lines(uow, account.id)
    return _filled(lambda file: write_table_xlsx(file, "导入报告", REPORT, lines))


def _filled(write: Callable[[IO[bytes]], object]) -> IO[bytes]:
    """A temporary file that has been written, open at its start; whoever answers with it closes it."""
    file = TemporaryFile()  # noqa: SIM115
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _report_lines(uow: UnitOfWork, import_id: int) -> Iterator[Sequence[Any]]:
    r = RegisterImportRow
    rows = select(r.row_no, r.verdict, r.key, r.faults).where(r.import_id == import_id)
    last = 0
    while batch := uow.session.execute(rows.where(r.row_no > last).order_by(r.row_no).limit(BATCH)).all():
        for row in batch:
            start = [row.row_no, VERDICT_TITLES[row.verdict], row.key]
            faults: Sequence[Mapping[str, str]] = row.faults or ({},)
            for fault in faults:
                yield [*start, *(fault.get(name) for name in ("cell", "column", "value", "code", "reason"))]
        last = batch[-1].row_no


def _records(uow: UnitOfWork, room: RegisterRoom) -> Iterator[Values]:
    match room:
        case RegisterRoom.OFFICERS:
            return _keyed(uow, room, Officer, Officer.certificate_no)
        case RegisterRoom.ORGANISATIONS:
            return _organisations(uow)
        case _:
            return _keyed(uow, room, Subject, Subject.code)


def _organisations(uow: UnitOfWork) -> Iterator[Values]:
    o = Organisation
    rows = select(o).where(in_scope(o.region_code, uow.scope), o.retired_at.is_(None))
    last = 0
    while batch := uow.session.scalars(rows.where(o.id > last).order_by(o.id).limit(BATCH)).all():
        for row in batch:
            names = ("name", "credit_code", "legal_representative", "address")
            values = {name: getattr(row, name) for name in names}
            yield values | {"region": row.region_code, "kind": KIND_TITLES[OrganisationKind(row.kind)]}
        last = batch[-1].id
        uow.session.expunge_all()


def _keyed(uow: UnitOfWork, room: RegisterRoom, table: Any, key: Any) -> Iterator[Values]:
    rows = select(table.id, key).where(in_scope(table.region_code, uow.scope), table.retired_at.is_(None))
    if room in FRAMES:
        rows = rows.where(table.frame == FRAMES[room].value)
    last = 0
    while batch := uow.session.execute(rows.where(table.id > last).order_by(table.id).limit(BATCH)).all():
        known = load_current(uow.session, room, [word for _, word in batch])
        units = _units(uow, [current.values for current in known.values()])
        for _, word in batch:
            yield _cells(known[word].values, units)
        last = batch[-1][0]


def _units(uow: UnitOfWork, rows: Sequence[Values]) -> dict[str, tuple[str, str | None]]:
    wanted = {uuid for values in rows for name, uuids in values.items() if name.startswith("party.") for uuid in uuids}
    wanted |= {values["organisation"] for values in rows if values.get("organisation")}
    o = Organisation
    found = uow.session.execute(select(o.uuid, o.name, o.credit_code).where(o.uuid.in_([UUID(u) for u in wanted])))
    return {str(uuid): (name, code) for uuid, name, code in found}


def _cells(values: Values, units: Mapping[str, tuple[str, str | None]]) -> Values:
    """Flat values as the cells of the official columns, by the columns' keys."""
    cells = {name.removeprefix("details."): value for name, value in values.items()}
    cells["region"] = values["region_code"]
    if values.get("organisation"):
        cells["organisation"], cells["organisation_code"] = units[values["organisation"]]
    for name in [n for n in values if n.startswith("party.")]:
        known = [units[uuid] for uuid in values[name]]
        key = name.replace("party.", "party_")
        cells[key] = "；".join(title for title, _ in known)
        if all(code for _, code in known):
            cells[f"{key}_code"] = "；".join(str(code) for _, code in known)
    return cells | _words(values)


def _words(values: Values) -> Values:
    """What the register keeps as code words, in the words of the sheet."""
    words: Values = {}
    if values.get("status"):
        words["status"] = STATUS_TITLES[SubjectStatus(values["status"])]
        words["risk_class"] = RISK_TITLES[RiskClass(values["risk_class"])]
    if values.get("datum"):
        words["datum"] = DATUM_TITLES[Datum(values["datum"])]
        ring = "；".join(f"{lon!r} {lat!r}" for lon, lat in values.get("boundary") or ())
        words["boundary"] = ring if len(ring) <= LONGEST else None  # a blank cell leaves the boundary as it is
    if "skills" in values:
        words["skills"] = "、".join(values["skills"])
        words["may_lead"] = "是" if values["may_lead"] else "否"
    return words
