"""证据：收下照片、核验、判定。"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import bindparam, func, select

from server.domain.custody import Act
from server.domain.errors import Conflict, Invalid, Missing
from server.domain.evidence import Tolerances, Witnesses, judge_photo
from server.domain.registers import Datum, Position
from server.formats.datum import to_wgs84
from server.formats.guard import Examination
from server.models.checks import Check
from server.models.evidence import Evidence, EvidencePlace
from server.models.subjects import SubjectPlace
from server.outbox import Event
from server.prepared import Prepared
from server.queries.geography import metres_between, point
from server.queries.scope import in_scope
from server.services.custody import record_custody
from server.services.likeness import record_hash, record_same_bytes
from server.services.slots import first_slot, link_evidence, verify_slots
from server.storage.port import Received
from server.uow import UnitOfWork

_KNOWN = Prepared(select(Evidence.id).where(Evidence.uuid == bindparam("photo")))
RECEIVED, EXAMINED, UNREADABLE = "received", "examined", "unreadable"


@dataclass(frozen=True, slots=True)
class PhotoClaim:
    """What the phone says of a photo; every word of it is a claim."""

    uuid: UUID
    check: UUID | None
    item: str | None
    file_name: str
    media_type: str
    taken_at: datetime | None
    fix: Position | None
    sha256: str | None
    source: str | None = None

    def as_dict(self) -> dict[str, Any]:
        fix = None if self.fix is None else asdict(self.fix) | {"datum": self.fix.datum.value}
        said = {"taken_at": self.taken_at.isoformat() if self.taken_at else None, "fix": fix, "sha256": self.sha256}
        return said if self.source is None else said | {"source": self.source}


@dataclass(frozen=True, slots=True)
class Kept:
    """The stored photo; `created` False means the same photo had come before."""

    evidence: Evidence
    created: bool


def check_digest(claim: PhotoClaim, received: Received) -> None:
    """Raise Invalid `digest-mismatch` when the bytes are not those the phone announced."""
    if received.size == 0:
        raise Invalid("upload-empty", "收到的文件是空的，请重传。")
    if claim.sha256 is not None and claim.sha256 != received.sha256:
        raise Invalid(
            "digest-mismatch",
            "收到的内容与手机给出的摘要不符，可能在路上被截断，请重传。",
            facts={"announced": claim.sha256, "received": received.sha256, "size": received.size},
        )


def keep_photo(uow: UnitOfWork, claim: PhotoClaim, received: Received) -> Kept:
    """Record a promoted original under the phone's own id; the same bytes again are the same answer.

    Raises Conflict `upload-differs` when the id holds other bytes; `keep_other_bytes` then keeps those beside it.
    """
    known_id = _KNOWN.run(uow.connection, {"photo": claim.uuid}).scalar()
    if known_id is not None:
        known = uow.session.get_one(Evidence, known_id)
        if known.sha256 == received.sha256:
            return Kept(known, created=False)
        raise Conflict(
            "upload-differs",
            "这个编号已收下另一张照片；新的一张另行保留，不会覆盖。",
            facts={
                "stored_sha256": known.sha256,
                "sent_sha256": received.sha256,
                "kept_as": str(_other_id(claim, received)),
            },
        )
    return Kept(_insert(uow, claim, claim.uuid, received), created=True)


def _other_id(claim: PhotoClaim, received: Received) -> UUID:
    return uuid5(claim.uuid, received.sha256)


def keep_other_bytes(uow: UnitOfWork, claim: PhotoClaim, received: Received) -> None:
    """Keep a different photo that came under a used id as an unmatched one."""
    other = _other_id(claim, received)
    if uow.session.scalar(select(Evidence.id).where(Evidence.uuid == other)) is None:
        _insert(uow, claim, other, received)


def _insert(uow: UnitOfWork, claim: PhotoClaim, uuid: UUID, received: Received) -> Evidence:
    evidence = Evidence(**evidence_row(uow, claim, uuid, received))
    uow.session.add(evidence)
    uow.session.flush()
    record_custody(uow, evidence, Act.RECEIVED, received_facts(received), opens=True)
    link_evidence(uow, evidence)
    uow.promise(Event.EVIDENCE_RECEIVED, {"evidence": str(uuid)})
    return evidence


def evidence_row(uow: UnitOfWork, claim: PhotoClaim, uuid: UUID, received: Received) -> dict[str, Any]:
    """The columns of a photo that has just come."""
    return {
        "uuid": uuid,
        "sha256": received.sha256,
        "size": received.size,
        "file_name": claim.file_name,
        "media_type": claim.media_type,
        "announced": claim.as_dict(),
        "check_uuid": claim.check,
        "item_code": claim.item,
        "region_code": _home_region(uow),
        "state": RECEIVED,
        "uploaded_by": uow.actor.user_id,
        "device_id": uow.actor.device_id,
        "received_at": uow.now,
    }


def received_facts(received: Received) -> dict[str, Any]:
    """What the first line of the ledger says."""
    return {"sha256": received.sha256, "size": received.size}


def _home_region(uow: UnitOfWork) -> str:
    """Until a check claims the photo it belongs to the sender's own region."""
    return uow.scope.regions[0]


