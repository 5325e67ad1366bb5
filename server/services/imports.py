"""导入：收文件，逐行试读，出报告，再整份或只把好行写进名录。

A dry run always comes first and writes nothing but its own report. Reading goes in batches of 500 rows, each in a commit of its
own, so that neither memory nor the only writer is held for the length of a file. Applying all or nothing is one commit.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from server.domain.checks import SHANGHAI
from server.domain.errors import Conflict, FieldError, Invalid, Missing, ZhijianError
from server.domain.permissions import Permission, Scope
from server.domain.register_columns import RegisterRoom
from server.domain.register_rows import HEADER_WITHIN, ApplyMode, Header, Verdict, match_header
from server.formats.register_csv import read_register_csv
from server.formats.register_xlsx import SheetRow, read_register_xlsx
from server.models.imports import RegisterImport, RegisterImportRow
from server.services.import_judging import Judge, Judged
from server.services.import_lookup import Regions, load_current, plan_afresh
from server.services.import_writing import Writer
from server.storage.port import Meter
from server.uow import UnitOfWork

BATCH = 500
MAX_BYTES = 20 * 1024 * 1024
EXAMINING, EXAMINED, APPLYING, APPLIED, REFUSED = "examining", "examined", "applying", "applied", "refused"
PERMISSIONS = dict.fromkeys(RegisterRoom, Permission.CONSOLE_SUBJECT_WRITE) | {
    RegisterRoom.OFFICERS: Permission.CONSOLE_OFFICER_WRITE
}
OpenUnit = Callable[[], AbstractContextManager[UnitOfWork]]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has arrived: where to read it, its name, digest and bytes."""

    file: BinaryIO
    file_name: str
    sha256: str
    size: int


@contextmanager
def received(chunks: Iterable[bytes], file_name: str) -> Iterator[Upload]:
    """Keep a body on disk while it is examined; raises TooLarge `upload-too-large` over 20 MB, Invalid `upload-empty`."""
    meter = Meter(MAX_BYTES)
    with TemporaryFile() as file:
        for chunk in meter.through(chunks):
            file.write(chunk)
        if meter.size == 0:
            raise Invalid("upload-empty", "收到的文件是空的，请重传。")
        file.seek(0)
        yield Upload(file, file_name, meter.sha256, meter.size)


# ------------------------------------------------------------------------------------------- dry run


def examine(open_unit: OpenUnit, room: RegisterRoom, upload: Upload) -> UUID:
    """Judge every row of a file against the register and keep the report; returns the import's id.

    A file that cannot be read as a whole is kept as `refused`, without rows, and the refusal is raised: `archive-too-large`,
    `archive-unreadable`, `spreadsheet-invalid`, `spreadsheet-too-large`, `csv-encoding-unknown`, `csv-invalid`,
    `register-columns-invalid`, `register-file-empty`.
    """
    with open_unit() as uow:
        account = _open_account(uow, room, upload)
        import_id, uuid = account.id, account.uuid
    try:
        with closing(_sheets(upload.file)) as sheets:
            counts = _examine_rows(open_unit, room, import_id, *_with_header(room, sheets))
    except ZhijianError as refusal:
        _refuse(open_unit, import_id, refusal)
        raise
    with open_unit() as uow:
        done = update(RegisterImport).where(RegisterImport.id == import_id)
        uow.session.execute(done.values(state=EXAMINED, counts=counts))
    return uuid


def _open_account(uow: UnitOfWork, room: RegisterRoom, upload: Upload) -> RegisterImport:
    account = RegisterImport(
        uuid=uow.new_id(),
        room=room.value,
        file_name=upload.file_name[:200],
        file_sha256=upload.sha256,
        size=upload.size,
        state=EXAMINING,
        counts=_nothing(),
        by=uow.actor.user_id,
        at=uow.now,
    )
    uow.session.add(account)
    uow.session.flush()
    return account


def _nothing() -> dict[str, object]:
    return {verdict.value: 0 for verdict in Verdict} | {"rows": 0, "ignored_columns": []}


def _sheets(file: BinaryIO) -> Generator[Iterator[SheetRow], None, None]:
    head = file.read(8)
    file.seek(0)
    if head.startswith(b"PK"):
        yield from read_register_xlsx(file)
    elif head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid("spreadsheet-invalid", "这是旧版 .xls 或加密的表格，请另存为 .xlsx 再传。")
    else:
        yield read_register_csv(file)


