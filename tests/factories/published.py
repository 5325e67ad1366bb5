"""A small season in a database, drafted, published and withdrawn by the real services and publishing functions.

Two concrete producers and two projects in two districts, four checks on two checklists, three cases in three states,
two photos of which one is public. Names of natural persons are 实名 on purpose, so that a search for that word proves
that none of them left.
"""

import hashlib
import io
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid5

from geoalchemy2 import WKTElement
from PIL import Image, ImageDraw
from sqlalchemy import select

from schemas.checklist_file import load_checklist, load_vocabulary
from server.domain.answers import Answer, Verdict
from server.domain.cases import Decision, Penalty, PenaltyKind, file_case
from server.domain.checklists import Checklist
from server.domain.clauses import parse_basis
from server.domain.permissions import Scope
from server.formats.checklist_files import read_checklist, read_vocabulary
from server.models.bulletins import Bulletin, Publication
from server.models.checks import Check, ChecklistVersion, EvidenceSlot
from server.models.evidence import Evidence
from server.models.regions import ROOT as ROOT_REGION
from server.models.subjects import Organisation, Subject, SubjectParty, SubjectPlace
from server.models.users import User
from server.models.violations import Case, Violation
from server.publishing import bulletins as publishing
from server.queries.case_values import case_value
from server.services.bulletins import BulletinRequest, request_bulletin
from server.services.cases import write_decision
from server.services.checklists import publish_checklist
from server.services.drafting import draft_bulletin
from server.services.judging import find_violations, record_findings
from server.services.regions import load_regions
from server.storage.port import Storage
from server.uow import House, UnitOfWork

