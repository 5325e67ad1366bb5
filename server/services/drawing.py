"""抽取与封存：数字确认之后由后台算出结果，连同任务、摘要一次提交。

The computing holds no transaction. It is deterministic, so a second worker, or the same one after a kill, can only
come to the same bytes; whoever commits first has sealed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select

from server.domain.batches import BatchOptions
from server.domain.draw_files import DrawFiles
from server.domain.draw_states import DrawState
from server.domain.draws import Drawn, DrawResult, Plan, run_draw
from server.models.draws import Draw, DrawOfficer
from server.models.subjects import Officer, Subject
from server.queries.draws import file_contents
from server.services.assignments import NewAssignment, make_assignments
from server.services.draw_secrets import chain_of, code_of
from server.services.draws import draw_for_worker, frozen_plan, keep_files, log_draw
from server.uow import UnitOfWork

RESULT, RESERVE = "result.tsv", "reserve.tsv"
NAMES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything the draw is computed from, read in one look."""

    plan: Plan
    files: DrawFiles
    code: bytes
    entropy: str

    def run(self) -> DrawResult:
        """Raises Invalid `pairing-infeasible`."""
        return run_draw(self.plan, self.files, self.code, self.entropy)


def read_inputs(uow: UnitOfWork, code: str) -> Inputs | None:
    """The frozen inputs of a draw whose numbers are confirmed; None when it has gone on meanwhile."""
    draw = draw_for_worker(uow, code)
    if draw.state != DrawState.DRAWING.value:
        return None
    return inputs_of(uow, draw)


def inputs_of(uow: UnitOfWork, draw: Draw) -> Inputs:
    files = DrawFiles.from_bytes(file_contents(uow.session, draw.id))
    one_time = code_of(uow, chain_of(uow, draw.series), draw.round)
    return Inputs(frozen_plan(draw), files, one_time, draw.entropy or "")


def seal(uow: UnitOfWork, code: str, result: DrawResult) -> None:
    """Keep the result, hand out the tasks and enter the seal in the public log; nothing when another was first."""
    draw = draw_for_worker(uow, code, lock=True)
    if draw.state != DrawState.DRAWING.value:
        return
    files = {RESULT: result.result_bytes(), RESERVE: result.reserve_bytes()}
    keep_files(uow, draw, files)
    draw.state, draw.sealed_at, draw.failure = DrawState.SEALED.value, uow.now, None
    draw.result_sha256 = sha256(files[RESULT]).hexdigest()
    loads = {"max_load": result.pairing.max_load, "officers_at_max": result.pairing.officers_at_max}
    draw.summary = draw.summary | {"drawn": len(result.drawn), "reserve": len(result.reserve), **loads}
    options = BatchOptions.from_dict(draw.batch.options)
    rows = new_assignments(uow, draw, result.drawn, result.pairing.roster)
    make_assignments(uow, draw, rows, options.due_workdays, options.checklists)
    log_draw(uow, draw, "draw.sealed", draw.result_sha256)


def note_failure(uow: UnitOfWork, code: str, why: str) -> None:
    """The draw can't be paired; it stays as it is, with the reason shown, until somebody voids it."""
    draw = draw_for_worker(uow, code, lock=True)
    if draw.state == DrawState.DRAWING.value:
        draw.failure = why


def new_assignments(
    uow: UnitOfWork, draw: Draw, drawn: tuple[Drawn, ...], roster: Mapping[str, tuple[str, ...]]
) -> list[NewAssignment]:
    """The tasks of drawn objects in ticket order; the first seat that may lead leads."""
    people = officers_of(uow, draw)
    leads = leads_of(uow, draw)
    subjects = _subject_ids(uow, [d.object for d in drawn])
    return [
        NewAssignment(
            subject_id=subjects[d.object],
            stratum=d.stratum,
            rank=d.rank,
            officer_ids=tuple(people[word] for word in roster[d.object]),
            lead_officer_id=people[lead_of(roster[d.object], leads)],
        )
        for d in drawn
    ]


def officers_of(uow: UnitOfWork, draw: Draw) -> dict[str, int]:
    """pseudonym -> officer id."""
    rows = select(DrawOfficer.pseudonym, DrawOfficer.officer_id).where(DrawOfficer.draw_id == draw.id)
    return dict(uow.session.execute(rows).tuples().all())


def leads_of(uow: UnitOfWork, draw: Draw) -> frozenset[str]:
    rows = (
        select(DrawOfficer.pseudonym)
        .join(Officer, Officer.id == DrawOfficer.officer_id)
        .where(DrawOfficer.draw_id == draw.id, Officer.may_lead.is_(True))
    )
    return frozenset(uow.session.scalars(rows))


def lead_of(crew: tuple[str, ...], leads: frozenset[str]) -> str:
    """The first of the crew who may lead, else the first."""
    return next((word for word in crew if word in leads), crew[0])


def _subject_ids(uow: UnitOfWork, codes: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(codes), NAMES_AT_ONCE):
        rows = select(Subject.code, Subject.id).where(Subject.code.in_(codes[start : start + NAMES_AT_ONCE]))
        found.update(uow.session.execute(rows).tuples().all())
    return found