def _with_header(room: RegisterRoom, sheets: Iterator[Iterator[SheetRow]]) -> tuple[Header, Iterator[SheetRow]]:
    """The first sheet whose first ten rows hold a complete header; raises Invalid `register-columns-invalid`."""
    best: Header | None = None
    for rows in sheets:
        for row in itertools.islice(rows, HEADER_WITHIN):
            header = match_header(room, row.number, row.cells)
            if not header.missing and not header.repeated:
                return header, rows
            if header.places and (best is None or len(header.places) > len(best.places)):
                best = header
    raise _columns_invalid(best)


def _columns_invalid(best: Header | None) -> Invalid:
    if best is None:
        return Invalid("register-columns-invalid", "表里找不到表头，请用模板填写。")
    missing = [FieldError(f"/columns/{name}", f"缺少“{name}”这一列", "column-missing") for name in best.missing]
    repeated = [FieldError(f"/columns/{name}", f"“{name}”重复出现", "column-repeated") for name in best.repeated]
    faults = [*missing, *repeated]
    words = "；".join(fault.reason for fault in faults)
    return Invalid("register-columns-invalid", f"第 {best.row} 行的表头不对：{words}。", errors=faults)


def _examine_rows(
    open_unit: OpenUnit, room: RegisterRoom, import_id: int, header: Header, rows: Iterator[SheetRow]
) -> dict[str, object]:
    counts = Counter({verdict.value: 0 for verdict in Verdict})
    judge: Judge | None = None
    while batch := list(itertools.islice(rows, BATCH)):
        with open_unit() as uow:
            if judge is None:
                regions = Regions(uow.session, _scope(uow, room))
                today = uow.now.astimezone(SHANGHAI).date()
                judge = Judge(uow.session, room, header, regions, today)
            judge.session = uow.session
            plan_afresh(uow.session)
            judged = judge.judge(batch)
            uow.session.execute(insert(RegisterImportRow), [_row(import_id, found) for found in judged])
        counts.update(found.verdict.value for found in judged)
    if judge is None:
        raise Invalid("register-file-empty", "表里只有表头，没有一行数据。")
    return {**counts, "rows": counts.total(), "ignored_columns": list(header.ignored)[:50]}


def _row(import_id: int, found: Judged) -> dict[str, object]:
    return {
        "import_id": import_id,
        "row_no": found.number,
        "verdict": found.verdict.value,
        "key": found.key,
        "values": {} if found.verdict is Verdict.FAULT else found.values,
        "faults": [fault.as_dict() for fault in found.faults],
    }


def _refuse(open_unit: OpenUnit, import_id: int, refusal: ZhijianError) -> None:
    with open_unit() as uow:
        uow.session.execute(delete(RegisterImportRow).where(RegisterImportRow.import_id == import_id))
        counts = _nothing() | {"refusal": refusal.code, "detail": refusal.detail}
        done = update(RegisterImport).where(RegisterImport.id == import_id)
        uow.session.execute(done.values(state=REFUSED, counts=counts))


def _scope(uow: UnitOfWork, room: RegisterRoom) -> Scope:
    """Where the actor may write this register; a process without grants acts in the scope it was opened with."""
    return uow.actor.scope(PERMISSIONS[room]) if uow.actor.grants else uow.scope


# --------------------------------------------------------------------------------------------- apply


def find_import(uow: UnitOfWork, uuid: UUID) -> RegisterImport:
    """The actor's own import; raises Missing `import-not-found`."""
    mine = RegisterImport.by == uow.actor.user_id if uow.actor.user_id else RegisterImport.by.is_(None)
    found = uow.session.scalar(select(RegisterImport).where(RegisterImport.uuid == uuid, mine))
    room_allowed = found is not None and (not uow.actor.grants or uow.actor.may(PERMISSIONS[RegisterRoom(found.room)]))
    if found is None or not room_allowed:
        raise Missing("import-not-found", "没有这次导入，或不是您上传的。")
    return found


def apply_import(open_unit: OpenUnit, uuid: UUID, mode: ApplyMode) -> None:
    """Write an examined import into the register; a second time does nothing.

    `all_or_nothing` is one commit and needs a file without faults; `good_rows` commits 500 rows at a time and goes on where an
    interrupted run stopped. Raises Missing `import-not-found`, Conflict `import-state-forbids`, `import-has-faults`,
    `import-outdated` (the register has changed since the dry run in a way that a row did not foresee).
    """
    if mode is ApplyMode.ALL_OR_NOTHING:
        with open_unit() as uow:
            if (account := _locked(uow, uuid, mode)) is not None:
                last: int | None = 0
                while last is not None:
                    last = _apply_batch(uow, account, mode, last)
                _finish(uow, account)
        return
    last = 0
    while last is not None:
        with open_unit() as uow:
            if (account := _locked(uow, uuid, mode)) is None:
                return
            last = _apply_batch(uow, account, mode, last)
            if last is None:
                _finish(uow, account)


