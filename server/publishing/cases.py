"""公开案例：从案件做出可以离开本屋的那一份，逐条冻结。"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from schemas.public.cases import public_case
from server.domain.bulletins import from_dict
from server.domain.disclosed_cases import DisclosedCase, DisclosedParty, DisclosedPenalty, disclose_case
from server.domain.errors import Gone, Missing
from server.formats.jsonfile import dump_json
from server.models.bulletins import Bulletin, Publication
from server.models.regions import Region
from server.models.subjects import SubjectPlace
from server.models.violations import Case
from server.publishing.facts import gather_case_facts
from server.publishing.photos import publish_photos
from server.uow import UnitOfWork

KIND = "case"
BATCH = 500


def disclose_typical_cases(uow: UnitOfWork, publication: Publication, row: Bulletin, photos: Sequence[UUID]) -> None:
    """One publication per case the bulletin tells, in its order."""
    document = from_dict(row.content or {})
    regions = dict(uow.session.execute(select(Region.code, Region.name)).tuples().all())
    for choice in document.selection:
        case = uow.session.scalars(select(Case).where(Case.uuid == UUID(choice.id))).one()
        facts = gather_case_facts(uow, case, row.id)
        disclosed = disclose_case(
            facts,
            number=f"{publication.slug}-{choice.rank}",
            region=regions.get(case.region_code, case.region_code),
            on=document.dated_on,
            position=_position(uow, case.subject_id),
            decimals=uow.settings.publishing.coordinate_decimals,
        )
        shown = publish_photos(uow, case, photos)
        uow.session.add(_publication(uow, publication, case, disclosed, shown))


def _position(uow: UnitOfWork, subject_id: int) -> tuple[Decimal, Decimal] | None:
    centre = SubjectPlace.centre
    row = uow.session.execute(
        select(func.ST_X(centre), func.ST_Y(centre)).where(SubjectPlace.subject_id == subject_id)
    ).one_or_none()
    return None if row is None else (Decimal(repr(row[0])), Decimal(repr(row[1])))


def _publication(
    uow: UnitOfWork, bulletin: Publication, case: Case, disclosed: DisclosedCase, photos: list[dict[str, Any]]
) -> Publication:
    body = {"case": _frozen(disclosed), "photos": photos, "bulletin": bulletin.slug}
    return Publication(
        uuid=case.uuid,
        kind=KIND,
        slug=disclosed.number,
        revision=1,
        region_code=case.region_code,
        title=disclosed.title,
        body=body,
        body_sha256=sha256(dump_json(body)).hexdigest(),
        source_uuid=case.uuid,
        published_at=uow.now,
    )


def _frozen(disclosed: DisclosedCase) -> dict[str, Any]:
    """JSON-ready: dates and decimals as text."""
    data = asdict(disclosed)
    data["checked_on"] = disclosed.checked_on.isoformat()
    data["decided_on"] = disclosed.decided_on.isoformat() if disclosed.decided_on else None
    data["position"] = [f"{part:f}" for part in disclosed.position] if disclosed.position else None
    return data


def thaw(body: dict[str, Any]) -> DisclosedCase:
    """The public value back from its frozen form."""
    data = dict(body["case"])
    data["checked_on"] = date.fromisoformat(data["checked_on"])
    data["decided_on"] = date.fromisoformat(data["decided_on"]) if data["decided_on"] else None
    data["parties"] = tuple(DisclosedParty(**p) for p in data["parties"])
    data["penalties"] = tuple(DisclosedPenalty(**p) for p in data["penalties"])
    data["findings"], data["text"] = tuple(data["findings"]), tuple(data["text"])
    data["position"] = tuple(Decimal(part) for part in data["position"]) if data["position"] else None
    return DisclosedCase(**data)


def stream_cases(uow: UnitOfWork, *, withdrawn: bool = False) -> Iterator[Publication]:
    """Every disclosed case, newest first, in batches: memory does not grow with their number."""
    before: int | None = None
    while True:
        rows = select(Publication).where(Publication.kind == KIND)
        rows = rows if withdrawn else rows.where(Publication.withdrawn_at.is_(None))
        rows = rows if before is None else rows.where(Publication.id < before)
        batch = list(uow.session.scalars(rows.order_by(Publication.id.desc()).limit(BATCH)))
        yield from batch
        if len(batch) < BATCH:
            return
        before = batch[-1].id
        uow.session.expunge_all()


def find_public_case(uow: UnitOfWork, number: str) -> Publication:
    """One disclosed case; raises Missing, or Gone with the public reason after a withdrawal."""
    row = uow.session.scalar(
        select(Publication)
        .where(Publication.kind == KIND, Publication.slug == number)
        .order_by(Publication.revision.desc())
    )
    if row is None:
        raise Missing("case-not-found", "没有这个公开案例。")
    if row.withdrawn_at is not None:
        raise Gone("case-withdrawn", f"本案例已撤下：{row.withdrawn_reason}")
    return row


def public_value(row: Publication) -> dict[str, Any]:
    """The JSON object of the export: allow-listed fields, photos by digest, the check value."""
    return public_case(thaw(row.body)) | {
        "photos": row.body["photos"],
        "bulletin": row.body["bulletin"],
        "sha256": row.body_sha256,
        "published_at": row.published_at.isoformat(),
    }
