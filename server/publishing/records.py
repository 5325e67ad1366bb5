"""逐条公开的记录：通报里每个数作答的数，都能在这里一条不多、一条不少地列出来。"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, literal, select

from schemas.public.records import FRAME_WORDS, OUTCOME_WORDS, RECORD_COLUMNS
from server.domain.checklists import Checklist
from server.domain.wording import LINKS, PARTIES
from server.formats.csvfile import write_csv
from server.models.bulletins import Bulletin, BulletinCheck, Publication, PublicRecord
from server.models.checks import Answer, Check, ChecklistVersion
from server.models.regions import Region
from server.models.subjects import Subject
from server.uow import UnitOfWork

BATCH = 1000
JOINT = "、"
Narrowing = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """`total` records match; `items` one page of them; `next` the cursor of the next page."""

    total: int
    items: Sequence[dict[str, Any]]
    next: int | None


# ------------------------------------------------------------------------------------------------ freezing


def freeze_records(uow: UnitOfWork, publication: Publication, row: Bulletin) -> None:
    """One INSERT … SELECT: the public list shows subject, item and outcome, and nothing of a person."""
    columns = {
        "publication_id": literal(publication.id),
        "check_ref": Check.uuid,
        "region_code": Check.region_code,
        "frame": Check.frame,
        "subject_name": Subject.name,
        "checked_on": Check.ended_on,
        "checklist_code": ChecklistVersion.code,
        "section_code": Answer.section_code,
        "item_code": Answer.item_code,
        "chain_link": Answer.chain_link,
        "liable": Answer.liable,
        "outcome": Answer.outcome,
    }
    rows = (
        select(*columns.values())
        .select_from(Answer)
        .join(Check, Check.id == Answer.check_id)
        .join(Subject, Subject.id == Check.subject_id)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .join(BulletinCheck, BulletinCheck.check_id == Check.id)
        .where(BulletinCheck.bulletin_id == row.id)
        # The order of an index on each side, so that nothing is sorted: SQLite would sort in memory.
        .order_by(BulletinCheck.check_id, Answer.item_code)
    )
    uow.session.execute(insert(PublicRecord).from_select(list(columns), rows))


def frozen_words(uow: UnitOfWork, row: Bulletin) -> dict[str, Any]:
    """What the lists need beside the rows, kept in the snapshot: names of items and sections, checks of each subject."""
    used = (
        select(ChecklistVersion)
        .where(
            ChecklistVersion.id.in_(
                select(Check.checklist_version_id)
                .join(BulletinCheck, BulletinCheck.check_id == Check.id)
                .where(BulletinCheck.bulletin_id == row.id)
            )
        )
        .order_by(ChecklistVersion.code, ChecklistVersion.version)
    )
    items: dict[str, str] = {}
    sections: dict[str, str] = {}
    for version in uow.session.scalars(used):
        checklist = Checklist.from_dict(version.content)
        items |= {item.code: item.text for item in checklist.items}
        sections |= {f"{checklist.code}-{part.no}": part.name for part in checklist.sections}
    return {"items": items, "sections": sections, **_subjects(uow, row)}


def _subjects(uow: UnitOfWork, row: Bulletin) -> dict[str, Any]:
    """Names of the subjects and the checks of each, by the subject's public id."""
    lines = (
        select(Subject.uuid, Subject.name, Check.uuid)
        .join(Check, Check.subject_id == Subject.id)
        .join(BulletinCheck, BulletinCheck.check_id == Check.id)
        .where(BulletinCheck.bulletin_id == row.id)
        .order_by(Subject.id, Check.id)
    )
    names: dict[str, str] = {}
    checks: dict[str, list[str]] = {}
    for subject, name, check in uow.session.execute(lines):
        names[str(subject)] = name
        checks.setdefault(str(subject), []).append(str(check))
    return {"subjects": names, "checks_of": checks}


# ------------------------------------------------------------------------------------------------ reading


def _one_of(column: Any) -> Callable[[Publication, str], ColumnElement[bool]]:
    return lambda _, value: column.in_(value.split(","))


def _party(_: Publication, value: str) -> ColumnElement[bool]:
    return (literal(JOINT) + PublicRecord.liable + literal(JOINT)).contains(f"{JOINT}{value}{JOINT}", autoescape=True)


def _subject(publication: Publication, value: str) -> ColumnElement[bool]:
    return PublicRecord.check_ref.in_(publication.body.get("checks_of", {}).get(value, []))


