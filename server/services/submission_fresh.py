"""第一次交来的记录：PostgreSQL 上一句话写完记录、文件和待办，一来一回就落定。

Nearly every post brings a new record, so this is the hottest statement of the house. It also asks again whether the phone may
still send, which lets the door trust for a moment whom it has just let in. Whatever is not plainly a new record (a repeat, an
edit, a closed form, a phone that was revoked) inserts nothing, and is left to `keep_submission`, which tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import CTE, BigInteger, BindParameter, Text, bindparam, column, func, select, true
from sqlalchemy.dialects.postgresql import JSONB

from server.domain import openrosa
from server.domain.openrosa import FormState
from server.domain.permissions import Permission
from server.outbox import Event
from server.prepared import Prepared
from server.queries.fresh import Asker, may_still, owing
from server.queries.passing import insert_or_pass
from server.services.submissions import (
    FILES,
    FORMS,
    GIVEN,
    SUBMISSIONS,
    Arrived,
    Kept,
    Record,
    names_of,
    record_row,
    told,
)
from server.uow import UnitOfWork

FILE_COLUMNS = ("name", "raw_name", "sha256", "media_type", "size")


def _given(name: str) -> BindParameter[object]:
    return bindparam(f"new_{name}", type_=SUBMISSIONS.c[name].type)


_ASKER = Asker(_given("user_id"), _given("device_id"), _given("region_code"), _given("received_at"))


def _record() -> CTE:
    named = (FORMS.c.form_id == bindparam("form"), FORMS.c.version == bindparam("version"))
    source = select(FORMS.c.id, *map(_given, GIVEN)).where(
        *named, FORMS.c.state != FormState.CLOSED.value, may_still(Permission.FIELD_CHECK_SUBMIT, _ASKER)
    )
    rows = insert_or_pass(SUBMISSIONS).from_select(["form_id", *GIVEN], source)
    return rows.returning(SUBMISSIONS.c.id).cte("kept")


def _files(kept: CTE) -> CTE:
    columns = [column(name, BigInteger if name == "size" else Text) for name in FILE_COLUMNS]
    rows_of = func.jsonb_to_recordset(bindparam("files", type_=JSONB))
    sent = rows_of.table_valued(*columns).render_derived(name="sent", with_types=True)
    source = select(kept.c.id, _given("received_at"), *(sent.c[name] for name in FILE_COLUMNS)).select_from(
        kept.join(sent, true())
    )
    rows = insert_or_pass(FILES).from_select(["submission_id", "received_at", *FILE_COLUMNS], source)
    return rows.returning(FILES.c.id).cte("files")


def _statement(*, files: bool) -> Prepared:
    kept = _record()
    owed = owing(kept, _given("received_at"))
    beside = [_files(kept), owed] if files else [owed]
    return Prepared(select(kept.c.id).add_cte(*beside))


_FRESH, _FRESH_WITH_FILES = _statement(files=False), _statement(files=True)


def keep_fresh(uow: UnitOfWork, record: Record, files: Sequence[Arrived], client: str) -> Kept | None:
    """Store a record that is new, with its files; None, and nothing stored, when that is not plain or not on PostgreSQL.

    `uow` is a unit of one statement. Raises Invalid for a record that does not say what it is.
    """
    claim = record.claim
    openrosa.check_claim(claim)
    if uow.settings.spatialite or claim.deprecated_id:
        return None
    given = {f"new_{name}": value for name, value in record_row(uow, record, client).items()}
    given |= {"form": claim.form_id, "version": claim.version}
    given |= {"event": Event.SUBMISSION_RECEIVED.value, "payload": {"submission": claim.instance_id}}
    asked = (
        _FRESH_WITH_FILES.run(uow.line, given | {"files": [_told(f) for f in files]})
        if files
        else _FRESH.run(uow.line, given)
    )
    if not asked.rows:
        return None
    uow.promised += 1
    return told(record, record.expected, names_of((f.name, f.received.sha256) for f in files), created=True)


def _told(file: Arrived) -> dict[str, object]:
    return {
        "name": file.name,
        "raw_name": file.raw_name,
        "sha256": file.received.sha256,
        "media_type": file.media_type,
        "size": file.received.size,
    }
