"""任务测试的家当：一次封存的抽签、派出去的任务、数语句的表。"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import event, select

from server.domain.permissions import SYSTEM
from server.models.assignments import Assignment
from server.models.draws import Batch, Draw
from server.models.subjects import Officer, Subject
from server.models.users import User
from server.services.assignments import NewAssignment, make_assignments
from server.uow import House, UnitOfWork
from tests.factories.plans import add_batch, build_season
from tests.factories.world import World


def season_of(house: House, world: World, word: str, **options: Any) -> UUID:
    """A batch (of a plan of its own) with some options changed."""
    season = build_season(house, world, sites=3, crew=2, word=word)
    return add_batch(house, season, checklists=["RES"], **options)


def sealed_draw(uow: UnitOfWork, batch: UUID, code: str) -> Draw:
    """A draw that was sealed, without the drawing."""
    row = uow.session.scalars(select(Batch).where(Batch.uuid == batch)).one()
    draw = Draw(
        uuid=uow.new_id(), code=code, series=code, round=1, batch_id=row.id, region_code=row.region_code, agency_code="示例",
        title="住宅工程抽查（示例）", state="sealed", plan="{}", plan_sha256=sha256(code.encode()).hexdigest(), summary={},
        by=uow.session.scalars(select(User.id).where(User.login == "chen")).one(), announced_at=uow.now, numbers_due_at=uow.now,
    )  # fmt: skip
    uow.session.add(draw)
    uow.session.flush()
    return draw


def hand_out(
    house: House,
    batch: UUID,
    code: str,
    subjects: Sequence[UUID],
    crew: Sequence[UUID],
    *,
    due: int | None = None,
) -> dict[UUID, UUID]:
    """Tasks on these subjects for one crew, the first leads; subject -> task."""
    with house.unit(SYSTEM) as uow:
        draw = sealed_draw(uow, batch, code)
        people = [uow.session.scalars(select(Officer.id).where(Officer.uuid == who)).one() for who in crew]
        rows = [
            NewAssignment(_id(uow, subject), "credit-ordinary", n, tuple(people), people[0])
            for n, subject in enumerate(subjects, 1)
        ]
        options = draw.batch.options
        make_assignments(uow, draw, rows, due or options["due_workdays"], options["checklists"])
        found = select(Subject.uuid, Assignment.uuid).join(Subject, Subject.id == Assignment.subject_id)
        return dict(uow.session.execute(found.where(Assignment.draw_id == draw.id)).tuples().all())


def _id(uow: UnitOfWork, subject: UUID) -> int:
    return uow.session.scalars(select(Subject.id).where(Subject.uuid == subject)).one()


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    """Every statement the database hears meanwhile."""
    heard: list[str] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    event.listen(house.database.engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(house.database.engine, "before_cursor_execute", hear)