ROOT = Path(__file__).parents[2] / "checklists"
SPACE = UUID("0b3f6a52-7f0e-4a68-9f4c-3d9a1f4f6a10")
REGIONS = (
    {"code": "440000", "name": "广东省", "level": "province", "parent": ""},
    {"code": "441300", "name": "惠州市", "level": "prefecture", "parent": "440000"},
    {"code": "441302", "name": "惠城区", "level": "county", "parent": "441300"},
    {"code": "441303", "name": "惠阳区", "level": "county", "parent": "441300"},
)
SUBJECTS = (
    ("示范一号混凝土有限公司厂区", "enterprise_site", "441302", "RMC", "示范一号混凝土有限公司", "concrete_producer"),
    ("示范二号混凝土有限公司厂区", "enterprise_site", "441303", "RMC", "示范二号混凝土有限公司", "concrete_producer"),
    ("示范花园二期3号楼", "project", "441303", "RES", "示范建筑工程有限公司", "contractor"),
    ("示范实验学校迁建工程", "project", "441302", "RES", "示范第二建设集团有限公司", "contractor"),
)
NUMBER = "示市住建通〔2026〕12号"
SLUG = "示市住建通-2026-12号"
NOW = datetime(2026, 10, 12, 1, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Season:
    """What was published: the bulletin's slug, the numbers of its cases, the digests of the two photos' originals."""

    bulletin: UUID
    slug: str
    cases: tuple[str, ...]
    public_photo: str
    originals: tuple[str, ...]


def named(word: str) -> UUID:
    """An id that is the same in every run."""
    return uuid5(SPACE, word)


def publish_season(house: House) -> Season:
    """Fill the database, draft the bulletin, publish it with its cases."""
    with house.unit() as uow:
        uow.now = NOW
        person = _person(uow)
        subjects = [_subject(uow, place, *row) for place, row in enumerate(SUBJECTS)]
        checks = [_check(uow, place, subject, person) for place, subject in enumerate(subjects)]
        photos = [_photo(uow, house.storage, check, person, place) for place, check in enumerate(checks[:2])]
        for place, check in enumerate(checks):
            _judge(uow, check, place, person)
        row = _bulletin(uow, person)
        publication = publishing.publish_bulletin(uow, row.uuid, [photos[0].uuid])
        uow.session.flush()
        cases = uow.session.scalars(select(Publication).where(Publication.kind == "case").order_by(Publication.id))
        shown = list(cases)
        public = next(photo["sha256"] for case in shown for photo in case.body["photos"])
        slugs = tuple(case.slug for case in shown)
        return Season(row.uuid, publication.slug, slugs, public, tuple(photo.sha256 for photo in photos))


def withdraw_season(house: House, season: Season, reason: str) -> None:
    """Take the bulletin and its cases down, a day later."""
    with house.unit() as uow:
        uow.now = NOW + timedelta(days=1)
        publishing.withdraw_bulletin(uow, season.bulletin, reason)


def _checklist(code: str) -> Checklist:
    vocabulary = load_vocabulary(read_vocabulary(ROOT))
    return load_checklist(read_checklist(ROOT / code / "2025.1" / "checklist.toml"), vocabulary)


def _person(uow: UnitOfWork) -> User:
    load_regions(uow, REGIONS)
    for code in ("RMC", "RES"):
        publish_checklist(uow, _checklist(code))
    person = User(uuid=named("person"), login="zhou", name="周实名", password_hash="-", created_at=NOW, officer_id=None)
    uow.session.add(person)
    uow.session.flush()
    return person


def _subject(
    uow: UnitOfWork, place: int, name: str, frame: str, region: str, _code: str, firm: str, party: str
) -> Subject:
    owner = Organisation(
        uuid=named(firm),
        name=firm,
        kind=party,
        credit_code=f"91441300MA00000{place:02d}X",
        region_code=region,
        created_at=NOW,
    )
    subject = Subject(
        uuid=named(name),
        code=f"S-{place}",
        name=name,
        frame=frame,
        kind=party if frame == "enterprise_site" else "housing",
        region_code=region,
        address="示范路1号，联系人陈实名13812345678",
        organisation=owner if frame == "enterprise_site" else None,
        details={},
        created_at=NOW,
    )
    if frame == "project":
        subject.parties = [SubjectParty(party=party, organisation=owner)]
    subject.place = SubjectPlace(
        datum="wgs84",
        given={"longitude": "114.416196", "latitude": "23.112381"},
        centre=WKTElement(f"POINT({114.416196 + place} 23.112381)", srid=4326),
    )
    uow.session.add(subject)
    uow.session.flush()
    return subject


def _check(uow: UnitOfWork, place: int, subject: Subject, person: User) -> Check:
    code = SUBJECTS[place][3]
    version = uow.session.scalars(select(ChecklistVersion).where(ChecklistVersion.code == code)).one()
    on = date(2026, 8, 3 + place)
    ended = datetime(2026, 8, 3 + place, 3, 0, tzinfo=UTC)
    check = Check(
        uuid=named(f"check {place}"),
        digest_sha256=f"{place:064x}",
        subject_id=subject.id,
        checklist_version_id=version.id,
        frame=subject.frame,
        region_code=subject.region_code,
        state="submitted",
        source="phone",
        attitude="agrees",
        started_at=ended - timedelta(hours=1),
        ended_at=ended,
        ended_on=on,
        device_at=ended,
        clock_offset_s=0,
        record={},
        submitted_by=person.id,
        received_at=ended,
    )
    uow.session.add(check)
    uow.session.flush()
    return check


def _judge(uow: UnitOfWork, check: Check, place: int, person: User) -> None:
    """Every third item fails, every seventh does not apply; violations are confirmed and three become cases."""
    checklist = Checklist.from_dict(check.checklist_version.content)
    verdicts = {0: Verdict.FAILING, 3: Verdict.NOT_APPLICABLE}
    answers = tuple(
        Answer(item.code, verdicts.get((turn + place) % 7, Verdict.CONFORMING), reason="本次未涉及")
        for turn, item in enumerate(i for s in checklist.sections if check.frame in s.frames for i in s.items)
    )
    record_findings(uow, check, checklist, answers)
    find_violations(uow, check.uuid)
    uow.session.flush()
    for violation in uow.session.scalars(select(Violation).where(Violation.check_id == check.id)):
        violation.state, violation.decided_at, violation.decided_by = "confirmed", NOW, person.id
    if place < 3:
        _case(uow, check, place, person)


def _case(uow: UnitOfWork, check: Check, place: int, person: User) -> None:
    case = Case(
        uuid=named(f"case {place}"),
        check_id=check.id,
        subject_id=check.subject_id,
        region_code=check.region_code,
        state="found",
        filing_no="",
        notices=[
            {
                "kind": "rectification",
                "number": f"惠市住建改〔2026〕{place + 1}号",
                "issued_on": "2026-08-10",
                "due_on": "2026-08-25",
            }
        ],
        change_note="",
        opened_at=NOW,
        opened_by=person.id,
        changed_at=NOW,
    )
    uow.session.add(case)
    if place == 0:
        _decide(case)
    elif place == 1:
        filed = file_case(case_value(case), on=date(2026, 8, 20), number="〔示〕住建罚立字〔2026〕第2号")
        case.state, case.filed_on, case.filing_no = filed.state.value, filed.filed_on, filed.filing_number
    uow.session.flush()


def _decide(case: Case) -> None:
    decision = Decision(
        "〔示〕住建罚决字〔2026〕第1号",
        date(2026, 9, 11),
        (
            Penalty(PenaltyKind.FINE, "concrete_producer", "示范一号混凝土有限公司", amount=Decimal(120000)),
            Penalty(PenaltyKind.FINE, "technical_manager", "张实名", True, Decimal(8500)),
        ),
        parse_basis("粤质条48", "V:S09"),
        date(2026, 9, 15),
        Decimal("1.5"),
    )
    case.state, case.filed_on, case.filing_no = "decided", date(2026, 8, 20), "〔示〕住建罚立字〔2026〕第1号"
    case.decision = write_decision(decision)


def draw_photo(words: str) -> bytes:
    """A small picture: grey concrete with a crack."""
    picture = Image.new("RGB", (1600, 1000), (150, 150, 146))
    pen = ImageDraw.Draw(picture)
    for step in range(0, 1600, 40):
        pen.line(
            (step, 480 + (step * 7 + len(words)) % 60, step + 40, 480 + (step * 11) % 70), fill=(60, 60, 58), width=6
        )
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=80)
    return kept.getvalue()


