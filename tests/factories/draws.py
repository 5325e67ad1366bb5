"""抽签的样子：公告的、封存的、开封的、作废的，连同公开日志里的条目；每一步都照 draw/1 当场算出来。"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from uuid import UUID, uuid5

from sqlalchemy import select

from server.domain.batches import BatchOptions
from server.domain.draw_bundle import OFFICER_REPLACED, SUBJECT_REPLACED, Change, Opening
from server.domain.draw_files import DrawFiles
from server.domain.draw_states import SUBSTITUTION_REASONS
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
    share_of,
    ticket_maker,
)
from server.domain.entropy import encode, lottery
from server.domain.pairing import pair
from server.models.draws import AnnualPlan, Batch, Draw, DrawChange, DrawFile, DrawOfficer, DrawSecret
from server.models.regions import ROOT, Region
from server.models.subjects import Officer, Organisation, Subject
from server.models.users import User
from server.services import drawing
from server.services.transparency import append_event, sign_checkpoint
from server.uow import House, UnitOfWork

SPACE = UUID("5f0c1a52-6f43-4d0e-9a3e-4f0f0b2b7f11")
SECRET = bytes(range(32))
OTHER_SECRET = bytes(range(32, 64))
ANNOUNCED = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
GROUPS = [[31, 3, 20, 9, 14, 27], [12]]
AGENCY, AGENCY_CODE, REGION = "示范市住房和城乡建设局", "441300", "441300"
STRATA = (
    ("credit-ordinary", "企业信用风险一般（B类）", 1, 5),
    ("credit-high", "企业信用风险高（D类）", 1, 2),
)
ENTROPY = encode(GROUPS)
STEPS = 6


@dataclass(frozen=True)
class Sheet:
    """One draw worked out: its plan, its files, and what the numbers make of them."""

    code: str
    secret: bytes
    lists: DrawFiles
    rule: str = "any"
    round: int = 1
    series: str = ""
    replaces: str = ""
    title: str = "2026 年第三季度工程质量双随机抽查"
    hour: int = 0
    agency_code: str = AGENCY_CODE
    seats: int = 2

    @property
    def announced_at(self) -> datetime:
        """Draws of different hours never overlap in the log; the next steps follow at fixed distances."""
        return ANNOUNCED + timedelta(hours=self.hour)

    @property
    def numbers_at(self) -> datetime:
        return self.announced_at + timedelta(days=2)

    @property
    def sealed_at(self) -> datetime:
        return self.numbers_at + timedelta(minutes=20)

    @property
    def voided_at(self) -> datetime:
        return self.sealed_at + timedelta(minutes=10)

    @property
    def opened_at(self) -> datetime:
        return self.sealed_at + timedelta(days=30)

    @cached_property
    def files(self) -> dict[str, bytes]:
        return self.lists.to_bytes()

    @cached_property
    def plan(self) -> Plan:
        counts = Counter(stratum for stratum, _, _ in self.lists.objects)
        return Plan(
            self.code,
            {name.removesuffix(".tsv"): sha256(data).hexdigest() for name, data in self.files.items()},
            tuple(
                Stratum(
                    name, share_of(counts[name], num, den, 1), {"title": title, "rate": f"{num}/{den}", "minimum": 1}
                )
                for name, title, num, den in STRATA
            ),
            self.seats,
            chain_code(self.secret, STEPS).hex(),
            STEPS,
            self.rule,
            self.round,
            self.series,
            self.replaces,
            lottery("双色球", "2026103", "停开时顺延到下一个真正开奖的期号", z(self.numbers_at)),
            tuple({"code": code, "text": text} for code, text in SUBSTITUTION_REASONS.items()),
            {
                "agency": AGENCY,
                "agency_code": self.agency_code,
                "title": self.title,
                "announced_at": z(self.announced_at),
                "exclusion_reasons": [{"code": "recently-checked", "text": "近期已就同一事项检查"}],
            },
        )

    @property
    def one_time_code(self) -> bytes:
        return chain_code(self.secret, STEPS - self.round)

    @cached_property
    def result(self) -> DrawResult:
        return run_draw(self.plan, self.lists, self.one_time_code, ENTROPY)

    @property
    def drawn(self) -> list[str]:
        return [line.object for line in self.result.drawn]

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """The first drawn subject gives way to the next reserve; one officer of the last one to another."""
        crews = dict(self.result.pairing.roster)
        first, last = self.result.drawn[0], self.result.drawn[-1]
        by = next_reserve(self.result.reserve, first.stratum, frozenset()).object
        del crews[first.object]
        crews[by] = self._crew(crews, by, ())
        replaced = Change(
            1, SUBJECT_REPLACED, "stopped", {"object": first.object, "by": by, "officers": list(crews[by])}, "a" * 64
        )
        leaving, *kept = crews.pop(last.object)
        coming = self._crew(crews, last.object, tuple(kept), (last.object, leaving))[-1]
        body = {"object": last.object, "officer": leaving, "by": coming}
        return replaced, Change(2, OFFICER_REPLACED, "leave", body, "b" * 64)

    def _crew(
        self, crews: dict[str, tuple[str, ...]], name: str, kept: tuple[str, ...], *bars: tuple[str, str]
    ) -> tuple[str, ...]:
        """The pairing rule for one object with every other seat locked."""
        ticket = ticket_maker(draw_key(self.one_time_code, self.plan.digest, ENTROPY))
        locked = {**crews, name: kept} if kept else crews
        task = pairing_task(self.plan, self.lists, ticket, (*crews, name), frozenset(bars), locked)
        return pair(task).roster[name]

    def opening(self, *, sealed: bool = True, changed: bool = False, void: str = "") -> bytes:
        digest = sha256(self.result.result_bytes()).hexdigest() if sealed else ""
        entropy = ENTROPY if sealed else ""
        changes = self.changes if changed else ()
        return Opening(self.code, self.round, self.one_time_code.hex(), entropy, digest, changes, void).to_bytes()


def frame(size: int = 24, *, rule: str = "any") -> DrawFiles:
    """A mixed frame of `size` subjects, seven officers, some recusals; some subjects have two balls."""
    places = range(1, size + 1)
    people = range(1, 8)
    return DrawFiles(
        tuple((STRATA[n % 4 == 3][0], f"SZ{n:04d}", 1 + (n % 5 == 0)) for n in places),
        tuple(f"F{n:03d}" for n in people),
        tuple((f"SZ{n:04d}", f"F{1 + n % 7:03d}") for n in places if n % 3 == 1),
        excluded=(("SZ9001", "recently-checked"),),
        leads=("F001", "F002", "F005") if rule == "lead" else None,
        units=tuple((f"F{n:03d}", f"第{n % 3}科") for n in people) if rule == "apart" else None,
        skills=tuple((f"F{n:03d}", "electrical") for n in people if n % 2),
        needs=tuple((f"SZ{n:04d}", "electrical") for n in places if n % 6 == 0),
    )


def sheet(
    code: str = "441300-2026-0007-1",
    *,
    secret: bytes = SECRET,
    size: int = 24,
    rule: str = "any",
    round: int = 1,
    series: str = "",
    replaces: str = "",
    title: str = "2026 年第三季度工程质量双随机抽查",
    hour: int = 0,
) -> Sheet:
    """A draw over `frame(size)`."""
    return Sheet(code, secret, frame(size, rule=rule), rule, round, series, replaces, title, hour)


def z(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def hexed(data: bytes) -> str:
    return sha256(data).hexdigest()


# ------------------------------------------------------------------------------------------------ rows


def announce(house: House, made: Sheet) -> None:
    """The plan and its lists, public; the secret beside them, not."""
    with house.unit() as uow:
        uow.now = made.announced_at
        batch = _batch(uow)
        draw = Draw(
            uuid=uuid5(SPACE, made.code),
            code=made.code,
            series=made.series or made.code.rpartition("-")[0],
            round=made.round,
            replaces=made.replaces or None,
            batch_id=batch.id,
            region_code=REGION,
            agency_code=made.agency_code,
            title=made.title,
            state="announced",
            plan=made.plan.to_bytes().decode(),
            plan_sha256=made.plan.digest,
            due_on=date(2026, 10, 10),
            summary={"note": "内部的数"},
            by=batch.by,
            announced_at=made.announced_at,
            numbers_due_at=made.numbers_at,
        )
        uow.session.add(draw)
        if made.round == 1:
            uow.session.add(DrawSecret(series=draw.series, steps=STEPS, sealed=made.secret))
        uow.session.flush()
        _keep(uow, draw, made.files)
        _people(uow, draw, made)
        _log(uow, made, "draw.announced", draw.plan_sha256)


def seal(house: House, made: Sheet, *, changed: bool = False, tasks: bool = False) -> None:
    """Numbers in, result worked out, stored and sealed; nobody outside may see it.

    With `tasks` the drawn subjects and officers must stand in the registers, and get their assignments.
    """
    with house.unit() as uow:
        draw = _draw(uow, made)
        draw.state, draw.entropy, draw.typed_at = "sealed", ENTROPY, made.sealed_at - timedelta(minutes=5)
        uow.now = draw.typed_at
        _log(uow, made, "draw.numbers", hexed(ENTROPY.encode()))
        uow.now = made.sealed_at
        if tasks:
            draw.state = "drawing"
            uow.session.flush()
            drawing.seal(uow, made.code, made.result)
        else:
            result = made.result.result_bytes()
            _keep(uow, draw, {"result.tsv": result, "reserve.tsv": made.result.reserve_bytes()})
            draw.result_sha256, draw.sealed_at = hexed(result), made.sealed_at
            _log(uow, made, "draw.sealed", draw.result_sha256)
        for change in made.changes if changed else ():
            _change(uow, draw, made, change)


def _change(uow: UnitOfWork, draw: Draw, made: Sheet, change: Change) -> None:
    """The row keeps everything, the log only the salted digest."""
    kept = {"kind": change.kind, "reason": change.reason, "body": dict(change.body), "salt": change.salt}
    uow.session.add(DrawChange(draw_id=draw.id, n=change.n, note="内部说明", by=draw.by, at=uow.now, **kept))
    _log(uow, made, "draw.changed", change.digest)


def open_draw(house: House, made: Sheet, *, changed: bool = False) -> None:
    """Everything public."""
    with house.unit() as uow:
        uow.now = made.opened_at
        draw = _draw(uow, made)
        draw.state, draw.opened_at, draw.opening = "opened", made.opened_at, made.opening(changed=changed).decode()
        _log(uow, made, "draw.opened", hexed(draw.opening.encode()))


def void(house: House, made: Sheet, reason: str = "pairing-infeasible") -> None:
    """A reason, and with it whatever the draw had come to."""
    with house.unit() as uow:
        uow.now = made.voided_at
        draw = _draw(uow, made)
        sealed = draw.sealed_at is not None
        draw.state, draw.voided_at, draw.void_reason = "void", made.voided_at, reason
        draw.void_note = f"{made.lists.objects[0][1]} 正在办别的案"
        _log(uow, made, "draw.void", hexed(canonical({"draw": made.code, "reason": reason})), reason=reason)
        draw.opening = made.opening(sealed=sealed, void=reason).decode()
        _log(uow, made, "draw.opened", hexed(draw.opening.encode()))


def sign(house: House, *, at: datetime = ANNOUNCED + timedelta(days=60)) -> None:
    """A checkpoint over everything so far."""
    with house.unit() as uow:
        uow.now = at
        sign_checkpoint(uow)


def _log(uow: UnitOfWork, made: Sheet, kind: str, digest: str, **more: str) -> None:
    append_event(uow, kind, agency=made.agency_code, draw=made.code, digest=digest, role="supervisor", **more)


def _draw(uow: UnitOfWork, made: Sheet) -> Draw:
    return uow.session.scalars(select(Draw).where(Draw.code == made.code)).one()


def _keep(uow: UnitOfWork, draw: Draw, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        uow.session.add(
            DrawFile(draw_id=draw.id, name=name, sha256=sha256(data).hexdigest(), size=len(data), content=data)
        )


def _people(uow: UnitOfWork, draw: Draw, made: Sheet) -> None:
    """A real officer behind every pseudonym, when the register has as many."""
    known = uow.session.scalars(select(Officer).order_by(Officer.certificate_no)).all()
    for pseudonym, officer in zip(made.lists.officers, known, strict=False):
        uow.session.add(DrawOfficer(draw_id=draw.id, pseudonym=pseudonym, officer_id=officer.id))


def _batch(uow: UnitOfWork) -> Batch:
    known = uow.session.scalars(select(Batch)).first()
    if known is not None:
        return known
    person = uow.session.scalars(select(User).order_by(User.id)).first()
    firm = uow.session.scalars(select(Organisation).order_by(Organisation.id)).first()
    assert person is not None
    assert firm is not None
    options = BatchOptions((), ("RES",)).to_dict()
    common = {"region_code": REGION, "options": options, "by": person.id, "created_at": ANNOUNCED}
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


def ground(house: House) -> None:
    """What a draw stands on, in a house that has only what every house starts with."""
    with house.unit() as uow:
        for code, name, level, parent in ((ROOT, "全国", "country", None), (REGION, "示范市", "city", ROOT)):
            if uow.session.get(Region, code) is None:
                uow.session.add(Region(code=code, name=name, level=level, parent_code=parent))
                uow.session.flush()
        firm = Organisation(
            uuid=uuid5(SPACE, "authority"), name=AGENCY, kind="authority", region_code=REGION, created_at=ANNOUNCED
        )
        person = User(uuid=uuid5(SPACE, "user"), login="draws", name="示范", password_hash="-", created_at=ANNOUNCED)
        uow.session.add_all([firm, person])


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


def subjects(house: House, size: int = 24) -> None:
    """The subjects of `frame(size)` in the register."""
    with house.unit() as uow:
        for place in range(1, size + 1):
            uow.session.add(
                Subject(
                    uuid=uuid5(SPACE, f"subject {place}"), code=f"SZ{place:04d}", name=f"示范工程{place}号楼", frame="project",
                    kind="housing", region_code=REGION, address="示范路", details={}, created_at=ANNOUNCED,
                )
            )  # fmt: skip
