"""一次检查的样子：真的检查单、真的作答，想让哪项不符合就让哪项不符合。"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from server.demo.answers import AnswerBank, not_applicable
from server.domain.checklists import Frame, Item
from server.domain.findings import Outcome
from tests.factories.world import World, published_checklists
from tests.people import ZHENHAI

STARTED = datetime(2026, 9, 18, 1, 0, tzinfo=UTC)
FRAMES = {"site": Frame.PROJECT, "yard": Frame.ENTERPRISE_SITE}
Document = dict[str, Any]


def made_id(*words: object) -> UUID:
    """The same words always give the same id."""
    return uuid5(NAMESPACE_URL, "/".join(["zhijian-test", *map(str, words)]))


@lru_cache(maxsize=16)
def bank(checklist: str) -> AnswerBank:
    return AnswerBank(published_checklists()[checklist])


def items(checklist: str, word: str, region: str = ZHENHAI) -> tuple[Item, ...]:
    """Items put to this kind of subject."""
    return published_checklists()[checklist].items_for(FRAMES[word.rstrip("12")], region)


def answer(checklist: str, item: Item, outcome: Outcome, region: str = ZHENHAI) -> Document:
    """An answer with this outcome; raises StopIteration when the bank knows none."""
    return dict(next(iter(bank(checklist).answers(item, outcome, STARTED.date(), region))))


def can_fail(checklist: str, word: str, region: str = ZHENHAI) -> list[str]:
    """Codes of the items that can be answered as failing, in order."""
    found = items(checklist, word, region)
    return [i.code for i in found if bank(checklist).answers(i, Outcome.FAILING, STARTED.date(), region)]


def answers(
    checklist: str, word: str, failing: Collection[str] = (), absent: Collection[str] = (), region: str = ZHENHAI
) -> list[Document]:
    """One answer per item: those named fail or do not apply, the rest conform where that can be answered."""
    made = []
    for item in items(checklist, word, region):
        if item.code in failing:
            made.append(answer(checklist, item, Outcome.FAILING, region))
        elif item.code in absent or not bank(checklist).answers(item, Outcome.CONFORMING, STARTED.date(), region):
            made.append(not_applicable(item, "设计无此内容"))
        else:
            made.append(answer(checklist, item, Outcome.CONFORMING, region))
    return made


def check_body(
    world: World,
    word: str = "yard1",
    region: str = ZHENHAI,
    *,
    checklist: str = "RMC",
    officers: Sequence[str] = ("lin", "zhou"),
    started: datetime = STARTED,
    failing: Collection[str] = (),
    absent: Collection[str] = (),
    photos: Collection[UUID] = (),
    **changes: Any,
) -> Document:
    """What a phone sends for one check; the photos belong to the first item."""
    made = answers(checklist, word, failing, absent, region)
    made[0] = {**made[0], "photos": [str(p) for p in photos]} if photos else made[0]
    ended = started + timedelta(hours=2)
    lon, lat = (121.7166, 29.9489) if region == ZHENHAI else (114.3826, 23.0841)
    body = {
        "subject": str(world.subjects[f"{word}.{region}"]),
        "checklist": {"code": checklist, "version": published_checklists()[checklist].version},
        "officers": [str(world.officers[login]) for login in officers],
        "started_at": started.isoformat(),
        "ended_at": ended.isoformat(),
        "device_at": (ended + timedelta(minutes=1)).isoformat(),
        "fix": {
            "longitude": lon + 0.02 * int(word[-1]),
            "latitude": lat,
            "datum": "wgs84",
            "accuracy_m": 8,
            "age_s": 3,
        },
        "answers": made,
        "representative": {"name": "项目经理（示例）", "attitude": "signs"},
    }
    return body | changes