def record_examination(uow: UnitOfWork, evidence_uuid: UUID, found: Examination) -> Evidence:
    """Write what the guarded child found, verify slots, compare with earlier photos, then owe a judgement."""
    evidence = uow.session.scalars(select(Evidence).where(Evidence.uuid == evidence_uuid).with_for_update()).one()
    link_evidence(uow, evidence)
    if evidence.examined_at is not None:
        return evidence
    evidence.facts = found.facts | {"container": found.container, "pixels": [found.width, found.height]}
    evidence.reason = found.reason
    evidence.state = EXAMINED if found.reason is None else UNREADABLE
    evidence.examined_at = uow.now
    captured = found.facts.get("captured_at")
    evidence.captured_at = datetime.fromisoformat(captured) if captured else None
    gps = found.facts["gps"]
    if gps["state"] == "ok":
        lon, lat = gps["longitude"], gps["latitude"]
        evidence.place = EvidencePlace(longitude=lon, latitude=lat, point=point(lon, lat))
    record_same_bytes(uow, evidence)
    if found.phash is not None:
        record_hash(uow, evidence, found.phash)
    verify_slots(uow, evidence)
    record_custody(uow, evidence, Act.EXAMINED, {"reason": found.reason, "gps": gps["state"]})
    uow.promise(Event.EVIDENCE_EXAMINED, {"evidence": str(evidence.uuid)})
    return evidence


def judge_evidence(uow: UnitOfWork, evidence_uuid: UUID) -> Evidence:
    """Put the witnesses side by side and write the flags; runs again whenever a slot is filled, with the same result."""
    evidence = uow.session.scalars(select(Evidence).where(Evidence.uuid == evidence_uuid)).one()
    slot = first_slot(uow, evidence.id)
    check = uow.session.get(Check, slot.check_id) if slot else None
    if check is not None:
        evidence.region_code = check.region_code
    witnesses = _witnesses(uow, evidence, check)
    rules = uow.settings.evidence
    flags, agreement = judge_photo(
        witnesses, Tolerances(rules.site_margin_m, rules.clock_tolerance_s, rules.queue_days)
    )
    fresh = [f.as_dict() for f in flags]
    if evidence.judged_at is None or fresh != evidence.flags:
        evidence.flags, evidence.agreement, evidence.judged_at = fresh, agreement, uow.now
        record_custody(uow, evidence, Act.JUDGED, {"flags": [f["code"] for f in fresh], "agreement": agreement})
    return evidence


def _witnesses(uow: UnitOfWork, evidence: Evidence, check: Check | None) -> Witnesses:
    facts = evidence.facts or {}
    gps = facts.get("gps", {})
    fix = _fix(evidence, check)
    exif_to_site, fix_to_site, exif_to_fix = _distances(uow, evidence, check, fix)
    return Witnesses(
        gps_state=gps.get("state", "absent"),
        captured_at=evidence.captured_at,
        zone_assumed=bool(facts.get("zone_assumed")),
        software=facts.get("software"),
        has_camera=bool(facts.get("make") or facts.get("model")),
        reason=evidence.reason,
        received_at=evidence.received_at,
        check_started_at=check.started_at if check else None,
        check_ended_at=check.ended_at if check else None,
        clock_offset_s=check.clock_offset_s if check else 0,
        gps_error_m=gps.get("error_m"),
        exif_to_site_m=exif_to_site,
        exif_to_fix_m=exif_to_fix,
        fix_to_site_m=fix_to_site,
        fix_accuracy_m=fix.accuracy_m if fix else None,
        fix_age_s=fix.age_s if fix else None,
        fix_given=fix is not None,
        fix_datum_known=fix is None or fix.datum is not Datum.UNKNOWN,
        gps_dop=gps.get("dop"),
        gps_at=datetime.fromisoformat(gps["at"]) if gps.get("at") else None,
        captured_text=facts.get("captured"),
        container=facts.get("container"),
    )


def _fix(evidence: Evidence, check: Check | None) -> Position | None:
    """The phone's own fix: the one recorded beside the photo, else the check's."""
    given = evidence.announced.get("fix") or (check.record.get("fix") if check else None)
    if not given:
        return None
    wanted = ("longitude", "latitude", "accuracy_m", "age_s")
    return Position(datum=Datum(given["datum"]), **{name: given.get(name) for name in wanted})


def _distances(
    uow: UnitOfWork, evidence: Evidence, check: Check | None, fix: Position | None
) -> tuple[float | None, float | None, float | None]:
    """Metres: photo to site, fix to site, photo to fix; None where one of the two is unknown."""
    exif = point(evidence.place.longitude, evidence.place.latitude) if evidence.place else None
    phone = None
    if fix is not None and fix.datum is not Datum.UNKNOWN:
        phone = point(*to_wgs84(fix.longitude, fix.latitude, fix.datum.value))
    site = func.coalesce(SubjectPlace.boundary, SubjectPlace.centre)
    here = select(SubjectPlace.subject_id).where(SubjectPlace.subject_id == (check.subject_id if check else -1))
    exif_to_site = fix_to_site = exif_to_fix = None
    if exif is not None:
        exif_to_site = uow.session.scalar(here.with_only_columns(metres_between(site, exif)))
    if phone is not None:
        fix_to_site = uow.session.scalar(here.with_only_columns(metres_between(site, phone)))
    if exif is not None and phone is not None:
        exif_to_fix = uow.session.scalar(select(metres_between(exif, phone)))
    return exif_to_site, fix_to_site, exif_to_fix


def find_evidence(uow: UnitOfWork, evidence: UUID) -> Evidence:
    """The photo if it lies in scope; raises Missing."""
    found = uow.session.scalar(
        select(Evidence).where(Evidence.uuid == evidence, in_scope(Evidence.region_code, uow.scope))
    )
    if found is None:
        raise Missing("photo-not-found", "没有这张照片，或不在您的范围内。")
    return found


def view_evidence(uow: UnitOfWork, evidence: Evidence, what: str) -> None:
    """Each viewing of an original is a custody entry."""
    record_custody(uow, evidence, Act.VIEWED, {"what": what})


def digest_to_examine(uow: UnitOfWork, evidence_uuid: UUID) -> str:
    """Where the original of a photo lies."""
    return uow.session.scalars(select(Evidence.sha256).where(Evidence.uuid == evidence_uuid)).one()