#: Each word a public list can be narrowed by. A word that is given but empty means exactly the empty value.
NARROWINGS: dict[str, Callable[[Publication, str], ColumnElement[bool]]] = {
    "region": _one_of(PublicRecord.region_code),
    "frame": _one_of(PublicRecord.frame),
    "checklist": _one_of(PublicRecord.checklist_code),
    "section": _one_of(PublicRecord.section_code),
    "item": _one_of(PublicRecord.item_code),
    "link": _one_of(PublicRecord.chain_link),
    "outcome": _one_of(PublicRecord.outcome),
    "liable": lambda _, value: PublicRecord.liable == JOINT.join(value.split(",")),
    "party": _party,
    "subject": _subject,
    "checked_on": lambda _, value: PublicRecord.checked_on == date.fromisoformat(value),
}


def _narrowed(publication: Publication, narrowing: Narrowing) -> Select[tuple[PublicRecord]]:
    rows = select(PublicRecord).where(PublicRecord.publication_id == publication.id)
    return rows.where(*(NARROWINGS[name](publication, value) for name, value in narrowing.items()))


def public_records(
    uow: UnitOfWork, publication: Publication, narrowing: Narrowing, after: int, limit: int
) -> RecordPage:
    """One page of the frozen answers of a bulletin; `narrowing` maps words of `NARROWINGS` to their values."""
    rows = _narrowed(publication, narrowing)
    total = uow.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    wanted = rows.where(PublicRecord.id > after).order_by(PublicRecord.id).limit(limit + 1)
    found = list(uow.session.scalars(wanted))
    kept, shape = found[:limit], _shaper(uow, publication)
    return RecordPage(total, [shape(row) for row in kept], kept[-1].id if len(found) > limit else None)


def stream_records(uow: UnitOfWork, publication: Publication, narrowing: Narrowing) -> Iterator[dict[str, Any]]:
    """The whole list in batches: memory does not grow with its length."""
    shape, after = _shaper(uow, publication), 0
    rows = _narrowed(publication, narrowing).order_by(PublicRecord.id).limit(BATCH)
    while True:
        batch = list(uow.session.scalars(rows.where(PublicRecord.id > after)))
        yield from map(shape, batch)
        if len(batch) < BATCH:
            return
        after = batch[-1].id
        uow.session.expunge_all()


def records_csv(uow: UnitOfWork, publication: Publication, narrowing: Narrowing) -> Iterator[bytes]:
    """The same list as a table for spreadsheets: words instead of codes."""
    return write_csv(RECORD_COLUMNS, map(in_words, stream_records(uow, publication, narrowing)))


def in_words(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record with Chinese words in place of frame, link, liable parties and outcome."""
    return {
        **record,
        "frame": FRAME_WORDS.get(record["frame"], record["frame"]),
        "link": LINKS.get(record["link"], record["link"]),
        "liable": [PARTIES.get(party, party) for party in record["liable"]],
        "outcome": OUTCOME_WORDS.get(record["outcome"], record["outcome"]),
    }


def words_of(uow: UnitOfWork, publication: Publication) -> dict[str, dict[str, str]]:
    """Names for the codes a list can be narrowed by, as the snapshot holds them."""
    body = publication.body
    return {"region": region_names(uow), "section": body.get("sections", {}), "subject": body.get("subjects", {})}


def region_names(uow: UnitOfWork) -> dict[str, str]:
    return dict(uow.session.execute(select(Region.code, Region.name)).tuples().all())


def _shaper(uow: UnitOfWork, publication: Publication) -> Callable[[PublicRecord], dict[str, Any]]:
    regions, body = region_names(uow), publication.body
    items, sections = body.get("items", {}), body.get("sections", {})

    def shape(row: PublicRecord) -> dict[str, Any]:
        return {
            "check": row.check_ref,
            "subject": row.subject_name,
            "region_code": row.region_code,
            "region": regions.get(row.region_code, row.region_code),
            "frame": row.frame,
            "checked_on": row.checked_on,
            "checklist": row.checklist_code,
            "section": row.section_code,
            "section_name": sections.get(row.section_code, ""),
            "item": row.item_code,
            "item_text": items.get(row.item_code, ""),
            "link": row.chain_link,
            "liable": row.liable.split(JOINT) if row.liable else [],
            "outcome": row.outcome,
        }

    return shape
