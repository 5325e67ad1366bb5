"""演示的现场检查：去哪里、查哪张表、每项怎样答、拍哪几张照片。

A visit is a function of the plan and its number alone, so it can be composed again at any time, in any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from server.demo.answers import NOT_APPLICABLE, AnswerBank, Document, not_applicable
from server.demo.drawing import Shot, draw_photo
from server.demo.draws import Task
from server.demo.people import REGIONS, Person
from server.demo.places import Site
from server.demo.plan import Chance, Plan
from server.domain.checklists import Checklist, Frame, Item
from server.domain.checks import SHANGHAI
from server.domain.findings import Outcome

PUT_TO = {
    "住宅": ("RES", "CQI", "RMC", "MAT", "GRN"),
    "公共建筑": ("RMC", "CQI", "FIR", "MAT", "DSN", "GRN"),
    "工业建筑": ("MAT", "CQI", "RMC", "SND"),
    "搅拌站": ("RMC", "SND"),
    "检测场所": ("LAB", "PTC"),
    "砂场": ("SND",),
}
FAILING_MOST = 5
DRAWN_MINUTE = timedelta(seconds=0.05)
TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".heic": "image/heic",
    ".heif": "image/heif",
}


@dataclass(frozen=True, slots=True)
class Photo:
    """一张要上传的照片；`load` 给出它的字节。"""

    uuid: UUID
    item: str | None
    name: str
    media_type: str
    load: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Visit:
    """一次检查：谁交、交什么、应得的结论。"""

    number: int
    uuid: UUID
    login: str
    body: Document
    photos: tuple[Photo, ...]
    outcomes: dict[str, str]

    def items(self, outcome: Outcome) -> tuple[str, ...]:
        """Codes of the items that must come to this outcome."""
        return tuple(sorted(code for code, found in self.outcomes.items() if found == outcome.value))


@dataclass(slots=True)
class Field:
    """组成检查要用的全部：打算、对象、人、检查单；`files` 给出时用它们作照片。"""

    plan: Plan
    sites: Sequence[Site]
    inspectors: Mapping[str, Sequence[tuple[Person, str]]]
    checklists: dict[str, Checklist]
    files: Sequence[Path] = ()
    drawn: Sequence[Task] = ()
    banks: dict[str, AnswerBank] = field(default_factory=dict)

    def bank(self, code: str) -> AnswerBank:
        if code not in self.banks:
            self.banks[code] = AnswerBank(self.checklists[code])
        return self.banks[code]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when a visit takes place, and by which checklist; a drawn one happens today, its minutes pass faster."""

    site: Site
    checklist: str
    started: datetime
    minute: timedelta = timedelta(minutes=1)
    task: Task | None = None


def _setting(at: Field, number: int) -> Setting:
    if number < len(at.drawn):
        task = at.drawn[number]
        site = next(s for s in at.sites if s.uuid == task.subject)
        return Setting(site, task.checklist, datetime.fromisoformat(task.at), DRAWN_MINUTE, task)
    chance = at.plan.chance("setting", number)
    region = REGIONS[number % len(REGIONS)].code
    site = chance.pick([s for s in at.sites if s.region == region])
    return Setting(site, chance.pick(_codes_for(at, site)), _start(at.plan, chance))


def compose_visit(at: Field, number: int) -> Visit:
    """Visit `number` of the season (from 0), complete with answers, photos and signature."""
    setting, chance = _setting(at, number), at.plan.chance("visit", number)
    site, code = setting.site, setting.checklist
    uuid = at.plan.id("check", number)
    ended = setting.started + setting.minute * chance.between(45, 170)
    answers, tally = _answers(at, code, site, ended, chance)
    photos = _photos(at, uuid, number, answers)
    officers = _crew(at, setting, chance)
    body = {
        "subject": site.uuid,
        "checklist": {"code": code, "version": at.checklists[code].version},
        "source": "double_random" if setting.task else chance.pick(("campaign", "unannounced")),
        "assignment": setting.task.assignment if setting.task else None,
        "officers": [officer for _, officer in officers],
        "started_at": setting.started.isoformat(),
        "ended_at": ended.isoformat(),
        "device_at": (ended + setting.minute * chance.between(5, 90) / 60).isoformat(),
        **_fix(site, chance),
        "answers": answers,
        "photos": [{"uuid": str(p.uuid), "item": p.item, "sha256": sha256(p.load()).hexdigest()} for p in photos],
        "representative": _representative(chance),
        "remarks": f"示例检查第 {number + 1} 次",
    }
    return Visit(number, uuid, officers[0][0].login, body, photos, tally)


def _crew(at: Field, setting: Setting, chance: Chance) -> list[tuple[Person, str]]:
    """Who goes: those the draw sent, else any two of the region."""
    known = at.inspectors[setting.site.region]
    if setting.task is None:
        return chance.some(known, 2)
    by_id = {officer: (person, officer) for person, officer in known}
    return [by_id[officer] for officer in setting.task.officers]


def _codes_for(at: Field, site: Site) -> list[str]:
    wanted = [c for c in PUT_TO[site.kind] if c in at.checklists]
    return [c for c in wanted if at.checklists[c].items_for(Frame(site.frame), site.region)]


def _start(plan: Plan, chance: Chance) -> datetime:
    """Between 8:30 and 15:30 on a day of the period."""
    day = plan.first_on + timedelta(days=chance.below((plan.last_on - plan.first_on).days + 1))
    return datetime.combine(day, time(8, 30), SHANGHAI) + timedelta(minutes=chance.below(420))


