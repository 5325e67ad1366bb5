"""公开日志：记一条、签一个检查点、从头核对一遍。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import Any

import rfc8785
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from server.domain.errors import Conflict, Invalid
from server.domain.merkle import (
    Frontier,
    Place,
    consistency_proof,
    leaf_hash,
    root_at,
    verify_consistency,
)
from server.domain.notes import Checkpoint, Verifier, open_note, read_checkpoint, sign_note
from server.domain.tiles import MOST_ENTRY_BYTES
from server.formats.ed25519 import SigningKey, read_key, verify
from server.models.transparency import LogCheckpoint, LogEntry, LogNode
from server.queries import transparency as queries
from server.queries.transparency import damaged
from server.uow import UnitOfWork

LOCK = 8_300_120
START = "0" * 64
DIGEST_LETTERS = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class LogState:
    """What a check found: entries, the root over all of them, and how many the last checkpoint covers."""

    size: int
    root: bytes
    signed: int


def append_event(
    uow: UnitOfWork, type: str, *, agency: str, draw: str, digest: str, role: str, **more: str | int
) -> int:
    """Write one entry in the caller's commit and return its number, from 0.

    `type` reads like draw.sealed, `digest` is 64 hex letters, `role` says what office acted; nothing of a person may
    stand in an entry, for it can never be taken out. Others wait from here to the end of the unit. Raises ValueError for
    a digest or an entry that the log cannot carry.
    """
    if len(digest) != 64 or not set(digest) <= DIGEST_LETTERS:
        raise ValueError("a log entry carries a SHA-256 in lower-case hex")
    at = uow.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = {"agency": agency, "at": at, "digest": digest, "draw": draw, "role": role, "type": type}
    if repeated := told.keys() & more.keys():
        raise ValueError(f"members given twice: {sorted(repeated)}")
    entry = rfc8785.dumps({**told, **more})
    if len(entry) > MOST_ENTRY_BYTES:
        raise ValueError("a log entry must be shorter than 64 KiB")
    _take_turns(uow.session)
    return _append(uow, entry, draw, digest)


def _append(uow: UnitOfWork, entry: bytes, draw: str, digest: str) -> int:
    session = uow.session
    frontier = queries.frontier_of(session)
    seq, leaf = frontier.size, leaf_hash(entry)
    row = {
        "seq": seq,
        "entry": entry.decode(),
        "draw": draw,
        "digest": digest,
        "leaf_sha256": leaf.hex(),
        "prev_sha256": queries.leaf_before(session, seq) or START,
        "at": uow.now,
    }
    session.execute(insert(LogEntry).values(row))
    nodes = [_node(place, value) for place, value in frontier.append(leaf)[1:]]
    if nodes:
        session.execute(insert(LogNode), nodes)
    return seq


def _node(place: Place, value: bytes) -> dict[str, Any]:
    return {"level": place.level, "index": place.number, "sha256": value.hex()}


def _take_turns(session: Session) -> None:
    """One writer at a time; SQLite's BEGIN IMMEDIATE has seen to that already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(LOCK)))


# ------------------------------------------------------------------------------------------------ signing


def verifier_of(uow: UnitOfWork) -> Verifier:
    """The log's name and public key."""
    return Verifier(uow.settings.log_origin, _key(uow).public)


def _key(uow: UnitOfWork) -> SigningKey:
    return read_key(uow.settings.security.log_key, uow.settings.log_key_file)


def has_grown(uow: UnitOfWork) -> bool:
    """Whether there are entries that no checkpoint covers."""
    last = queries.last_checkpoint(uow.session)
    return queries.size_of_log(uow.session) > (last.size if last else 0)


def sign_checkpoint(uow: UnitOfWork) -> Checkpoint | None:
    """Sign the log as it stands and return its checkpoint (the present one when nothing was added; None for an empty log).

    Raises Conflict `log-not-extension` when the tree does not extend the last signed one, `log-key-changed` when that was
    signed under another name or key, NotReady `log-damaged` when rows are missing.
    """
    _take_turns(uow.session)
    size = queries.size_of_log(uow.session)
    last = queries.last_checkpoint(uow.session)
    if last is None and size == 0:
        return None
    origin, key = uow.settings.log_origin, _key(uow)
    verifier = Verifier(origin, key.public)
    root = queries.calculated(uow.session, lambda at: root_at(size, at))
    if last is not None:
        _refuse_unless_extended(uow, read_signed(last, verifier), size, root)
    point = Checkpoint(origin, size, root)
    if last is None or last.size < size:
        note = sign_note(point.text, verifier, key.sign)
        uow.session.add(LogCheckpoint(size=size, root_sha256=root.hex(), note=note, at=uow.now))
        uow.session.flush()
    return point


