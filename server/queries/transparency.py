"""公开日志的查询：条目、子树、检查点；根和证明只读 O(log n) 行。"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session

from server.domain.errors import NotReady
from server.domain.merkle import Frontier, Lookup, Place, peaks_of, places_read
from server.models.transparency import LogCheckpoint, LogEntry, LogNode

BATCH = 1024
T = TypeVar("T")


def damaged(reason: str) -> NotReady:
    """The refusal of a log whose rows do not belong together."""
    return NotReady("log-damaged", f"公开日志的存储已损坏：{reason}。请停止使用，从备份恢复。")


def size_of_log(session: Session) -> int:
    """How many entries there are, signed or not."""
    last = session.scalar(select(func.max(LogEntry.seq)))
    return 0 if last is None else last + 1


def leaf_before(session: Session, seq: int) -> str | None:
    """The leaf hash of the entry before `seq`; None when there is none."""
    return session.scalar(select(LogEntry.leaf_sha256).where(LogEntry.seq == seq - 1))


def hashes_at(session: Session, places: Iterable[Place]) -> dict[Place, bytes]:
    """Hashes of full subtrees, all in two questions. Raises NotReady `log-damaged` when one is missing."""
    wanted: dict[int, set[int]] = defaultdict(set)
    for place in places:
        wanted[place.level].add(place.number)
    found: dict[Place, bytes] = {}
    if leaves := wanted.pop(0, None):
        rows = session.execute(select(LogEntry.seq, LogEntry.leaf_sha256).where(LogEntry.seq.in_(leaves)))
        found |= {Place(0, seq): bytes.fromhex(leaf) for seq, leaf in rows}
        _refuse_gaps(found, 0, leaves)
    if wanted:
        chosen = or_(*(and_(LogNode.level == level, LogNode.index.in_(held)) for level, held in wanted.items()))
        nodes = session.execute(select(LogNode.level, LogNode.index, LogNode.sha256).where(chosen))
        found |= {Place(level, index): bytes.fromhex(value) for level, index, value in nodes}
    for level, held in wanted.items():
        _refuse_gaps(found, level, held)
    return found


def _refuse_gaps(found: dict[Place, bytes], level: int, wanted: Iterable[int]) -> None:
    for index in sorted(wanted):
        if Place(level, index) not in found:
            raise damaged(f"缺少第 {level} 层第 {index} 个摘要")


def calculated(session: Session, calculation: Callable[[Lookup], T]) -> T:
    """Run a root or proof calculation over the stored tree, reading at once what it will look up."""
    return calculation(hashes_at(session, places_read(calculation)).__getitem__)


def frontier_of(session: Session) -> Frontier:
    """The right edge of the stored tree, ready to grow."""
    size = size_of_log(session)
    places = peaks_of(size)
    held = hashes_at(session, places)
    return Frontier(size, [held[place] for place in places])


def last_checkpoint(session: Session) -> LogCheckpoint | None:
    """The largest signed checkpoint."""
    return session.scalar(select(LogCheckpoint).order_by(LogCheckpoint.size.desc()).limit(1))


def signed_roots(session: Session) -> dict[int, bytes]:
    """Every checkpoint's root by its size."""
    rows = session.execute(select(LogCheckpoint.size, LogCheckpoint.root_sha256))
    return {size: bytes.fromhex(root) for size, root in rows}


def widest_nodes(session: Session) -> list[Place]:
    """The last stored subtree of each level."""
    rows = session.execute(select(LogNode.level, func.max(LogNode.index)).group_by(LogNode.level))
    return [Place(level, index) for level, index in rows]


def entries_between(session: Session, start: int, end: int) -> Iterator[Sequence[Row[tuple[int, str, str, str]]]]:
    """Rows (seq, entry, leaf, prev) with start ≤ seq < end, in order, a batch at a time: memory does not grow."""
    columns = select(LogEntry.seq, LogEntry.entry, LogEntry.leaf_sha256, LogEntry.prev_sha256).order_by(LogEntry.seq)
    while start < end:
        upto = min(end, start + BATCH)
        yield session.execute(columns.where(LogEntry.seq >= start, LogEntry.seq < upto)).all()
        start = upto


def seqs_of_draw(session: Session, draw: str, size: int) -> list[int]:
    """Numbers of a draw's entries among the first `size`."""
    return list(
        session.scalars(select(LogEntry.seq).where(LogEntry.draw == draw, LogEntry.seq < size).order_by(LogEntry.seq))
    )


def types_of_entries(session: Session, seqs: Sequence[int]) -> dict[int, str]:
    """What kind of event each of these entries is."""
    rows = session.execute(select(LogEntry.seq, LogEntry.entry).where(LogEntry.seq.in_(seqs)))
    return {seq: json.loads(entry)["type"] for seq, entry in rows}


def entries_found(session: Session, words: str, before: int, limit: int) -> list[LogEntry]:
    """Entries numbered below `before`, newest first: all, or those of one draw, digest or number."""
    rows = select(LogEntry).where(LogEntry.seq < before).order_by(LogEntry.seq.desc()).limit(limit)
    if words:
        named = [LogEntry.draw == words, LogEntry.digest == words.lower()]
        if words.isascii() and words.isdigit() and len(words) < 16:
            named.append(LogEntry.seq == int(words))
        rows = rows.where(or_(*named))
    return list(session.scalars(rows))
