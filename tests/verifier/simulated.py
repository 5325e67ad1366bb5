"""Simulated draws from plan to opening, with the public log around them, as the portal hands them out."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.domain.draw_bundle import OFFICER_REPLACED, SUBJECT_REPLACED, Change, Opening, crews_after
from server.domain.draw_files import DrawFiles
from server.domain.draws import (
    DrawResult,
    Plan,
    Stratum,
    canonical,
    chain_code,
    draw_key,
    next_reserve,
    pairing_task,
    run_draw,
    ticket_maker,
)
from server.domain.entropy import EntropyPlan, NumberGroup, encode, lottery, on_site
from server.domain.pairing import pair

AGENCY, ORIGIN, STEPS = "441300", "log.example/zhijian", 8
KEY = Ed25519PrivateKey.from_private_bytes(sha256(b"the log's key in these tests").digest())
START = datetime(2026, 11, 2, 1, 0, 0)
Files = dict[str, bytes]


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


# ---------------------------------------------------------------------------------------------- the log


def subtree(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + subtree(leaves[:k]) + subtree(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m < k:
        return [*path(m, leaves[:k]), subtree(leaves[k:])]
    return [*path(m - k, leaves[k:]), subtree(leaves[:k])]


@dataclass
class Log:
    """Entries in order; a new one is an hour after the last unless it has to wait."""

    entries: list[dict[str, str]] = field(default_factory=list)
    now: datetime = START

    def add(self, word: str, draw: str, told: str, agency: str = AGENCY, **more: str) -> None:
        self.now += timedelta(hours=1)
        members = {"agency": agency, "at": instant(self.now), "digest": told, "draw": draw, "role": "supervisor"}
        self.entries.append({**members, "type": f"draw.{word}", **more})

    def void(self, draw: str, reason: str) -> None:
        self.add("void", draw, digest(canonical({"draw": draw, "reason": reason})), reason=reason)

    def files(self, draw: str, key: Ed25519PrivateKey = KEY) -> Files:
        lines = [canonical(entry) for entry in self.entries]
        leaves = [sha256(b"\x00" + line).digest() for line in lines]
        root = subtree(leaves)
        proofs = [
            {"type": e["type"], "index": n, "leaf": leaves[n].hex(), "path": [h.hex() for h in path(n, leaves)]}
            for n, e in enumerate(self.entries)
            if e["draw"] == draw
        ]
        return {
            "log/entries.jsonl": b"".join(line + b"\n" for line in lines),
            "log/checkpoint": _note(f"{ORIGIN}\n{len(leaves)}\n{b64encode(root).decode()}\n", key),
            "log/key": verifier_key(key).encode() + b"\n",
            "log/proof.json": canonical({"size": len(leaves), "root": root.hex(), "proofs": proofs}),
        }

    def outcomes(self) -> dict[str, Any]:
        """What an honest portal says."""
        found: dict[str, dict[str, str]] = {}
        for e in (e for e in self.entries if e["agency"] == AGENCY):
            row = found.setdefault(e["draw"], {"draw_id": e["draw"], "outcome": "announced"})
            word = e["type"].removeprefix("draw.")
            if word == "void":
                row |= {"outcome": "void", "reason": e["reason"]}
            elif word in ("sealed", "opened") and row["outcome"] != "void":
                row["outcome"] = word
        rows = list(found.values())
        return {"agency_code": AGENCY, "draws": rows, "voids": sum(row["outcome"] == "void" for row in rows)}


def _key_id(public: bytes) -> bytes:
    return sha256(ORIGIN.encode() + b"\n\x01" + public).digest()[:4]


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def verifier_key(key: Ed25519PrivateKey = KEY) -> str:
    public = _public(key)
    return "+".join((ORIGIN, _key_id(public).hex(), b64encode(b"\x01" + public).decode()))


def _note(text: str, key: Ed25519PrivateKey) -> bytes:
    signature = b64encode(_key_id(_public(key)) + key.sign(text.encode())).decode()
    return f"{text}\n— {ORIGIN} {signature}\n".encode()


# ---------------------------------------------------------------------------------------------- one draw

DAILY = lottery("快乐8", "2026314", "2026315", "2026-11-10T13:30:00Z")
DOUBLE = lottery("双色球", "2026134", "2026135", "2026-11-10T13:15:00Z")
CALLED = on_site("请八名代表各报一个四位数", (NumberGroup(8, 0, 9999, False),), "2026-11-10T02:00:00Z")
TWENTY = (tuple(range(80, 0, -4)),)
REASONS = ({"code": "stopped", "text": "已停工停产"}, {"code": "leave", "text": "请假"})


@dataclass(frozen=True)
class Case:
    """What is to be simulated. `changes`: ("subject" | "officer", place among the drawn, place of the seat)."""

    name: str
    files: DrawFiles
    strata: tuple[Stratum, ...]
    seats: int = 2
    rule: str = "any"
    entropy: EntropyPlan = DAILY
    groups: tuple[tuple[int, ...], ...] = TWENTY
    round: int = 1
    changes: tuple[tuple[str, int, int], ...] = ()
    void: str = ""


@dataclass
class Play:
    """One draw as it happened: what was made, and the log as it stands after `until`."""

    case: Case
    plan: Plan
    code: bytes
    result: DrawResult
    changes: tuple[Change, ...]
    log: Log

    @property
    def lists(self) -> Files:
        return self.case.files.to_bytes()

    @property
    def entropy(self) -> str:
        return encode(self.case.groups)

    def had(self, word: str) -> bool:
        return any(e["draw"] == self.plan.draw_id and e["type"] == f"draw.{word}" for e in self.log.entries)

    def opening(self) -> bytes:
        """What the draw never came to before it was void is left empty."""
        entropy = self.entropy if self.had("numbers") else ""
        result = digest(self.result.result_bytes()) if self.had("sealed") else ""
        return Opening(
            self.plan.draw_id, self.case.round, self.code.hex(), entropy, result, self.changes, self.case.void
        ).to_bytes()

    def bundle(self, *, opened: bool = True) -> Files:
        found = {**self.lists, "plan.json": self.plan.to_bytes(), **self.log.files(self.plan.draw_id)}
        found |= {"outcomes.json": canonical(self.log.outcomes()), "README.txt": "怎样核对\n".encode()}
        if opened:
            found |= {"opening.json": self.opening()}
        if opened and self.had("sealed"):
            found |= {"result.tsv": self.result.result_bytes(), "reserve.tsv": self.result.reserve_bytes()}
        return found


def play(case: Case, *, until: str = "opened", seal: Any = None, forged_changes: Any = None) -> Play:
    """Announce, type, seal, substitute and open, among draws of the same and of another agency.

    `seal` and `forged_changes` let an agency cheat at its own desk: they may alter what is then logged as usual.
    """
    secret = sha256(case.name.encode()).digest()
    series, log = f"441300-2026-{len(case.name):04d}", Log()
    _others(log, series, case.round)
    plan = _plan(case, series, secret, log)
    log.add("announced", plan.draw_id, plan.digest)
    code = chain_code(secret, STEPS - case.round)
    result = run_draw(plan, case.files, code, encode(case.groups))
    result = seal(result) if seal else result
    made = Play(case, plan, code, result, (), log)
    if until == "announced":
        return made
    assert plan.entropy is not None
    log.now = datetime.strptime(plan.entropy.at, "%Y-%m-%dT%H:%M:%SZ")
    log.add("numbers", plan.draw_id, digest(made.entropy.encode()))
    if until == "numbers":
        return made
    log.add("sealed", plan.draw_id, digest(result.result_bytes()))
    made.changes = tuple(_changes(made))
    made.changes = forged_changes(made) if forged_changes else made.changes
    for change in made.changes:
        log.add("changed", plan.draw_id, change.digest)
    if until == "opened":
        if case.void:
            log.void(plan.draw_id, case.void)
        log.add("opened", plan.draw_id, digest(made.opening()))
        log.add("announced", "441300-2026-7777-1", digest(b"a later plan"))
    return made


def _others(log: Log, series: str, rounds: int) -> None:
    log.add("announced", "330100-2026-0001-1", digest(b"elsewhere"), agency="330100")
    log.add("announced", "441300-2026-9999-1", digest(b"an earlier plan"))
    log.void("441300-2026-9999-1", "numbers-missing")
    for number in range(1, rounds):
        log.add("announced", f"{series}-{number}", digest(bytes([number])))
        log.void(f"{series}-{number}", "lists-wrong")
    log.void("330100-2026-0001-1", "other")


def _plan(case: Case, series: str, secret: bytes, log: Log) -> Plan:
    later = case.round > 1
    return Plan(
        draw_id=f"{series}-{case.round}",
        files={name.removesuffix(".tsv"): digest(data) for name, data in case.files.to_bytes().items()},
        strata=case.strata,
        seats=case.seats,
        commitment=chain_code(secret, STEPS).hex(),
        commitment_steps=STEPS,
        rule=case.rule,
        round=case.round,
        series=series if later else "",
        replaces=f"{series}-{case.round - 1}" if later else "",
        entropy=case.entropy,
        reasons=REASONS,
        more={
            "agency": "惠州市住房和城乡建设局",
            "agency_code": AGENCY,
            "title": case.name,
            "announced_at": instant(log.now),
        },
    )


def _changes(made: Play) -> list[Change]:
    """Substitutions by the rule, as the service makes them."""
    found: list[Change] = []
    ticket = ticket_maker(draw_key(made.code, made.plan.digest, made.entropy))
    stratum = {d.object: d.stratum for d in (*made.result.drawn, *made.result.reserve)}
    for kind, place, seat in made.case.changes:
        crews = crews_after(made.result.result_bytes(), found)
        gone = list(crews)[place]
        crew, off = crews.pop(gone), {(c.body["object"], c.body["officer"]) for c in found if "officer" in c.body}
        if kind == "subject":
            used = frozenset(c.body["by"] for c in found if c.kind == SUBJECT_REPLACED)
            name, kept = next_reserve(made.result.reserve, stratum[gone], used).object, ()
        else:
            name, kept = gone, tuple(o for o in crew if o != crew[seat])
            off.add((gone, crew[seat]))
        locked: Mapping[str, tuple[str, ...]] = {**crews, name: kept} if kept else crews
        task = pairing_task(made.plan, made.case.files, ticket, (*crews, name), frozenset(off), locked)
        new = pair(task).roster[name]
        body: dict[str, Any] = {"object": gone, "by": name, "officers": list(new)}
        if kind == "officer":
            body = {"object": gone, "officer": crew[seat], "by": new[-1]}
        word, reason = (SUBJECT_REPLACED, "stopped") if kind == "subject" else (OFFICER_REPLACED, "leave")
        found.append(Change(len(found) + 1, word, reason, body, digest(f"salt {len(found)}".encode())))
    return found


# ---------------------------------------------------------------------------------------------- ten cases


def _objects(prefix: str, count: int, balls: int = 1) -> tuple[tuple[str, str, int], ...]:
    stratum = {"A": "credit-a", "C": "credit-c", "D": "信用风险高（D类）"}[prefix]
    return tuple((stratum, f"GD-{prefix}{n:03d}", n % balls + 1) for n in range(count))


def _officers(count: int) -> tuple[str, ...]:
    return tuple(f"F{n:03d}" for n in range(1, count + 1))


A, C, D = (
    Stratum("credit-a", 3),
    Stratum("credit-c", 6, {"title": "企业信用风险较高（C类）", "rate": "1/4", "minimum": 2}),
    Stratum("信用风险高（D类）", 9),
)
PLAIN = DrawFiles(_objects("A", 60) + _objects("C", 24) + _objects("D", 9), _officers(12))
BARRED = replace(
    PLAIN,
    recusals=tuple(
        (o, f) for n, (_, o, _) in enumerate(PLAIN.objects) for f in PLAIN.officers if (n + int(f[1:])) % 4 == 0
    ),
)
UNITS = tuple((f, f"质安{n % 4}站") for n, f in enumerate(PLAIN.officers[:10]))
SKILLED = replace(
    PLAIN,
    skills=tuple((f, "桩基") for f in PLAIN.officers[::3]),
    needs=tuple((o, "桩基") for _, o, _ in PLAIN.objects[::7]),
)
MANY = (
    ("subject", 0, 0),
    ("officer", 1, 1),
    ("subject", 2, 0),
    ("officer", 4, 0),
    ("officer", 4, 0),
    ("subject", 16, 0),
)

CASES = (
    Case("三层按率，其中一层全查", PLAIN, (A, C, D)),
    Case("号球加权", DrawFiles(_objects("C", 40, 5), _officers(7)), (C,), entropy=DOUBLE, groups=((31, 3, 20, 9, 14, 27), (12,))),
    Case("多处回避", BARRED, (A, C, D)),
    Case("至少一名可带队", replace(BARRED, leads=PLAIN.officers[:3]), (A, C, D), rule="lead"),
    Case("同一单位不同组", replace(PLAIN, units=UNITS), (A, C, D), seats=3, rule="apart"),
    Case("按资格派人", SKILLED, (A, C, D), seats=2),
    Case("作废两次后的第三轮", replace(PLAIN, excluded=(("GD-X001", "stopped"), ("GD-X002", "cap-reached"))), (A, C), round=3),
    Case("六次替换", replace(BARRED, leads=PLAIN.officers[:5]), (A, C, D), rule="lead", changes=MANY),
    Case("现场叫号", PLAIN, (C, D), entropy=CALLED, groups=((7, 7, 1234, 9999, 0, 42, 5, 6),)),
    Case("封存之后作废", replace(PLAIN, units=UNITS), (A, C), rule="apart", changes=(("officer", 0, 0),), void="leaked"),
)  # fmt: skip


def parsed(files: Files, name: str) -> Any:
    return json.loads(files[name])
