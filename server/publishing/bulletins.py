"""发布通报：冻结公开快照，连同写进通报的典型案例和逐条记录。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert, literal, select

from server.domain.bulletins import Bulletin as Document
from server.domain.bulletins import canonical_bytes, from_dict, to_dict, without_internals
from server.domain.errors import Gone, Missing
from server.models.bulletins import Bulletin, BulletinCheck, Publication, PublicRecord
from server.models.checks import Answer, Check, ChecklistVersion
from server.models.regions import Region
from server.models.subjects import Subject
from server.publishing.cases import disclose_typical_cases
from server.uow import UnitOfWork

KIND = "bulletin"


def publish_bulletin(uow: UnitOfWork, bulletin_uuid: UUID, photos: Sequence[UUID]) -> Publication:
    """Freeze the signed document, its cases and its records; runs again without a second copy."""
    row = uow.session.scalars(select(Bulletin).where(Bulletin.uuid == bulletin_uuid)).one()
    slug = slug_of(row.number or "")
    known = uow.session.scalar(select(Publication).where(Publication.slug == slug, Publication.kind == KIND))
    if known is not None:
        return known
    document = without_internals(from_dict(row.content or {}))
    publication = Publication(
        uuid=uuid5(row.uuid, "publication"),
        kind=KIND,
        slug=slug,
        revision=1,
        region_code=row.region_code,
        title=document.title,
        body={"number": row.number, "document": to_dict(document)},
        body_sha256=sha256(canonical_bytes(document)).hexdigest(),
        source_uuid=row.uuid,
        published_at=uow.now,
    )
    uow.session.add(publication)
    uow.session.flush()
    _freeze_records(uow, publication, row)
    disclose_typical_cases(uow, publication, row, photos)
    return publication


def slug_of(number: str) -> str:
    """A document number as a path segment: 示住建通〔2026〕1号 → 示住建通-2026-1号."""
    return number.replace("〔", "-").replace("〕", "-").strip("-")


def _freeze_records(uow: UnitOfWork, publication: Publication, row: Bulletin) -> None:
    """One INSERT … SELECT: the public list shows subject, item and outcome, and nothing of a person."""
    public_ref = Check.uuid
    rows = (
        select(
            literal(publication.id),
            public_ref,
            Check.region_code,
            Check.frame,
            Subject.name,
            Check.ended_on,
            ChecklistVersion.code,
            Answer.section_code,
            Answer.item_code,
            Answer.chain_link,
            Answer.liable,
            Answer.outcome,
        )
        .select_from(Answer)
        .join(Check, Check.id == Answer.check_id)
        .join(Subject, Subject.id == Check.subject_id)
        .join(ChecklistVersion, ChecklistVersion.id == Check.checklist_version_id)
        .join(BulletinCheck, BulletinCheck.check_id == Check.id)
        .where(BulletinCheck.bulletin_id == row.id)
        .order_by(Answer.id)
    )
    columns = [
        "publication_id",
        "check_ref",
        "region_code",
        "frame",
        "subject_name",
        "checked_on",
        "checklist_code",
        "section_code",
        "item_code",
        "chain_link",
        "liable",
        "outcome",
    ]
    uow.session.execute(insert(PublicRecord).from_select(columns, rows))


def withdraw_bulletin(uow: UnitOfWork, bulletin_uuid: UUID, reason: str) -> None:
    """Take down the bulletin and the cases it disclosed; a marker with the reason stays."""
    row = uow.session.scalars(select(Bulletin).where(Bulletin.uuid == bulletin_uuid)).one()
    publications = select(Publication).where(
        Publication.body["bulletin"].as_string() == slug_of(row.number or ""), Publication.withdrawn_at.is_(None)
    )
    own = select(Publication).where(Publication.source_uuid == row.uuid, Publication.withdrawn_at.is_(None))
    for publication in [*uow.session.scalars(own), *uow.session.scalars(publications)]:
        publication.withdrawn_at, publication.withdrawn_reason = uow.now, reason


def public_bulletin(uow: UnitOfWork, slug: str) -> tuple[Publication, Document]:
    """The frozen document; raises Missing, or Gone with the public reason after a withdrawal."""
    row = uow.session.scalar(
        select(Publication)
        .where(Publication.slug == slug, Publication.kind == KIND)
        .order_by(Publication.revision.desc())
    )
    if row is None:
        raise Missing("bulletin-not-found", "没有这份通报。")
    if row.withdrawn_at is not None:
        raise Gone("bulletin-withdrawn", f"本通报已撤回：{row.withdrawn_reason}")
    return row, from_dict(row.body["document"])


def list_bulletins(uow: UnitOfWork, after: int, limit: int) -> list[Publication]:
    """Published bulletins, newest first."""
    rows = select(Publication).where(Publication.kind == KIND, Publication.withdrawn_at.is_(None))
    if after:
        rows = rows.where(Publication.id < after)
    return list(uow.session.scalars(rows.order_by(Publication.id.desc()).limit(limit)))


def region_names(uow: UnitOfWork) -> dict[str, str]:
    return dict(uow.session.execute(select(Region.code, Region.name)).tuples().all())


def public_records(
    uow: UnitOfWork, publication: Publication, narrowing: dict[str, Any], after: int, limit: int
) -> list[PublicRecord]:
    """Frozen answers of one bulletin, narrowed by the allow-listed columns."""
    rows = select(PublicRecord).where(PublicRecord.publication_id == publication.id, PublicRecord.id > after)
    columns = {
        "region": PublicRecord.region_code,
        "frame": PublicRecord.frame,
        "checklist": PublicRecord.checklist_code,
        "section": PublicRecord.section_code,
        "item": PublicRecord.item_code,
        "link": PublicRecord.chain_link,
        "outcome": PublicRecord.outcome,
    }
    for name, column in columns.items():
        if narrowing.get(name):
            rows = rows.where(column.in_(narrowing[name].split(",")))
    if narrowing.get("checked_on"):
        rows = rows.where(PublicRecord.checked_on == date.fromisoformat(narrowing["checked_on"]))
    return list(uow.session.scalars(rows.order_by(PublicRecord.id).limit(limit)))