def _photo(uow: UnitOfWork, storage: Storage, check: Check, person: User, place: int) -> Evidence:
    data = draw_photo("x" * place)
    original = hashlib.sha256(b"original" + data).hexdigest()
    storage.put_derived(original, "large", data)
    item = "RMC-01-01"
    evidence = Evidence(
        uuid=named(f"photo {place}"),
        sha256=original,
        size=len(data),
        file_name="陈实名的照片.jpg",
        media_type="image/jpeg",
        announced={},
        check_uuid=check.uuid,
        item_code=item,
        region_code=check.region_code,
        state="examined",
        uploaded_by=person.id,
        received_at=NOW,
    )
    uow.session.add(evidence)
    uow.session.flush()
    slot = EvidenceSlot(
        check_id=check.id, photo_uuid=evidence.uuid, item_code=item, evidence_id=evidence.id, verified_at=NOW
    )
    uow.session.add(slot)
    uow.session.flush()
    return evidence


def _bulletin(uow: UnitOfWork, person: User) -> Bulletin:
    asked = BulletinRequest(
        region_code="441300",
        first_on=date(2026, 7, 1),
        last_on=date(2026, 9, 30),
        checklists=("RES", "RMC"),
        occasion="2026年第三季度建设工程质量“双随机、一公开”抽查",
        method="按照随机抽取检查对象、随机选派执法检查人员的方式，对全市预拌混凝土和在建住宅工程质量进行了抽查",
        basis=("《关于开展2026年“质量月”活动的通知》（示市住建函〔2026〕57号）",),
        recipients=("各县（区）住房和城乡建设局", "各有关企业"),
        issuer="示范市住房和城乡建设局",
        report_to="工程质量安全监督科",
        report_by_on=date(2026, 10, 30),
        dated_on=date(2026, 10, 12),
        publicity="此件公开发布",
        typical_cases=5,
    )
    row = _asked(uow, asked, person)
    draft_bulletin(uow, row.uuid)
    row.number, row.state = NUMBER, "published"
    uow.session.flush()
    return row


def _asked(uow: UnitOfWork, asked: BulletinRequest, person: User) -> Bulletin:
    uow.actor, uow.scope = replace(uow.actor, user_id=person.id), Scope((ROOT_REGION,))
    return request_bulletin(uow, asked)
