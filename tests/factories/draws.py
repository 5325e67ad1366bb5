"""抽签的样子：公告的、封存的、开封的、作废的，连同公开日志里的条目；每一步都照 draw/1 当场算出来。"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from hmac import digest as keyed
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from server.domain.pairing import PairingTask, pair
from server.models.draws import AnnualPlan, Batch, Draw, DrawFile, DrawOfficer, DrawSecret
from server.models.subjects import Officer, Organisation
from server.models.users import User
from server.services.transparency import append_event, sign_checkpoint
from server.uow import House, UnitOfWork

SPACE = UUID("5f0c1a52-6f43-4d0e-9a3e-4f0f0b2b7f11")
SECRET = bytes(range(32))
OTHER_SECRET = bytes(range(32, 64))
ANNOUNCED = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
NUMBERS = ANNOUNCED + timedelta(days=2)
SEALED = NUMBERS + timedelta(minutes=20)
OPENED = SEALED + timedelta(days=30)
VOIDED = SEALED + timedelta(hours=1)
GROUPS = [[3, 9, 14, 20, 27, 31], [12]]
AGENCY, AGENCY_CODE, REGION = "示范市住房和城乡建设局", "441300", "441300"
STRATA = (("credit-ordinary", "企业信用风险一般（B类）", "1/5"), ("credit-high", "企业信用风险高（D类）", "1/2"))
REASONS = [
    {"code": "stopped", "text": "对象已停工停产"},
    {"code": "officer-ill", "text": "检查人员因病不能到场"},
]
STEPS = 6


@dataclass(frozen=True)
class Sheet:
    """One draw worked out: its plan, its files, and what the numbers make of them."""

    code: str
    secret: bytes
    objects: tuple[tuple[str, str, int], ...]
    officers: tuple[str, ...]
    recusals: tuple[tuple[str, str], ...]
    seats: int = 2
    round: int = 1
    series: str = ""
    replaces: str = ""
    rule: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    title: str = "2026 年第三季度工程质量双随机抽查"
    agency: str = AGENCY
    agency_code: str = AGENCY_CODE
    entropy_at: datetime = NUMBERS

    def lists(self) -> dict[str, str]:
        """Frozen files by name; `extra` adds leads, units, skills, needs, excluded."""
        return {
            "objects.tsv": _lines(sorted(f"{s}\t{o}\t{b}" for s, o, b in self.objects)),
            "officers.tsv": _lines(sorted(self.officers)),
            "recusals.tsv": _lines(sorted(f"{o}\t{f}" for o, f in self.recusals)),
            **self.extra,
        }

    def chain(self, place: int) -> bytes:
        """c(place); c(0) is the secret."""
        found = self.secret
        for _ in range(place):
            found = sha256(found).digest()
        return found

    def take(self) -> dict[str, int]:
        return {"credit-ordinary": max(1, -(-self._count("credit-ordinary") // 5)), "credit-high": -(-self._count("credit-high") // 2)}  # fmt: skip

    def _count(self, stratum: str) -> int:
        return sum(s == stratum for s, _, _ in self.objects)

    def plan(self) -> str:
        """The canonical plan."""
        take = self.take()
        told: dict[str, Any] = {
            "spec": "draw/1",
            "draw_id": self.code,
            **{f"{name.removesuffix('.tsv')}_sha256": hexed(text) for name, text in self.lists().items()},
            "strata": [{"id": i, "take": take[i], "title": t, "rate": r, "minimum": 1} for i, t, r in STRATA],
            "seats": self.seats,
            "commitment": self.chain(STEPS).hex(),
            "commitment_steps": STEPS,
            "agency": self.agency,
            "agency_code": self.agency_code,
            "title": self.title,
            "announced_at": _z(ANNOUNCED),
            "entropy": {
                "kind": "lottery",
                "game": "双色球",
                "issue": "2026103",
                "fallback": "停开时顺延到下一个真正开奖的期号",
                "at": _z(self.entropy_at),
                "groups": [
                    {"count": 6, "low": 1, "high": 33, "distinct": 1},
                    {"count": 1, "low": 1, "high": 16, "distinct": 1},
                ],
            },
            "reasons": REASONS,
            "exclusion_reasons": [{"code": "recently-checked", "text": "近期已就同一事项检查"}],
        }
        if self.rule:
            told["rule"] = self.rule
        if self.round > 1:
            told |= {"round": self.round, "series": self.series, "replaces": self.replaces}
        return jcs(told)

    @property
    def entropy(self) -> str:
        return "".join(".".join(map(str, sorted(group))) + "./" for group in GROUPS)

    @property
    def one_time_code(self) -> bytes:
        return self.chain(STEPS - self.round)

    def ticket(self, label: str) -> bytes:
        message = f"draw/1/{hexed(self.plan())}/{self.entropy}".encode()
        return keyed(keyed(self.one_time_code, message, "sha256"), label.encode() + b"\x01", "sha256")

    def order(self) -> dict[str, list[tuple[bytes, str]]]:
        """Objects of each stratum in the order of their tickets."""
        found: dict[str, list[tuple[bytes, str]]] = {}
        for stratum, name, balls in self.objects:
            best = min(self.ticket(f"O|{stratum}|{name}|{ball}") for ball in range(1, balls + 1))
            found.setdefault(stratum, []).append((best, name))
        return {stratum: sorted(rows) for stratum, rows in found.items()}

    def results(self) -> tuple[str, str]:
        """result.tsv and reserve.tsv."""
        drawn, rest = [], []
        take = self.take()
        for stratum, rows in self.order().items():
            for rank, (ticket, name) in enumerate(rows, 1):
                (drawn if rank <= take[stratum] else rest).append((ticket, stratum, rank, name))
        drawn.sort()
        roster = self._roster([name for *_, name in drawn])
        result = [f"{s}\t{r}\t{n}\t{t.hex()}\t" + "\t".join(roster[n]) for t, s, r, n in drawn]
        reserve = [f"{s}\t{r}\t{n}\t{t.hex()}" for t, s, r, n in sorted(rest, key=lambda row: (row[1], row[2]))]
        return _lines(result), _lines(reserve)

    def _roster(self, drawn: Sequence[str]) -> dict[str, tuple[str, ...]]:
        units = dict(line.split("\t") for line in self.extra.get("units.tsv", "").split("\n") if line)
        leads = frozenset(self.extra.get("leads.tsv", "").split())
        task = PairingTask(
            tuple(drawn),
            self.officers,
            self.seats,
            frozenset(self.recusals),
            lambda name, officer: self.ticket(f"A|{name}|{officer}"),
            leads if self.rule == "lead" else None,
            units if self.rule == "apart" else None,
        )
        return dict(pair(task).roster)

    def drawn(self) -> list[str]:
        return [line.split("\t")[2] for line in self.results()[0].splitlines()]


def sheet(code: str = "441300-2026-007", *, secret: bytes = SECRET, size: int = 24, **more: Any) -> Sheet:
    """A mixed frame of `size` subjects, seven officers, some recusals; some subjects have two balls."""
    objects = tuple(
        (STRATA[place % 4 == 3][0], f"SZ{place:04d}", 1 + (place % 5 == 0)) for place in range(1, size + 1)
    )
    officers = tuple(f"F{place:03d}" for place in range(1, 8))
    recusals = tuple((f"SZ{place:04d}", f"F{1 + place % 7:03d}") for place in range(1, size + 1, 3))
    return Sheet(code, secret, objects, officers, recusals, **more)


def _lines(rows: Sequence[str]) -> str:
    return "".join(f"{row}\n" for row in rows)


def _z(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def jcs(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hexed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


# ------------------------------------------------------------------------------------------------ rows


def announce(house: House, made: Sheet, *, at: datetime = ANNOUNCED) -> None:
    """The plan and its lists, public; the secret beside them, not."""
    with house.unit() as uow:
        uow.now = at
        batch = _batch(uow)
        draw = Draw(
            uuid=uuid5(SPACE, made.code),
            code=made.code,
            series=made.series or made.code,
            round=made.round,
            replaces=made.replaces or None,
            batch_id=batch.id,
            region_code=REGION,
            agency_code=made.agency_code,
            title=made.title,
            state="announced",
            plan=made.plan(),
            plan_sha256=hexed(made.plan()),
            due_on=date(2026, 10, 10),
            summary={"note": "内部的数"},
            by=batch.by,
            announced_at=at,
            numbers_due_at=made.entropy_at,
        )
        uow.session.add(draw)
        if made.round == 1:
            uow.session.add(DrawSecret(series=made.code, steps=STEPS, sealed=made.secret))
        uow.session.flush()
        _keep(uow, draw, made.lists())
        _log(uow, made, "draw.announced", draw.plan_sha256)


def seal(house: House, made: Sheet, *, at: datetime = SEALED) -> None:
    """Numbers in, result worked out, stored and sealed; nobody outside may see it."""
    with house.unit() as uow:
        draw = _draw(uow, made)
        draw.state, draw.entropy, draw.typed_at = "sealed", made.entropy, at - timedelta(minutes=5)
        uow.now = draw.typed_at
        _log(uow, made, "draw.numbers", hexed(made.entropy))
        result, reserve = made.results()
        _keep(uow, draw, {"result.tsv": result, "reserve.tsv": reserve})
        _people(uow, draw, made)
        draw.result_sha256, draw.sealed_at = hexed(result), at
        draw.opening = opening_of(made)
        uow.now = at
        _log(uow, made, "draw.sealed", draw.result_sha256)


def change(house: House, made: Sheet, *, at: datetime = SEALED + timedelta(days=2)) -> None:
    """The salted digest of a substitution goes to the log; who it was does not."""
    with house.unit() as uow:
        uow.now = at
        told = change_of(made)
        salt = told.pop("salt")
        _log(uow, made, "draw.changed", hexed(f"{salt}\n{jcs(told)}"))


def change_of(made: Sheet) -> dict[str, Any]:
    """The first drawn subject of the first stratum gives way to the first reserve."""
    first = made.results()[0].splitlines()[0].split("\t")
    order = [name for _, name in made.order()[first[0]]]
    body = {"object": first[2], "replacement": order[made.take()[first[0]]]}
    return {"n": 1, "kind": "subject-replaced", "reason": "stopped", "body": body, "salt": hexed("salt")}


def opening_of(made: Sheet, changes: Sequence[dict[str, Any]] = ()) -> str:
    told = {
        "spec": "draw-opening/1",
        "draw_id": made.code,
        "round": made.round,
        "one_time_code": made.one_time_code.hex(),
        "entropy": made.entropy,
        "groups": [sorted(group) for group in GROUPS],
        "result_sha256": hexed(made.results()[0]),
        "changes": list(changes),
    }
    return jcs(told)


def open_draw(house: House, made: Sheet, *, changed: bool = False, at: datetime = OPENED) -> None:
    """Everything public."""
    with house.unit() as uow:
        uow.now = at
        draw = _draw(uow, made)
        draw.state, draw.opened_at = "opened", at
        draw.opening = opening_of(made, [change_of(made)] if changed else [])
        _log(uow, made, "draw.opened", hexed(draw.opening))


def void(house: House, made: Sheet, reason: str = "officers-infeasible", *, at: datetime = VOIDED) -> None:
    """No result, a reason; what was drawn stays hidden."""
    with house.unit() as uow:
        uow.now = at
        draw = _draw(uow, made)
        draw.state, draw.voided_at, draw.void_reason = "void", at, reason
        draw.void_note = f"抽中的 {made.objects[0][1]} 正在办别的案"
        digest = hexed(jcs({"draw": made.code, "reason": reason}))
        _log(uow, made, "draw.void", digest, reason=reason)


def sign(house: House, *, at: datetime = OPENED + timedelta(minutes=1)) -> None:
    """A checkpoint over everything so far."""
    with house.unit() as uow:
        uow.now = at
        sign_checkpoint(uow)


def _log(uow: UnitOfWork, made: Sheet, kind: str, digest: str, **more: str) -> None:
    append_event(uow, kind, agency=made.agency_code, draw=made.code, digest=digest, role="supervisor", **more)


def _draw(uow: UnitOfWork, made: Sheet) -> Draw:
    return uow.session.scalars(select(Draw).where(Draw.code == made.code)).one()


def _keep(uow: UnitOfWork, draw: Draw, files: dict[str, str]) -> None:
    for name, text in files.items():
        data = text.encode()
        uow.session.add(
            DrawFile(draw_id=draw.id, name=name, sha256=sha256(data).hexdigest(), size=len(data), content=data)
        )


def _people(uow: UnitOfWork, draw: Draw, made: Sheet) -> None:
    """A real officer behind every pseudonym, when the register has as many."""
    known = uow.session.scalars(select(Officer).order_by(Officer.certificate_no)).all()
    for pseudonym, officer in zip(made.officers, known, strict=False):
        uow.session.add(DrawOfficer(draw_id=draw.id, pseudonym=pseudonym, officer_id=officer.id))


def _batch(uow: UnitOfWork) -> Batch:
    known = uow.session.scalars(select(Batch)).first()
    if known is not None:
        return known
    person = uow.session.scalars(select(User).order_by(User.id)).first()
    firm = uow.session.scalars(select(Organisation).order_by(Organisation.id)).first()
    assert person is not None
    assert firm is not None
    common = {"region_code": REGION, "options": {}, "by": person.id, "created_at": ANNOUNCED}
    plan = AnnualPlan(
        uuid=uuid5(SPACE, "plan"), year=2026, title="2026 年度抽查计划", organisation_id=firm.id, annual_cap=2,
        state="published", **common,
    )  # fmt: skip
    batch = Batch(
        uuid=uuid5(SPACE, "batch"), plan=plan, title="第三季度", frame="project", revision=1, updated_at=ANNOUNCED,
        **common,
    )  # fmt: skip
    uow.session.add_all([plan, batch])
    uow.session.flush()
    return batch


def people(house: House, count: int = 7) -> None:
    """So many officers in the register, for the policy that names them."""
    with house.unit() as uow:
        firm = uow.session.scalars(select(Organisation).order_by(Organisation.id)).first()
        assert firm is not None
        for place in range(1, count + 1):
            uow.session.add(
                Officer(
                    uuid=uuid5(SPACE, f"officer {place}"), name=f"示范检{place}", certificate_no=f"4413示{place:05d}",
                    certificate_expires_on=date(2030, 1, 1), organisation_id=firm.id, region_code=REGION,
                    created_at=ANNOUNCED,
                )
            )  # fmt: skip
