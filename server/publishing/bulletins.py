"""发布通报：冻结公开快照，连同写进通报的典型案例和逐条记录。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from sqlalchemy import func, select

from schemas.public.bulletins import checked_bulletin
from server.domain.bulletins import Bulletin as Document
from server.domain.bulletins import from_dict, to_dict, without_internals
from server.domain.errors import Missing
from server.formats.bulletin_html import SitePage, render_html
from server.formats.bulletin_links import answer_narrowing, public_links
from server.formats.bulletin_markdown import render_markdown
from server.formats.jsonfile import dump_json
from server.models.bulletins import Bulletin, Publication
from server.publishing.cases import disclose_typical_cases
from server.publishing.clocks import meet_disclosures, meet_withdrawals
from server.publishing.records import freeze_records, frozen_words
from server.publishing.standing import find_standing, standing
from server.uow import UnitOfWork

KIND = "bulletin"


@dataclass(frozen=True, slots=True)
class BulletinPage:
    """`items` as the public list shows them, newest first; `next` the cursor of the next page."""

    items: Sequence[dict[str, Any]]
    next: int | None


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
        body={"number": row.number, "document": to_dict(document), **frozen_words(uow, row)},
        body_sha256=check_value(document, slug, row.number or ""),
        source_uuid=row.uuid,
        published_at=uow.now,
    )
    uow.session.add(publication)
    uow.session.flush()
    freeze_records(uow, publication, row)
    disclose_typical_cases(uow, publication, row, photos)
    meet_disclosures(uow, row.id)
    return publication


def slug_of(number: str) -> str:
    """A document number as a path segment: 示住建通〔2026〕1号 → 示住建通-2026-1号."""
    return number.replace("〔", "-").replace("〕", "-").strip("-")


def check_value(document: Document, slug: str, number: str) -> str:
    """SHA-256 of the public JSON without `sha256` and `published_at` (keys sorted, compact, UTF-8): anyone can redo it."""
    return sha256(dump_json(checked_bulletin(document, slug=slug, number=number))).hexdigest()


def withdraw_bulletin(uow: UnitOfWork, bulletin_uuid: UUID, reason: str) -> None:
    """Take down the bulletin and the cases it disclosed; a marker with the reason stays."""
    row = uow.session.scalars(select(Bulletin).where(Bulletin.uuid == bulletin_uuid)).one()
    publications = select(Publication).where(
        Publication.body["bulletin"].as_string() == slug_of(row.number or ""), Publication.withdrawn_at.is_(None)
    )
    own = select(Publication).where(Publication.source_uuid == row.uuid, Publication.withdrawn_at.is_(None))
    down = [*uow.session.scalars(own), *uow.session.scalars(publications)]
    for publication in down:
        publication.withdrawn_at, publication.withdrawn_reason = uow.now, reason
    meet_withdrawals(uow, [publication.id for publication in down])


def find_bulletin(uow: UnitOfWork, slug: str) -> Publication:
    """One published bulletin; raises Missing, or Gone with the public reason after a withdrawal."""
    missing = Missing("bulletin-not-found", "没有这份通报。")
    return find_standing(uow, KIND, slug, missing=missing, gone=("bulletin-withdrawn", "本通报已撤回"))


def bulletin_facts(row: Publication) -> dict[str, Any]:
    """The published bulletin for `PublicBulletinSchema`."""
    return {**row.body["document"], **_marks(row)}


def _marks(row: Publication) -> dict[str, Any]:
    number, at = row.body["number"], row.published_at
    return {"slug": row.slug, "number": number, "published_at": at, "sha256": row.body_sha256}


def list_bulletins(uow: UnitOfWork, after: int, limit: int) -> BulletinPage:
    """Published bulletins, newest first; documents stay in the database, only their heads are read."""
    document = Publication.body["document"]
    heads = [document[name].as_string().label(name) for name in ("id", "kind", "issuer", "dated_on")]
    rows = select(
        Publication.id.label("cursor"),
        Publication.slug,
        Publication.title,
        Publication.body["number"].as_string().label("number"),
        Publication.published_at,
        Publication.body_sha256.label("sha256"),
        *heads,
    ).where(standing(KIND))
    if after:
        rows = rows.where(Publication.id < after)
    found = uow.session.execute(rows.order_by(Publication.id.desc()).limit(limit + 1)).mappings().all()
    kept = [dict(row) for row in found[:limit]]
    return BulletinPage(kept, kept[-1]["cursor"] if len(found) > limit else None)


def count_bulletins(uow: UnitOfWork) -> int:
    return uow.session.scalar(select(func.count()).where(standing(KIND))) or 0


def bulletin_html(row: Publication, site: SitePage | None = None) -> str:
    """The official page; figures that count answers link to exactly those answers."""
    document = from_dict(row.body["document"])
    return render_html(document, number=row.body["number"], link=public_links(_records_of(row)), site=site)


def bulletin_page(row: Publication, home: str, published: str) -> str:
    """The same page inside the site: the way home, other forms of it, its check value; none of that is printed."""
    slug = quote(row.slug)
    api = f"/api/v1/public/bulletins/{slug}"
    links = (
        ("全部通报", "/bulletins"),
        ("逐条记录", _records_of(row)),
        ("本通报案例", f"/cases?q={slug}"),
        ("JSON", api),
        ("Markdown", f"{api}.md"),
    )
    facts = (("发布时间", published), ("校验值 SHA-256", row.body_sha256))
    return bulletin_html(row, SitePage((home, "/"), links, facts))


def bulletin_markdown(row: Publication) -> str:
    """The same document as CommonMark; links are paths of this site."""
    document = from_dict(row.body["document"])
    return render_markdown(document, number=row.body["number"], link=public_links(_records_of(row)))


def _records_of(row: Publication) -> str:
    return f"/bulletins/{quote(row.slug)}/records"


def figure_counted(row: Publication, identity: str, narrowing: dict[str, str]) -> dict[str, Any] | None:
    """The figure behind a list, if the list is narrowed exactly as the figure counts; otherwise None."""
    for figure in from_dict(row.body["document"]).figures:
        if figure.id == identity and answer_narrowing(figure) == narrowing:
            count = figure.value.get("count", figure.value.get("checked"))
            return {"text": figure.text, "definition": figure.definition, "count": count}
    return None
