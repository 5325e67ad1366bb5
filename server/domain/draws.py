"""双随机抽查的抽签（draw/1）：名单冻结、承诺在先、公开数字在后，谁都可以逐位重放。

key = HMAC-SHA-256(one-time code, "draw/1/" + plan digest + "/" + public numbers); the ticket of a label is
HMAC-SHA-256(key, label + 0x01), which are HKDF-Extract and HKDF-Expand (RFC 5869) for 32 bytes. An object's ticket is the
smallest of its balls'; in each stratum the smallest tickets are drawn. Integers and bytes only: equal to the bit anywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from server.domain.draw_files import DrawFiles
from server.domain.entropy import EntropyPlan
from server.domain.errors import Conflict, Invalid
from server.domain.pairing import Pairing, PairingTask, pair

SPEC = "draw/1"
LEAST_STEPS = 4
RULES = ("any", "lead", "apart")
FILE_MEMBERS = ("objects", "officers", "recusals", "excluded", "leads", "units", "skills", "needs")
_REQUIRED = ("objects", "officers", "recusals")
_DIGEST = re.compile("[0-9a-f]{64}")
_IPAD, _OPAD = bytes(b ^ 0x36 for b in range(256)), bytes(b ^ 0x5C for b in range(256))

Ticket = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum of the plan: its id written out in full, how many are taken, and what explains the number."""

    id: str
    take: int
    more: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "take": self.take, **self.more}


