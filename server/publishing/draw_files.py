"""抽签的文件：哪些名字可以公开、什么时候，分段读出，逐行翻页。

A file's bytes are read from the database a piece at a time; no list is ever held whole, however long it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Any

from sqlalchemy import LargeBinary, func, select

from server.domain.errors import Missing
from server.models.draws import Draw, DrawFile
from server.uow import UnitOfWork

#: Frozen and public from the announcement on, in the order of the bundle.
FROZEN = (
    "objects.tsv", "officers.tsv", "recusals.tsv", "excluded.tsv", "leads.tsv", "units.tsv", "skills.tsv", "needs.tsv",
)  # fmt: skip
#: Public only once the draw is opened.
OPENED = ("result.tsv", "reserve.tsv", "closing.json")
PLAN, OPENING = "plan.json", "opening.json"
PIECE = 1 << 20
WINDOW = 1 << 16
REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class LinePage:
    """Fields of each line, and the byte at which the next page begins (None at the end)."""

    lines: Sequence[list[str]]
    next: int | None


def is_open(draw: Draw) -> bool:
    """Whether the opening statement is public: the draw was opened, or is void, and a void hides nothing."""
    return draw.opened_at is not None or draw.state == "void"


def opening_text(uow: UnitOfWork, draw: Draw) -> str | None:
    """The exact text of opening.json; None before the opening, whatever is stored."""
    return uow.session.scalar(select(Draw.opening).where(Draw.id == draw.id)) if is_open(draw) else None


def list_files(uow: UnitOfWork, draw: Draw) -> list[dict[str, Any]]:
    """Name, size and SHA-256 of every file that is public now, in the order of the bundle."""
    stored = select(DrawFile.name, DrawFile.size, DrawFile.sha256).where(DrawFile.draw_id == draw.id)
    rows = {name: _facts(name, size, digest) for name, size, digest in uow.session.execute(stored).tuples()}
    rows[PLAN] = _facts(PLAN, len(draw.plan.encode()), draw.plan_sha256)
    opening = opening_text(uow, draw)
    if opening is not None:
        told = opening.encode()
        rows[OPENING] = _facts(OPENING, len(told), sha256(told).hexdigest())
    return [rows[name] for name in allowed(draw) if name in rows]


def _facts(name: str, size: int, digest: str) -> dict[str, Any]:
    return {"name": name, "size": size, "sha256": digest}


def allowed(draw: Draw) -> tuple[str, ...]:
    """The names that may leave now: decided by whether the draw is open, and by nothing else."""
    return (PLAN, *FROZEN, OPENING, *OPENED) if is_open(draw) else (PLAN, *FROZEN)


def require_allowed(draw: Draw, name: str) -> None:
    """Raises Missing `draw-not-open` for what the opening brings, `draw-file-not-found` for anything else."""
    if name in allowed(draw):
        return
    if name in (OPENING, *OPENED):
        raise Missing("draw-not-open", "这次抽签还没有开封，结果尚未公开。")
    raise Missing("draw-file-not-found", "这次抽签没有这个文件。")


def read_file(uow: UnitOfWork, draw: Draw, name: str) -> Iterator[bytes]:
    """The bytes of one public file, in pieces. Raises Missing `draw-not-open`, `draw-file-not-found`."""
    require_allowed(draw, name)
    whole = draw.plan if name == PLAN else opening_text(uow, draw) if name == OPENING else None
    if whole is not None:
        return iter((whole.encode(),))
    return _pieces(uow, draw, name, _size(uow, draw, name))


def _pieces(uow: UnitOfWork, draw: Draw, name: str, size: int) -> Iterator[bytes]:
    for start in range(0, size, PIECE):
        yield _piece(uow, draw, name, start, PIECE)


def _size(uow: UnitOfWork, draw: Draw, name: str) -> int:
    size = uow.session.scalar(select(DrawFile.size).where(DrawFile.draw_id == draw.id, DrawFile.name == name))
    if size is None:
        raise Missing("draw-file-not-found", "这次抽签没有这个文件。")
    return size


def _piece(uow: UnitOfWork, draw: Draw, name: str, start: int, length: int) -> bytes:
    part = func.substr(DrawFile.content, start + 1, length, type_=LargeBinary)
    found = uow.session.scalar(select(part).where(DrawFile.draw_id == draw.id, DrawFile.name == name))
    return bytes(found or b"")


def read_lines(uow: UnitOfWork, draw: Draw, name: str, at: int, limit: int) -> LinePage:
    """`limit` lines of a list from byte `at` on; a place inside a line moves to the next one.

    Raises Missing as `read_file` does.
    """
    require_allowed(draw, name)
    size, start = _size(uow, draw, name), max(0, at - 1)
    window = _piece(uow, draw, name, min(start, size), WINDOW)
    skipped = window.find(b"\n") + 1 if at else 0
    lines = window[skipped:].split(b"\n")[:-1][:limit]
    end = start + skipped + sum(len(line) + 1 for line in lines)
    return LinePage([line.decode().split("\t") for line in lines], end if lines and end < size else None)


# ------------------------------------------------------------------------------------------------ counts

_COUNTED: dict[str, dict[str, int]] = {}
_COUNTING = Lock()


def count_strata(uow: UnitOfWork, draw: Draw) -> dict[str, int]:
    """How many objects each stratum of the frozen list has; counted once per list, for a list never changes."""
    chosen = (DrawFile.draw_id == draw.id, DrawFile.name == "objects.tsv")
    digest = uow.session.scalar(select(DrawFile.sha256).where(*chosen))
    if digest is None:
        return {}
    with _COUNTING:
        known = _COUNTED.get(digest)
    if known is None:
        known = dict(_count(_pieces(uow, draw, "objects.tsv", _size(uow, draw, "objects.tsv"))))
        with _COUNTING:
            if len(_COUNTED) >= REMEMBERED:
                _COUNTED.pop(next(iter(_COUNTED)))
            _COUNTED[digest] = known
    return known


def _count(pieces: Iterator[bytes]) -> Counter[str]:
    counts: Counter[str] = Counter()
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        counts.update(line.partition(b"\t")[0].decode() for line in lines)
    return counts