def _answers(
    at: Field, code: str, site: Site, ended: datetime, chance: Chance
) -> tuple[list[Document], dict[str, str]]:
    """One answer per item put to this site, and what each must come to."""
    bank, on = at.bank(code), ended.date()
    items = at.checklists[code].items_for(Frame(site.frame), site.region)
    failing = {item.code for item in _failing(bank, items, on, site, chance)}
    answers, outcomes = [], {}
    for item in items:
        wanted = Outcome.FAILING if item.code in failing else Outcome.CONFORMING
        if wanted is Outcome.CONFORMING and chance.percent(6):
            wanted = Outcome.NOT_APPLICABLE
        answer, outcome = _answer(bank, item, wanted, on, site, chance)
        answers.append(answer)
        outcomes[item.code] = outcome.value
    return answers, outcomes


def _answer(
    bank: AnswerBank, item: Item, wanted: Outcome, on: date, site: Site, chance: Chance
) -> tuple[Document, Outcome]:
    """The wanted outcome, or the nearest that this item can have: to be reviewed, not applicable."""
    for outcome in (wanted, Outcome.NEEDS_REVIEW):
        known = () if wanted is Outcome.NOT_APPLICABLE else bank.answers(item, outcome, on, site.region)
        if known:
            return dict(chance.pick(known)), outcome
    return not_applicable(item, chance.pick(NOT_APPLICABLE)), Outcome.NOT_APPLICABLE


def _failing(bank: AnswerBank, items: Sequence[Item], on: date, site: Site, chance: Chance) -> list[Item]:
    """Up to five; two in three visits find one of the few things that are wrong everywhere."""
    possible = [i for i in items if bank.answers(i, Outcome.FAILING, on, site.region)]
    frequent = possible[1::4][:4]
    found = chance.some(possible, chance.below(FAILING_MOST))
    if frequent and chance.percent(66):
        found.append(chance.pick(frequent))
    return found


def _fix(site: Site, chance: Chance) -> Document:
    if chance.percent(8):
        return {"fix": None, "fix_error": "地下室没有信号"}
    lon, lat = _near(site, chance, 60)
    accuracy = chance.between(4, 25) if chance.percent(97) else 0
    place = {
        "longitude": lon,
        "latitude": lat,
        "datum": "wgs84",
        "accuracy_m": accuracy,
        "age_s": chance.between(0, 40),
    }
    return {"fix": place | {"provider": "gnss"}}


def _near(site: Site, chance: Chance, steps: int) -> tuple[float, float]:
    """A point within `steps` hundred-thousandths of a degree of the centre."""
    lon, lat = site.centre
    return round(lon + chance.between(-steps, steps) / 1e5, 6), round(lat + chance.between(-steps, steps) / 1e5, 6)


def _representative(chance: Chance) -> Document:
    kind = chance.below(100)
    if kind < 84:
        return {"name": "项目经理（示例）", "attitude": "signs"}
    if kind < 94:
        return {"name": "质量负责人（示例）", "attitude": "disagrees", "opinion": "对其中一项实测结果有异议，申请复测"}
    return {"name": "", "attitude": "refuses", "opinion": "现场负责人拒绝签字，已拍照留存", "witness": "监理员（示例）"}


# ------------------------------------------------------------------------------------------- photos


def _photos(at: Field, check: UUID, number: int, answers: list[Document]) -> tuple[Photo, ...]:
    """The photos of a visit, each put to an item: the failing ones first."""
    each = at.plan.photos_each
    wrong = [a for a in answers if a.get("verdict") == "failing"]
    rest = [a for a in answers if a not in wrong and a.get("verdict") != "not_applicable"]
    shown = (wrong + rest)[:each] or answers[:1]
    photos = []
    for n in range(_photo_count(at, number)):
        answer, uuid = shown[n % len(shown)], at.plan.id("photo", check, n)
        answer["photos"] = [*answer.get("photos", []), str(uuid)]
        item = answer["item_code"]
        photos.append(
            _filed(uuid, item, at.files[number * each + n]) if at.files else _drawn(at, uuid, item, number, n)
        )
    return tuple(photos)


def _photo_count(at: Field, number: int) -> int:
    each = at.plan.photos_each
    return max(0, min(each, len(at.files) - number * each)) if at.files else each


def _filed(uuid: UUID, item: str, path: Path) -> Photo:
    kind = TYPES.get(path.suffix.lower(), "application/octet-stream")
    return Photo(uuid, item, path.name, kind, path.read_bytes)


def _drawn(at: Field, uuid: UUID, item: str, number: int, n: int) -> Photo:
    """A drawn photo; a few are what a supervisor should notice: used before, no position, far away, edited."""
    quirk = at.plan.chance("quirk", number, n).below(100)
    if quirk >= 97 and number >= len(REGIONS):
        number, n = number - len(REGIONS), 0  # the picture of an earlier visit in the same region once more
        quirk = at.plan.chance("quirk", number, n).below(97)
    setting, chance = _setting(at, number), at.plan.chance("shot", number, n)
    place: tuple[float, float] | None = _near(setting.site, chance, 70)
    if quirk < 5:
        place = None
    elif quirk < 8 and place is not None:
        place = (place[0] + 0.05, place[1])
    shot = Shot(
        taken_at=setting.started + setting.minute * (3 + 9 * n + chance.below(60) / 60),
        place=place,
        software="Snapseed 2.0" if 8 <= quirk < 11 else "",
        label=f"NO.{number + 1:03d}-{n + 1}",
    )
    return Photo(uuid, item, f"IMG_{number:04d}_{n}.jpg", "image/jpeg", _once(shot, at.plan, number, n))


def _once(shot: Shot, plan: Plan, *words: object) -> Callable[[], bytes]:
    """The drawn bytes, made at the first use and kept."""
    kept: list[bytes] = []

    def load() -> bytes:
        if not kept:
            kept.append(draw_photo(shot, plan.chance("picture", *words), small=plan.small))
        return kept[0]

    return load
