"""公开日志的公众一面：检查点、瓦片、条目、证明；只给签过名的那一段。"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.domain.errors import Invalid, Missing
from server.domain.merkle import ALGORITHM, Place, consistency_proof, inclusion_proof, root_at
from server.domain.notes import Verifier
from server.domain.tiles import Tile, pack_entries, pack_hashes, read_tile_path
from server.formats.ed25519 import read_key
from server.formats.jsonfile import dump_json
from server.models.transparency import LogCheckpoint, LogEntry
from server.queries import transparency as queries
from server.uow import UnitOfWork

DIGEST_LETTERS = 64


@dataclass(frozen=True, slots=True)
class SignedLog:
    """The log as last signed; `size` 0 and an empty note before the first checkpoint."""

    origin: str
    size: int
    root_sha256: str
    note: str
    at: datetime | None
    algorithm: str = ALGORITHM


@dataclass(frozen=True, slots=True)
class EntryPage:
    """`items` newest first; `next` is the `before` of the page that follows (None at the end)."""

    items: Sequence[dict[str, Any]]
    next: int | None


@dataclass(frozen=True, slots=True)
class LogCopy:
    """What a draw's bundle takes from the log: all its files speak of the same `size`; the entries come as a stream."""

    size: int
    checkpoint: bytes
    key: bytes
    proof: bytes


# ------------------------------------------------------------------------------------------------ the head


def signed_log(uow: UnitOfWork) -> SignedLog:
    """The last checkpoint, or an empty state."""
    row = queries.last_checkpoint(uow.session)
    origin = uow.settings.log_origin
    if row is None:
        return SignedLog(origin, 0, "", "", None)
    return SignedLog(origin, row.size, row.root_sha256, row.note, row.at)


def checkpoint(uow: UnitOfWork) -> LogCheckpoint:
    """The last signed checkpoint. Raises Missing `log-empty`."""
    row = queries.last_checkpoint(uow.session)
    if row is None:
        raise Missing("log-empty", "公开日志还没有签过名的条目。")
    return row


def verifier_key(uow: UnitOfWork) -> str:
    """The key that the checkpoints are signed with, as C2SP writes it. Raises NotReady `log-key-missing`."""
    key = read_key(uow.settings.security.log_key, uow.settings.log_key_file)
    return str(Verifier(uow.settings.log_origin, key.public))


# ------------------------------------------------------------------------------------------------ tiles and entries


def tile(uow: UnitOfWork, path: str) -> tuple[Tile, bytes]:
    """A tile by its path below `tile/`. Raises Missing `tile-not-found` for another path or one beyond the checkpoint."""
    try:
        wanted = read_tile_path(path)
    except ValueError:
        raise _no_tile() from None
    if not wanted.lies_within(signed_log(uow).size):
        raise _no_tile()
    if wanted.level is None:
        return wanted, pack_entries(_texts(uow, wanted.start, wanted.start + wanted.width))
    places = wanted.places()
    held = queries.hashes_at(uow.session, places)
    return wanted, pack_hashes(held[place] for place in places)


def _no_tile() -> Missing:
    return Missing("tile-not-found", "没有这个瓦片，或它超出了最近的检查点。")


def _texts(uow: UnitOfWork, start: int, end: int) -> Iterator[bytes]:
    for batch in queries.entries_between(uow.session, start, end):
        for _, entry, _, _ in batch:
            yield entry.encode()


def checked_range(uow: UnitOfWork, start: int, end: int | None) -> tuple[int, int]:
    """A range of signed entries, to the end when `end` is not given. Raises Invalid `log-range-invalid`."""
    size = signed_log(uow).size
    end = size if end is None else end
    if not 0 <= start <= end <= size:
        raise _outside(size)
    return start, end


def entries_jsonl(uow: UnitOfWork, start: int, end: int) -> Iterator[bytes]:
    """Entries start ≤ seq < end, one canonical JSON text a line: the bytes before each LF are those of the leaf."""
    for batch in queries.entries_between(uow.session, start, end):
        yield b"".join(entry.encode() + b"\n" for _, entry, _, _ in batch)


