"""公开照片：只有人看过并点选的，去尽元数据的副本，有自己的摘要。"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import select

from server.domain.custody import Act
from server.domain.errors import Gone, Missing
from server.models.bulletins import Publication
from server.models.checks import EvidenceSlot
from server.models.evidence import Evidence, PublicPhoto
from server.models.violations import Case
from server.publishing.standing import newest
from server.queries.custody import following_row
from server.uow import UnitOfWork

PUBLIC = "public"


def publish_photos(uow: UnitOfWork, case: Case, chosen: Sequence[UUID]) -> list[dict[str, Any]]:
    """Copies of the chosen photos that belong to this case, in order of item; [{item, sha256, size}]."""
    rows = (
        select(Evidence, EvidenceSlot.item_code)
        .join(EvidenceSlot, EvidenceSlot.evidence_id == Evidence.id)
        .where(EvidenceSlot.check_id == case.check_id, Evidence.uuid.in_(chosen), Evidence.state == "examined")
        .order_by(EvidenceSlot.item_code, Evidence.uuid)
    )
    shown = []
    for evidence, item in uow.session.execute(rows):
        photo = _copy(uow, evidence)
        shown.append({"item": item, "sha256": photo.sha256, "size": photo.size})
    return shown


def _copy(uow: UnitOfWork, evidence: Evidence) -> PublicPhoto:
    """The 1600 px preview holds pixels only; its bytes become the public copy."""
    with uow.storage.open_derived(evidence.sha256, "large") as preview:
        data = preview.read()
    digest = sha256(data).hexdigest()
    uow.storage.put_derived(digest, PUBLIC, data)
    photo = uow.session.get(PublicPhoto, digest)
    if photo is None:
        photo = PublicPhoto(sha256=digest, evidence_id=evidence.id, size=len(data), made_at=uow.now)
        uow.session.add(photo)
        facts = {"public_sha256": digest}
        uow.session.add(following_row(uow.session, evidence.id, Act.PUBLISHED, uow.actor.label, uow.now, facts))
        uow.session.flush()
    return photo


def open_public_photo(uow: UnitOfWork, digest: str) -> BinaryIO:
    """A public copy for reading.

    Raises Missing for anything that was not published, Gone when every case that showed it was withdrawn.
    """
    photo = uow.session.get(PublicPhoto, digest)
    if photo is None:
        raise Missing("photo-not-found", "没有这张公开照片。")
    shown = (
        select(Publication.withdrawn_at)
        .join(Case, Case.uuid == Publication.source_uuid)
        .join(EvidenceSlot, EvidenceSlot.check_id == Case.check_id)
        .where(EvidenceSlot.evidence_id == photo.evidence_id, newest("case"))
    )
    withdrawn = list(uow.session.scalars(shown))
    if all(at is not None for at in withdrawn):
        raise Gone("photo-withdrawn", "展示这张照片的案例已撤下。")
    return uow.storage.open_derived(digest, PUBLIC)