def _refuse_unless_extended(uow: UnitOfWork, last: Checkpoint, size: int, root: bytes) -> None:
    extends = False
    if size >= last.size:
        proof = queries.calculated(uow.session, lambda at: consistency_proof(last.size, size, at))
        extends = verify_consistency(last.size, size, last.root, root, proof)
    if not extends:
        raise Conflict(
            "log-not-extension",
            f"公开日志现有 {size} 条，不是已签名的 {last.size} 条的延续，不予签名。请从备份恢复。",
            facts={"size": size, "signed": last.size},
        )


def read_signed(row: LogCheckpoint, verifier: Verifier) -> Checkpoint:
    """What a stored checkpoint says, after its signature was checked.

    Raises Conflict `log-key-changed`, NotReady `log-damaged` when the row does not say what was signed.
    """
    try:
        point = read_checkpoint(open_note(row.note, verifier, verify))
    except Invalid:
        raise Conflict(
            "log-key-changed",
            f"公开日志最近的检查点不是以“{verifier.name}”和现在的私钥签的。请恢复原来的名称和私钥。",
            facts={"origin": verifier.name},
        ) from None
    if point != Checkpoint(verifier.name, row.size, bytes.fromhex(row.root_sha256)):
        raise damaged(f"{row.size} 条处的检查点与签名的内容不符")
    return point


# ------------------------------------------------------------------------------------------------ checking


def check_log(uow: UnitOfWork) -> LogState:
    """Build the whole tree again from the entries and compare every stored hash and every checkpoint with it.

    Raises NotReady `log-damaged` with the first place that is wrong, Conflict `log-key-changed`.
    """
    session = uow.session
    # Checkpoints and nodes first: what is appended meanwhile then only makes the tree larger than they need.
    signed, widest = queries.signed_roots(session), queries.widest_nodes(session)
    last = queries.last_checkpoint(session)
    size = queries.size_of_log(session)
    if signed and max(signed) > size:
        raise damaged(f"只有 {size} 条，不到已签名的 {max(signed)} 条")
    if any((place.number + 1) << place.level > size for place in widest):
        raise damaged(f"有摘要超出现有的 {size} 条")
    if last is not None:
        read_signed(last, verifier_of(uow))
    return LogState(size, _rebuilt(session, size, signed).root(), last.size if last else 0)


def _rebuilt(session: Session, size: int, signed: dict[int, bytes]) -> Frontier:
    frontier, before = Frontier(), START
    for batch in queries.entries_between(session, 0, size):
        nodes: dict[Place, bytes] = {}
        for seq, entry, leaf, prev in batch:
            _check_entry(frontier.size, seq, entry, (leaf, prev, before))
            nodes.update(frontier.append(bytes.fromhex(leaf))[1:])
            before = leaf
            if seq + 1 in signed and signed[seq + 1] != frontier.root():
                raise damaged(f"前 {seq + 1} 条的根与检查点不符")
        _check_nodes(session, nodes)
    if frontier.size != size:
        raise damaged(f"缺少第 {frontier.size} 条")
    return frontier


def _check_entry(wanted: int, seq: int, entry: str, hashes: tuple[str, str, str]) -> None:
    leaf, prev, before = hashes
    if seq != wanted:
        raise damaged(f"缺少第 {wanted} 条")
    if leaf_hash(entry.encode()).hex() != leaf:
        raise damaged(f"第 {seq} 条与它的摘要不符")
    if prev != before:
        raise damaged(f"第 {seq} 条没有接在前一条之后")


def _check_nodes(session: Session, nodes: dict[Place, bytes]) -> None:
    held = queries.hashes_at(session, nodes)
    for place, value in nodes.items():
        if held[place] != value:
            raise damaged(f"第 {place.level} 层第 {place.number} 个摘要不对")
