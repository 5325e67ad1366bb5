"""抽签的公告：冻结名单、承诺一次性码、写成计划、记入公开日志，一次提交。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from server.domain.batches import EXCLUSION_REASONS, BatchOptions
from server.domain.checks import shanghai_day
from server.domain.draw_states import SUBSTITUTION_REASONS, DrawState, check_notice, check_round
from server.domain.draws import Plan
from server.domain.entropy import EntropyPlan, NumberGroup, lottery, on_site
from server.domain.errors import Conflict, FieldError, Invalid, Missing
from server.models.draws import Batch, Draw, DrawFile, DrawOfficer
from server.models.subjects import Organisation
from server.queries.scope import in_scope
from server.services.calendars import work_calendar
from server.services.draw_secrets import chain_of, commitment_of, new_chain
from server.services.frames import FrozenFrame, freeze
from server.services.transparency import append_event, sign_checkpoint
from server.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Place:
    """Where a draw stands in its series."""

    series: str
    round: int
    replaces: str

    @property
    def code(self) -> str:
        return f"{self.series}-{self.round}"


def find_draw(uow: UnitOfWork, code: str, *, lock: bool = False) -> Draw:
    """The draw if it lies in scope, held against other writers with `lock`; raises Missing `draw-not-found`."""
    return _found(uow, select(Draw).where(Draw.code == code, in_scope(Draw.region_code, uow.scope)), lock)


def draw_for_worker(uow: UnitOfWork, code: str, *, lock: bool = False) -> Draw:
    """Like `find_draw` for the house itself, which has no scope."""
    return _found(uow, select(Draw).where(Draw.code == code), lock)


def _found(uow: UnitOfWork, rows: Any, lock: bool) -> Draw:
    rows = rows.options(undefer(Draw.plan), joinedload(Draw.batch))
    found: Draw | None = uow.session.scalar(rows.with_for_update(of=Draw) if lock else rows)
    if found is None:
        raise Missing("draw-not-found", "没有这次抽签，或不在您的范围内。")
    return found


def frozen_plan(draw: Draw) -> Plan:
    """The plan as it was announced."""
    return Plan.from_bytes(draw.plan.encode())


def entropy_of(draw: Draw) -> EntropyPlan:
    """Where the numbers of this draw come from."""
    source = frozen_plan(draw).entropy
    if source is None:
        raise Invalid("plan-invalid", "抽签计划没有写明公开数字的来源。")
    return source


def log_draw(uow: UnitOfWork, draw: Draw, word: str, digest: str, **more: str) -> int:
    """One entry of the public log about this draw, signed for at once, all in this very commit."""
    role = "system" if uow.actor.user_id is None else "supervisor"
    seq = append_event(uow, word, agency=draw.agency_code, draw=draw.code, digest=digest, role=role, **more)
    sign_checkpoint(uow)
    return seq


def announce_draw(uow: UnitOfWork, batch_uuid: UUID, entropy: dict[str, Any], replaces: str) -> Draw:
    """Freeze the registers, commit to a one-time code, write the plan and enter it in the public log.

    Raises Conflict `draw-already-announced` while another draw of the batch is not void, Invalid `frame-empty` when
    nothing would be drawn, and what the rules of the numbers refuse.
    """
    batch = _find_batch(uow, batch_uuid)
    source = _source(entropy)
    due_at: datetime = entropy["at"]
    check_notice(source.kind, uow.now, due_at)
    place = _place(uow, batch, replaces)
    check_round(place.round)
    due_on = work_calendar(uow).add_workdays(shanghai_day(due_at), batch.options["due_workdays"]).on
    frozen = freeze(uow, batch, shanghai_day(uow.now), due_on)
    _check_frame(frozen)
    draw = _write(uow, batch, place, frozen, source, (due_at, due_on))
    log_draw(uow, draw, "draw.announced", draw.plan_sha256)
    return draw


def _find_batch(uow: UnitOfWork, batch: UUID) -> Batch:
    rows = select(Batch).where(Batch.uuid == batch, in_scope(Batch.region_code, uow.scope))
    found: Batch | None = uow.session.scalar(rows.options(joinedload(Batch.plan)).with_for_update(of=Batch))
    if found is None:
        raise Missing("batch-not-found", "没有这个批次，或不在您的范围内。")
    if found.plan.state != "published":
        raise Conflict("plan-not-published", "年度计划还没有公布，不能抽签。")
    return found


def _source(entropy: dict[str, Any]) -> EntropyPlan:
    at = _instant(entropy["at"])
    if entropy["kind"] == "lottery":
        return lottery(entropy["game"], entropy["issue"], entropy["fallback"], at)
    return on_site(entropy["ask"], [NumberGroup(**group) for group in entropy["groups"]], at)


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _place(uow: UnitOfWork, batch: Batch, replaces: str) -> Place:
    """The first round of a batch, or the round after a void one."""
    before = uow.session.scalars(select(Draw).where(Draw.batch_id == batch.id).order_by(Draw.round.desc())).first()
    if before is None:
        if replaces:
            raise Missing("draw-not-found", "没有这次抽签，或不在您的范围内。")
        return Place(f"{batch.region_code}-{batch.plan.year}-{batch.id:04d}", 1, "")
    if before.state != DrawState.VOID.value:
        raise Conflict(
            "draw-already-announced", "这个批次已经公告过抽签；要重抽，先写明理由作废。", facts={"draw": before.code}
        )
    if replaces != before.code:
        words = f"重抽须写明替换已作废的 {before.code}。"
        raise Invalid("draw-replaces-missing", words, errors=[FieldError("/replaces", words)])
    if chain_of(uow, before.series).closed_at:
        raise Conflict("draw-series-closed", "这一批次已经办结，不能再抽。")
    return Place(before.series, before.round + 1, before.code)


def _check_frame(frozen: FrozenFrame) -> None:
    if not any(s.take for s in frozen.frame.strata):
        raise Invalid(
            "frame-empty", "按现在的名录和剔除规则，没有对象可抽。", facts={"excluded": len(frozen.frame.excluded)}
        )
    if not frozen.officers:
        raise Invalid("crew-empty", "没有可派的执法人员：请检查证件有效期、请假和区划。")


def _write(
    uow: UnitOfWork,
    batch: Batch,
    place: Place,
    frozen: FrozenFrame,
    source: EntropyPlan,
    due: tuple[datetime, date],
) -> Draw:
    files = frozen.files.to_bytes()
    plan = _plan(uow, batch, place, frozen, source, {name: sha256(data).hexdigest() for name, data in files.items()})
    draw = Draw(
        uuid=uow.new_id(),
        code=place.code,
        series=place.series,
        round=place.round,
        replaces=place.replaces or None,
        batch_id=batch.id,
        batch=batch,
        region_code=batch.region_code,
        agency_code=plan.more["agency_code"],
        title=batch.title,
        state=DrawState.ANNOUNCED.value,
        plan=plan.to_bytes().decode(),
        plan_sha256=plan.digest,
        due_on=due[1],
        summary=_summary(frozen),
        by=uow.actor.user_id,
        announced_at=uow.now,
        numbers_due_at=due[0],
    )
    uow.session.add(draw)
    uow.session.flush()
    keep_files(uow, draw, files)
    uow.session.add_all(DrawOfficer(draw_id=draw.id, pseudonym=word, officer_id=who) for word, who in frozen.officers)
    return draw


def keep_files(uow: UnitOfWork, draw: Draw, files: dict[str, bytes]) -> None:
    """Freeze bytes under their names and digests."""
    uow.session.add_all(
        DrawFile(draw_id=draw.id, name=name, sha256=sha256(data).hexdigest(), size=len(data), content=data)
        for name, data in files.items()
    )


def _plan(
    uow: UnitOfWork, batch: Batch, place: Place, frozen: FrozenFrame, source: EntropyPlan, digests: dict[str, str]
) -> Plan:
    options = BatchOptions.from_dict(batch.options)
    chain = new_chain(uow, place.series) if place.round == 1 else chain_of(uow, place.series)
    agency = uow.session.get_one(Organisation, batch.plan.organisation_id)
    return Plan(
        draw_id=place.code,
        files={name.removesuffix(".tsv"): digest for name, digest in digests.items()},
        strata=frozen.frame.strata,
        seats=options.seats,
        commitment=commitment_of(uow, chain).hex(),
        commitment_steps=chain.steps,
        rule=options.rule,
        round=place.round,
        series=place.series if place.round > 1 else "",
        replaces=place.replaces,
        entropy=source,
        reasons=_listed(SUBSTITUTION_REASONS),
        more={
            "agency": agency.name,
            "agency_code": agency.credit_code or f"{agency.region_code}-{agency.id}",
            "announced_at": _instant(uow.now),
            "exclusion_reasons": list(_listed(EXCLUSION_REASONS)),
            "title": batch.title,
        },
    )


def _listed(reasons: dict[str, str]) -> tuple[dict[str, str], ...]:
    return tuple({"code": code, "text": text} for code, text in reasons.items())


def _summary(frozen: FrozenFrame) -> dict[str, Any]:
    reasons: dict[str, int] = {}
    for _, reason in frozen.frame.excluded:
        reasons[reason] = reasons.get(reason, 0) + 1
    return {
        "objects": len(frozen.frame.objects),
        "officers": len(frozen.officers),
        "excluded": reasons,
        "take": sum(s.take for s in frozen.frame.strata),
        "warnings": list(frozen.frame.warnings),
    }
