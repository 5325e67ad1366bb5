"""合并：两名执法人员各自的部分合成一次检查，不加锁，谁先到都一样。

What is merged is a set of statements, and a set does not know the order in which it was filled: joining is commutative,
associative and idempotent. An item of which all statements say the same has an answer; one of which they do not is a
question to those who made them, until each stands by the same or a supervisor decides. Requirement: 行政处罚法 asks for two
officers, so neither phone's word is worth more than the other's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from server.domain.answers import Answer
from server.domain.statements import Statement, answer_of

Shares = frozenset[Statement]
OPEN, SETTLED, DECIDED = "open", "settled", "decided"
WAITING, MERGED, STRANGER, ASIDE = "waiting", "merged", "stranger", "aside"
STATE_TITLES = {OPEN: "待两人答复", SETTLED: "两人说法一致", DECIDED: "科室已决定"}
UNSETTLED = "两名执法人员的说法不一，待两人答复"


@dataclass(frozen=True, slots=True)
class Part:
    """一名执法人员的部分；`sealed_at` 是手机的钟，`photos` 是作答之外还提到的照片及其摘要。"""

    uuid: UUID
    check: UUID
    checklist_code: str
    checklist_version: str
    sealed_at: datetime
    answers: tuple[Answer, ...]
    photos: tuple[tuple[UUID, str | None], ...]
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Settlement:
    """How one question stands: its item, its state and the digest of the answer that was settled on ('' while open)."""

    item: str
    state: str
    sha256: str


def join(*shares: Iterable[Statement]) -> Shares:
    """Everything that anybody said."""
    return frozenset(statement for share in shares for statement in share)


def by_item(shares: Shares) -> dict[str, Shares]:
    """The statements on each item, items in order."""
    items = sorted({statement.item for statement in shares})
    return {item: frozenset(s for s in shares if s.item == item) for item in items}


def agreed(statements: Shares) -> Answer | None:
    """The answer when all say the same, else None."""
    return answer_of(statements) if len({s.said for s in statements}) == 1 else None


def sides(statements: Shares) -> list[Statement]:
    """One row per officer and saying, photos and words of the same saying added up, in a fixed order."""
    grouped: dict[tuple[str, str], list[Statement]] = {}
    for statement in statements:
        grouped.setdefault((str(statement.officer), statement.said), []).append(statement)
    return [_side(rows) for _, rows in sorted(grouped.items())]


def _side(rows: Sequence[Statement]) -> Statement:
    answer = answer_of(rows)
    words = (answer.reason, answer.severity_reason, answer.note)
    return Statement(rows[0].officer, rows[0].item, rows[0].said, words, frozenset(answer.photos))


def standing(statements: Shares, replies: Sequence[Statement]) -> Answer | None:
    """What a question comes to: each officer stands by their last reply, or by the one thing they said before.

    `replies` in the order of arrival. None while somebody contradicts themselves or the other. Photos and words of all
    who say what is settled on are kept.
    """
    asked = {s.officer for s in statements}
    last = {reply.officer: reply for reply in replies if reply.officer in asked}
    stands = {officer: _stand(officer, statements, last) for officer in asked}
    said = {row.said if row else None for row in stands.values()}
    if len(said) != 1 or None in said:
        return None
    found = said.pop()
    return answer_of(s for s in (*statements, *last.values()) if s.said == found)


def _stand(officer: UUID, statements: Shares, last: Mapping[UUID, Statement]) -> Statement | None:
    if officer in last:
        return last[officer]
    own = [s for s in statements if s.officer == officer]
    return own[0] if len({s.said for s in own}) == 1 else None


def merged_digest(check: UUID, record_sha256: str, parts: Iterable[str], settlements: Iterable[Settlement] = ()) -> str:
    """The digest that both officers' signatures cover: the record, every part merged into it, every question as it stands."""
    told = {
        "type": "zhijian/merged/1",
        "check": str(check),
        "record_sha256": record_sha256,
        "parts": sorted(set(parts)),
        "settlements": sorted([s.item, s.state, s.sha256] for s in settlements),
    }
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