def find_entries(uow: UnitOfWork, words: str = "", before: int | None = None, limit: int = 50) -> EntryPage:
    """A page of signed entries: all, or those of a draw, a digest (groups of letters allowed) or a number."""
    size = signed_log(uow).size
    upto = size if before is None else min(before, size)
    found = queries.entries_found(uow.session, _asked(words), upto, limit + 1)
    kept = found[:limit]
    return EntryPage([_told(row) for row in kept], kept[-1].seq if len(found) > limit else None)


def _asked(words: str) -> str:
    """What was typed; a digest copied from a page comes in groups of four."""
    joined = "".join(words.split())
    return joined if len(joined) == DIGEST_LETTERS else words.strip()


def _told(row: LogEntry) -> dict[str, Any]:
    return {"seq": row.seq, "at": row.at, "leaf": row.leaf_sha256, "text": row.entry, "entry": json.loads(row.entry)}


# ------------------------------------------------------------------------------------------------ proofs


def proof_of_inclusion(uow: UnitOfWork, index: int, size: int | None = None) -> dict[str, Any]:
    """That entry `index` stands in the tree of `size` (the last signed one by default).

    Raises Invalid `log-range-invalid`.
    """
    signed = signed_log(uow).size
    size = signed if size is None else size
    if not 0 <= index < size <= signed:
        raise _outside(signed)
    return {"algorithm": ALGORITHM, "index": index, "size": size, **_path(uow, index, size), "root": _root(uow, size)}


def proof_of_extension(uow: UnitOfWork, older: int, newer: int | None = None) -> dict[str, Any]:
    """That the tree of `newer` entries extends that of `older` (at least 1). Raises Invalid `log-range-invalid`."""
    signed = signed_log(uow).size
    newer = signed if newer is None else newer
    if not 1 <= older <= newer <= signed:
        raise _outside(signed)
    path = queries.calculated(uow.session, lambda at: consistency_proof(older, newer, at))
    roots = {"from_root": _root(uow, older), "to_root": _root(uow, newer)}
    return {"algorithm": ALGORITHM, "from": older, "to": newer, **roots, "path": [step.hex() for step in path]}


def proof_for(uow: UnitOfWork, seqs: Sequence[int]) -> dict[str, Any]:
    """{algorithm, size, root, proofs: [{type, index, leaf, path}]} of these entries in the last signed tree.

    Raises Missing `log-empty`, Invalid `log-range-invalid` for an entry that is not signed yet.
    """
    point = checkpoint(uow)
    if any(not 0 <= seq < point.size for seq in seqs):
        raise _outside(point.size)
    types = queries.types_of_entries(uow.session, seqs)
    proofs = [{"type": types[seq], "index": seq, **_path(uow, seq, point.size)} for seq in seqs]
    return {"algorithm": ALGORITHM, "size": point.size, "root": point.root_sha256, "proofs": proofs}


def log_copy(uow: UnitOfWork, draw: str) -> LogCopy:
    """The log's part of a draw's bundle; take the entries with `entries_jsonl(uow, 0, copy.size)`.

    Raises Missing `log-empty`.
    """
    point = checkpoint(uow)
    proof = proof_for(uow, queries.seqs_of_draw(uow.session, draw, point.size))
    key = verifier_key(uow) + "\n"
    return LogCopy(point.size, point.note.encode(), key.encode(), dump_json(proof) + b"\n")


def _path(uow: UnitOfWork, index: int, size: int) -> dict[str, Any]:
    leaf = queries.hashes_at(uow.session, [Place(0, index)])[Place(0, index)]
    path = queries.calculated(uow.session, lambda at: inclusion_proof(index, size, at))
    return {"leaf": leaf.hex(), "path": [step.hex() for step in path]}


def _root(uow: UnitOfWork, size: int) -> str:
    return queries.calculated(uow.session, lambda at: root_at(size, at)).hex()


def _outside(size: int) -> Invalid:
    return Invalid("log-range-invalid", f"条目号和大小应在已签名的 {size} 条之内，前者不大于后者。")