@dataclass(frozen=True, slots=True)
class Plan:
    """The announced plan. `files` maps a list's word to its SHA-256; `more` holds what people read (agency, times …)."""

    draw_id: str
    files: Mapping[str, str]
    strata: tuple[Stratum, ...]
    seats: int
    commitment: str
    commitment_steps: int
    rule: str = "any"
    round: int = 1
    series: str = ""
    replaces: str = ""
    entropy: EntropyPlan | None = None
    reasons: tuple[Mapping[str, str], ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        members: dict[str, Any] = {
            "spec": SPEC,
            "draw_id": self.draw_id,
            "strata": [s.to_dict() for s in self.strata],
            "seats": self.seats,
            "commitment": self.commitment,
            "commitment_steps": self.commitment_steps,
            **{f"{name}_sha256": digest for name, digest in self.files.items()},
            **self.more,
        }
        if self.rule != "any":
            members["rule"] = self.rule
        if self.round > 1:
            members |= {"round": self.round, "series": self.series, "replaces": self.replaces}
        if self.entropy:
            members["entropy"] = self.entropy.to_dict()
        if self.reasons:
            members["reasons"] = [dict(reason) for reason in self.reasons]
        return members

    def to_bytes(self) -> bytes:
        """RFC 8785 form; the members are restricted so that sorted, compact JSON is already canonical."""
        return canonical(self.to_dict())

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @classmethod
    def from_bytes(cls, data: bytes) -> Plan:
        """Raises Invalid `plan-invalid` for anything that is not a canonical plan of this format."""
        try:
            members = json.loads(data)
            _check_values(members)
            plan = cls._from_dict(dict(members))
            _check_plan(plan)
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise Invalid("plan-invalid", "不是 draw/1 的抽签计划。", facts={"reason": str(error)}) from None
        if plan.to_bytes() != data:
            raise Invalid("plan-invalid", "抽签计划不是规范写法，或有多余的成员。")
        return plan

    @classmethod
    def _from_dict(cls, m: dict[str, Any]) -> Plan:
        if m.pop("spec") != SPEC:
            raise ValueError("spec")
        files = {name: m.pop(f"{name}_sha256") for name in FILE_MEMBERS if f"{name}_sha256" in m}
        if missing := [name for name in _REQUIRED if name not in files]:
            raise KeyError(missing[0])
        strata = tuple(Stratum(s.pop("id"), s.pop("take"), s) for s in map(dict, m.pop("strata")))
        entropy = EntropyPlan.from_dict(m.pop("entropy")) if "entropy" in m else None
        return cls(
            m.pop("draw_id"), files, strata, m.pop("seats"), m.pop("commitment"), m.pop("commitment_steps"),
            m.pop("rule", "any"), m.pop("round", 1), m.pop("series", ""), m.pop("replaces", ""),
            entropy, tuple(m.pop("reasons", ())), m,
        )  # fmt: skip


def _check_values(value: Any) -> None:
    """Only strings, integers, arrays and objects with ASCII keys: anything else has more than one canonical form."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if not name.isascii():
                raise ValueError(f"member {name}")
            _check_values(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_values(inner)
    elif type(value) not in (str, int):
        raise TypeError(f"value {value!r}")


def _check_plan(plan: Plan) -> None:
    ids = [s.id for s in plan.strata]
    _require(_is_text(plan.draw_id), "draw_id")
    _require(all(_is_digest(digest) for digest in (*plan.files.values(), plan.commitment)), "digest")
    _require(bool(ids) and all(_is_text(i) for i in ids) and len(set(ids)) == len(ids), "strata")
    _require(all(_is_count(s.take, 0) for s in plan.strata), "take")
    _require(_is_count(plan.seats, 1), "seats")
    _require(_is_count(plan.commitment_steps, LEAST_STEPS), "commitment_steps")
    # c0 is never used, so the last round is steps - 1.
    _require(_is_count(plan.round, 1) and plan.round < plan.commitment_steps, "round")
    _require(plan.round == 1 or (_is_text(plan.series) and _is_text(plan.replaces)), "replaces")
    _require(plan.rule in RULES, "rule")
    _require(all(_is_text(r.get("code")) and _is_text(r.get("text")) for r in plan.reasons), "reasons")


def _require(holds: bool, member: str) -> None:
    if not holds:
        raise ValueError(member)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_count(value: Any, least: int) -> bool:
    return isinstance(value, int) and value >= least


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


class Drawn(NamedTuple):
    """One line of the order of a stratum; `rank` counts from one. A tuple: a million of them are made in a second."""

    stratum: str
    rank: int
    object: str
    ticket: bytes


@dataclass(frozen=True, slots=True)
class DrawResult:
    """What came out: the drawn in ticket order, the reserves by stratum in order, and who goes where."""

    drawn: tuple[Drawn, ...]
    reserve: tuple[Drawn, ...]
    pairing: Pairing

    def result_bytes(self) -> bytes:
        rows = (
            "\t".join((d.stratum, str(d.rank), d.object, d.ticket.hex(), *self.pairing.roster[d.object]))
            for d in self.drawn
        )
        return "".join(f"{row}\n" for row in rows).encode()

    def reserve_bytes(self) -> bytes:
        rows = ("\t".join((d.stratum, str(d.rank), d.object, d.ticket.hex())) for d in self.reserve)
        return "".join(f"{row}\n" for row in rows).encode()


def canonical(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def share_of(total: int, num: int, den: int, minimum: int = 0) -> int:
    """How many of `total` are taken at the rate num/den, rounded up, at least `minimum`, in integers."""
    return min(total, max(minimum, (total * num + den - 1) // den))


def chain_code(secret: bytes, steps: int) -> bytes:
    """c(steps) of the chain c0 = secret, c(k+1) = SHA-256(c(k))."""
    for _ in range(steps):
        secret = hashlib.sha256(secret).digest()
    return secret


def draw_key(code: bytes, plan_digest: str, entropy: str) -> bytes:
    """The key that every ticket hangs on."""
    return hmac.digest(code, f"{SPEC}/{plan_digest}/{entropy}".encode(), "sha256")


def ticket_maker(key: bytes) -> Ticket:
    """label -> its 32-byte ticket. The two padded blocks are hashed once: four compressions a label become two."""
    block = key.ljust(64, b"\0")
    inner, outer = hashlib.sha256(block.translate(_IPAD)), hashlib.sha256(block.translate(_OPAD))

    def ticket(label: str) -> bytes:
        first = inner.copy()
        first.update(label.encode() + b"\x01")
        second = outer.copy()
        second.update(first.digest())
        return second.digest()

    return ticket


def order(objects: Iterable[tuple[str, str, int]], ticket: Ticket) -> dict[str, list[Drawn]]:
    """Every stratum's objects by smallest ticket; O(balls) hashes and O(n log n) comparisons.

    Equal tickets go by name: the order of UTF-8 bytes is that of code points, so the text itself is compared.
    """
    strata: dict[str, list[tuple[bytes, str]]] = {}
    for stratum, name, balls in objects:
        best = ticket(f"O|{stratum}|{name}|1")
        for ball in range(2, balls + 1):
            best = min(best, ticket(f"O|{stratum}|{name}|{ball}"))
        strata.setdefault(stratum, []).append((best, name))
    found = {}
    for stratum, entries in strata.items():
        entries.sort()
        found[stratum] = [Drawn(stratum, n, name, best) for n, (best, name) in enumerate(entries, 1)]
    return found


def split(
    strata: Sequence[Stratum], ordered: Mapping[str, Sequence[Drawn]]
) -> tuple[tuple[Drawn, ...], tuple[Drawn, ...]]:
    """The drawn by ticket, and the reserves in the order of the plan's strata."""
    drawn = [d for s in strata for d in ordered.get(s.id, ())[: s.take]]
    reserve = [d for s in strata for d in ordered.get(s.id, ())[s.take :]]
    return tuple(sorted(drawn, key=lambda d: (d.ticket, d.object.encode()))), tuple(reserve)


def run_draw(plan: Plan, files: DrawFiles, code: bytes, entropy: str) -> DrawResult:
    """Replay the whole draw; raises Invalid `pairing-infeasible` when the officers can't serve what was drawn."""
    ticket = ticket_maker(draw_key(code, plan.digest, entropy))
    drawn, reserve = split(plan.strata, order(files.objects, ticket))
    names = tuple(d.object for d in drawn)
    return DrawResult(drawn, reserve, pair(pairing_task(plan, files, ticket, names, frozenset(), {})))


def pairing_task(
    plan: Plan,
    files: DrawFiles,
    ticket: Ticket,
    names: tuple[str, ...],
    more_barred: frozenset[tuple[str, str]],
    locked: Mapping[str, tuple[str, ...]],
) -> PairingTask:
    """Recusals and missing skills as barred pairs, for the drawn objects only."""
    wanted = frozenset(names)
    barred = {row for row in files.recusals if row[0] in wanted} | _unskilled(files, wanted) | more_barred
    return PairingTask(
        objects=names,
        officers=files.officers,
        seats=plan.seats,
        barred=frozenset(barred),
        ticket=lambda name, officer: ticket(f"A|{name}|{officer}"),
        leads=frozenset(files.leads or ()) if plan.rule == "lead" else None,
        units=dict(files.units or ()) if plan.rule == "apart" else None,
        locked=locked,
    )


def _unskilled(files: DrawFiles, wanted: frozenset[str]) -> set[tuple[str, str]]:
    skilled: dict[str, set[str]] = {}
    for officer, skill in files.skills or ():
        skilled.setdefault(skill, set()).add(officer)
    return {
        (name, officer)
        for name, skill in files.needs or ()
        if name in wanted
        for officer in files.officers
        if officer not in skilled.get(skill, ())
    }


def next_reserve(reserve: Sequence[Drawn], stratum: str, used: frozenset[str]) -> Drawn:
    """The first reserve of the stratum not used yet; raises Conflict `reserve-spent`."""
    for candidate in reserve:
        if candidate.stratum == stratum and candidate.object not in used:
            return candidate
    raise Conflict("reserve-spent", "这一层的候补已经用完，请作废后重抽或如实记为未完成。", facts={"stratum": stratum})


def heavy_strata(objects: Iterable[tuple[str, str, int]], strata: Sequence[Stratum]) -> tuple[str, ...]:
    """Strata whose heaviest object would be nearly certain (n × w_max / W > 1/2): better a stratum of their own."""
    total: dict[str, int] = {}
    most: dict[str, int] = {}
    for stratum, _, balls in objects:
        total[stratum] = total.get(stratum, 0) + balls
        most[stratum] = max(most.get(stratum, 0), balls)
    return tuple(s.id for s in strata if most.get(s.id, 1) > 1 and 2 * s.take * most[s.id] > total[s.id])
