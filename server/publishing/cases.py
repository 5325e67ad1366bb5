"""公开案例：从案件做出可以离开本屋的那一份，逐条冻结。"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, func, select

from schemas.public.cases import public_case
from server.domain.bulletins import from_dict
from server.domain.disclosed_cases import DisclosedCase, DisclosedParty, DisclosedPenalty, disclose_case
from server.domain.errors import Missing
from server.formats.jsonfile import dump_json
from server.models.bulletins import Bulletin, Publication
from server.models.checks import ChecklistVersion
from server.models.regions import Region, RegionAncestor
from server.models.subjects import SubjectPlace
from server.models.violations import Case
from server.publishing.facts import gather_case_facts
from server.publishing.photos import publish_photos
from server.publishing.standing import find_standing, newest, standing
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
    body = {
        "case": _frozen(disclosed),
        "photos": photos,
        "bulletin": bulletin.slug,
        "search": _search_text(disclosed),
    }
    return Publication(
        uuid=uuid5(bulletin.uuid, str(case.uuid)),  # one case may stand in several bulletins
        kind=KIND,
        slug=disclosed.number,
        revision=1,
        region_code=case.region_code,
        title=disclosed.title,
        body=body,
        body_sha256=sha256(dump_json(checked_value(body))).hexdigest(),
        source_uuid=case.uuid,
        published_at=uow.now,
    )


def checked_value(body: dict[str, Any]) -> dict[str, Any]:
    """What the check value covers: the public JSON without `sha256` and `published_at`, so anyone can redo it."""
    return public_case(thaw(body)) | {"photos": body["photos"], "bulletin": body["bulletin"]}


def _search_text(disclosed: DisclosedCase) -> str:
    """What the portal's search looks in, lower case: number, subject, region, firms, problems."""
    firms = (party.name for party in disclosed.parties)
    words = (disclosed.number, disclosed.title, disclosed.region, disclosed.decision_number, *firms)
    return "\n".join((*words, *disclosed.findings)).lower()


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
        rows = select(Publication).where(newest(KIND) if withdrawn else standing(KIND))
        rows = rows if before is None else rows.where(Publication.id < before)
        batch = list(uow.session.scalars(rows.order_by(Publication.id.desc()).limit(BATCH)))
        yield from batch
        if len(batch) < BATCH:
            return
        before = batch[-1].id
        uow.session.expunge_all()


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """What the public asks for: text anywhere, regions with all below them, stages in words, one bulletin."""

    text: str = ""
    regions: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    bulletin: str = ""


@dataclass(frozen=True, slots=True)
class CasePage:
    """`total` cases match; `items` one page as public values; `next` the cursor of the next page."""

    total: int
    items: Sequence[dict[str, Any]]
    next: int | None


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts beside the filters: (code, name, cases) by region and (words, cases) by stage."""

    regions: Sequence[tuple[str, str, int]] = field(default_factory=list)
    stages: Sequence[tuple[str, int]] = field(default_factory=list)


_STAGE = Publication.body["case"]["stage"].as_string()


def _matching(question: CaseQuestion) -> list[ColumnElement[bool]]:
    found = [standing(KIND)]
    if question.text:
        found += [
            Publication.body["search"].as_string().contains(word, autoescape=True)
            for word in question.text.lower().split()
        ]
    if question.regions:
        below = select(RegionAncestor.region_code).where(RegionAncestor.ancestor_code.in_(question.regions))
        found.append(Publication.region_code.in_(below))
    if question.stages:
        found.append(_STAGE.in_(question.stages))
    if question.bulletin:
        found.append(Publication.body["bulletin"].as_string() == question.bulletin)
    return found


def find_cases(uow: UnitOfWork, question: CaseQuestion, *, after: int = 0, skip: int = 0, limit: int = 50) -> CasePage:
    """Cases that match, newest first: by cursor (`after`) for programs or by place (`skip`) for numbered pages."""
    matching = _matching(question)
    total = uow.session.scalar(select(func.count()).select_from(Publication).where(*matching)) or 0
    rows = select(Publication).where(*matching)
    rows = rows.where(Publication.id < after) if after else rows
    found = list(uow.session.scalars(rows.order_by(Publication.id.desc()).offset(skip).limit(limit + 1)))
    kept = found[:limit]
    return CasePage(total, [public_value(row) for row in kept], kept[-1].id if len(found) > limit else None)


def count_facets(uow: UnitOfWork) -> Facets:
    """How many disclosed cases each region and each stage has."""
    names = select(Publication.region_code, Region.name, func.count()).join(
        Region, Region.code == Publication.region_code
    )
    regions = names.where(standing(KIND)).group_by(Publication.region_code, Region.name)
    stages = select(_STAGE.label("stage"), func.count()).where(standing(KIND)).group_by("stage")
    by_code = uow.session.execute(regions.order_by(Publication.region_code)).tuples().all()
    by_number = sorted(uow.session.execute(stages).tuples().all(), key=lambda pair: (-pair[1], pair[0]))
    return Facets(list(by_code), by_number)


def checklist_titles(uow: UnitOfWork) -> dict[str, str]:
    """Names of checklists for their codes; of several versions the last one names it."""
    rows = select(ChecklistVersion.code, ChecklistVersion.title).order_by(ChecklistVersion.version)
    return dict(uow.session.execute(rows).tuples().all())


def find_public_case(uow: UnitOfWork, number: str) -> Publication:
    """One disclosed case; raises Missing, or Gone with the public reason after a withdrawal."""
    missing = Missing("case-not-found", "没有这个公开案例。")
    return find_standing(uow, KIND, number, missing=missing, gone=("case-withdrawn", "本案例已撤下"))


def public_value(row: Publication) -> dict[str, Any]:
    """The JSON object of the export: allow-listed fields, photos by digest, the check value."""
    return checked_value(row.body) | {"sha256": row.body_sha256, "published_at": row.published_at.isoformat()}
