"""抽签的公开文件：开封书、替换记录、验证包里有哪些文件。"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.draws import canonical

OPENING_SPEC, CLOSING_SPEC = "draw-opening/1", "draw-closing/1"
SUBJECT_REPLACED, OFFICER_REPLACED = "subject-replaced", "officer-replaced"


@dataclass(frozen=True, slots=True)
class Change:
    """One substitution after the seal; the public log holds only its salted digest until the draw is opened.

    `body` of a replaced subject: {object, by, officers}; of a replaced officer: {object, officer, by}.
    """

    n: int
    kind: str
    reason: str
    body: Mapping[str, Any]
    salt: str

    def to_dict(self) -> dict[str, Any]:
        return {"n": self.n, "kind": self.kind, "reason": self.reason, "body": dict(self.body), "salt": self.salt}

    @property
    def digest(self) -> str:
        """SHA-256 over the salt (hex), LF, and the canonical change without its salt."""
        open_part = {name: value for name, value in self.to_dict().items() if name != "salt"}
        return hashlib.sha256(self.salt.encode() + b"\n" + canonical(open_part)).hexdigest()


@dataclass(frozen=True, slots=True)
class Opening:
    """The opening statement; `entropy` and `result_sha256` are empty for a draw void before it had any."""

    draw_id: str
    round: int
    one_time_code: str
    entropy: str
    result_sha256: str
    changes: tuple[Change, ...] = ()
    void: str = ""

    def to_bytes(self) -> bytes:
        members: dict[str, Any] = {
            "spec": OPENING_SPEC,
            "draw_id": self.draw_id,
            "round": self.round,
            "one_time_code": self.one_time_code,
            "changes": [change.to_dict() for change in self.changes],
        }
        if self.entropy:
            members["entropy"] = self.entropy
        if self.result_sha256:
            members["result_sha256"] = self.result_sha256
        if self.void:
            members["void"] = {"reason": self.void}
        return canonical(members)


def closing_bytes(draw_id: str, secret: bytes) -> bytes:
    """The last word of a series: c0, from which every one-time code of it follows."""
    return canonical({"spec": CLOSING_SPEC, "draw_id": draw_id, "secret": secret.hex()})


def crews_after(result: bytes, changes: Iterable[Change]) -> dict[str, tuple[str, ...]]:
    """Who sits where by the sealed result and the substitutions since: object -> officers, in the order of the result."""
    rows = (line.split("\t") for line in result.decode().splitlines())
    crews = {row[2]: tuple(row[4:]) for row in rows}
    for change in changes:
        body = change.body
        if change.kind == SUBJECT_REPLACED:
            del crews[body["object"]]
            crews[body["by"]] = tuple(body["officers"])
        else:
            kept = tuple(who for who in crews[body["object"]] if who != body["officer"])
            crews[body["object"]] = (*kept, body["by"])
    return crews