def _locked(uow: UnitOfWork, uuid: UUID, mode: ApplyMode) -> RegisterImport | None:
    """The import, locked and marked as being applied; None when it has been applied already."""
    plan_afresh(uow.session)
    found = find_import(uow, uuid)
    uow.session.refresh(found, with_for_update={"of": RegisterImport})
    if found.state == APPLIED:
        return None
    if found.state not in (EXAMINED, APPLYING) or (found.state == APPLYING and found.mode != mode.value):
        raise Conflict("import-state-forbids", "这次导入还没有读完、已被拒收，或正以另一种方式写入。")
    faults = found.counts["fault"]
    if mode is ApplyMode.ALL_OR_NOTHING and faults:
        raise Conflict("import-has-faults", f"有 {faults} 行有错，整份没有写入。", facts={"fault": faults})
    found.state, found.mode = APPLYING, mode.value
    uow.session.flush()
    return found


def _apply_batch(uow: UnitOfWork, account: RegisterImport, mode: ApplyMode, after: int) -> int | None:
    """Write the next 500 rows behind row number `after`; answers with the last, None when there are none left."""
    r = RegisterImportRow
    changing = (Verdict.NEW.value, Verdict.UPDATE.value)
    todo = select(r.id, r.row_no, r.verdict, r.key, r.values).where(
        r.import_id == account.id, r.row_no > after, r.verdict.in_(changing), r.applied_at.is_(None)
    )
    rows = uow.session.execute(todo.order_by(r.row_no).limit(BATCH)).all()
    if not rows:
        return None
    room = RegisterRoom(account.room)
    mine = Regions(uow.session, _scope(uow, room)).mine
    current = load_current(uow.session, room, [row.key for row in rows])
    stale = [row for row in rows if not _still_so(row.verdict, current.get(row.key), row.values, mine)]
    if stale:
        _outdated(uow, stale, mode)
    stale_ids = {row.id for row in stale}
    good = [row for row in rows if row.id not in stale_ids]
    writer = Writer(uow, room, f"导入 {account.file_name}")
    writer.write_new([row.values for row in good if row.key not in current])
    writer.write_updates([(current[row.key], row.values) for row in good if row.key in current])
    done = update(r).where(r.id.in_([row.id for row in good]))
    uow.session.execute(done.values(applied_at=uow.now), execution_options={"synchronize_session": False})
    return int(rows[-1].row_no)


def _still_so(verdict: str, current: object, values: dict[str, object], mine: set[str]) -> bool:
    """What the dry run saw still holds: new is still new, an update's record is still there, in scope and not retired."""
    if values["region_code"] not in mine or (current is None) != (verdict == Verdict.NEW.value):
        return False
    retired, home = getattr(current, "retired", False), getattr(current, "values", values)
    return not retired and home["region_code"] in mine


def _outdated(uow: UnitOfWork, rows: Sequence[object], mode: ApplyMode) -> None:
    numbers = [row.row_no for row in rows]  # type: ignore[attr-defined]
    if mode is ApplyMode.ALL_OR_NOTHING:
        raise Conflict(
            "import-outdated",
            f"试读以后名录有变，第 {numbers[0]} 行不再成立，整份没有写入，请重新试读。",
            facts={"rows": numbers[:100]},
        )
    fault = {
        "column": "",
        "value": "",
        "code": "row-outdated",
        "reason": "试读以后名录有变，这一行没有写入",
        "cell": "",
    }
    r = RegisterImportRow
    marked = update(r).where(r.id.in_([row.id for row in rows]))  # type: ignore[attr-defined]
    uow.session.execute(
        marked.values(verdict=Verdict.FAULT.value, faults=[fault]), execution_options={"synchronize_session": False}
    )


def _finish(uow: UnitOfWork, account: RegisterImport) -> None:
    """Close the account; rows that no longer held have become faults, so they are counted again."""
    r = RegisterImportRow
    found = uow.session.execute(select(r.verdict, func.count()).where(r.import_id == account.id).group_by(r.verdict))
    counts = account.counts | {verdict.value: 0 for verdict in Verdict} | dict(found.tuples().all())
    done = update(RegisterImport).where(RegisterImport.id == account.id)
    uow.session.execute(done.values(state=APPLIED, applied_at=uow.now, counts=counts))
