"""测试里的事项、计划、批次、检查、任务：直接写表，省去与本题无关的手续。"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event, select

from server.domain.batches import BatchOptions, StratumRule
from server.domain.permissions import SYSTEM, Scope
from server.domain.register_facts import RiskClass
from server.models.assignments import Assignment
from server.models.checks import Check, ChecklistVersion
from server.models.draws import AnnualPlan, Batch, BatchMatter, Draw
from server.models.matters import Matter, OfficerInterest, OfficerLeave
from server.models.regions import ROOT
from server.models.subjects import Officer, Organisation, Subject
from server.models.users import User
from server.uow import House, UnitOfWork
from tests.people import ZHENHAI

OPTIONS = BatchOptions((StratumRule(RiskClass.UNCLASSIFIED, 1, 1),), ("RMC",))


class _Undo(Exception):
    pass


@contextmanager
def trial(house: House) -> Iterator[UnitOfWork]:
    """A unit that sees the whole country and leaves nothing behind."""
    with suppress(_Undo), house.unit(SYSTEM, scope=Scope((ROOT,))) as uow:
        yield uow
        uow.session.flush()
        raise _Undo


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    """Every statement the database is asked while the block runs."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(house.database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(house.database.engine, "before_cursor_execute", note)


def user_id(uow: UnitOfWork, login: str = "chen") -> int:
    return uow.session.scalars(select(User.id).where(User.login == login)).one()


def row_of(uow: UnitOfWork, model: Any, uuid: UUID) -> Any:
    return uow.session.scalars(select(model).where(model.uuid == uuid)).one()


def add_matter(uow: UnitOfWork, authority: UUID, **changes: Any) -> Matter:
    members = {
        "code": f"M-{uow.new_id()}"[:30],
        "name": "预拌混凝土质量抽查",
        "frame": "enterprise_site",
        "kinds": ["搅拌站"],
        "region_code": ROOT,
        "legal_bases": [{"title": "建设工程质量管理条例", "clause": "第四十三条"}],
        "checklists": ["RMC"],
        "share_num": 1,
        "share_den": 2,
        "times_a_year": 1,
        "method": "现场检查",
        "content": "原材料、配合比、生产控制",
        "note": "",
    }
    body = row_of(uow, Organisation, authority)
    matter = Matter(
        uuid=uow.new_id(),
        organisation_id=body.id,
        revision=1,
        created_at=uow.now,
        updated_at=uow.now,
        **(members | changes),
    )
    uow.session.add(matter)
    uow.session.flush()
    return matter


def add_plan(uow: UnitOfWork, authority: UUID, **changes: Any) -> AnnualPlan:
    members: dict[str, Any] = {
        "year": 2026,
        "title": "示例计划",
        "region_code": ZHENHAI,
        "annual_cap": 0,
        "state": "published",
    }
    empty = {"items": [], "content": "", "use_of_results": "", "bases": []}
    plan = AnnualPlan(
        uuid=uow.new_id(),
        organisation_id=row_of(uow, Organisation, authority).id,
        options=empty,
        by=user_id(uow),
        created_at=uow.now,
        **(members | changes),
    )
    uow.session.add(plan)
    uow.session.flush()
    return plan


def add_batch(uow: UnitOfWork, plan: AnnualPlan, options: BatchOptions = OPTIONS, **changes: Any) -> Batch:
    members = {"title": "示例批次", "region_code": plan.region_code, "frame": "enterprise_site", "campaign": None}
    batch = Batch(
        uuid=uow.new_id(),
        plan_id=plan.id,
        plan=plan,
        options=options.to_dict(),
        revision=1,
        by=user_id(uow),
        created_at=uow.now,
        updated_at=uow.now,
        **(members | changes),
    )
    uow.session.add(batch)
    uow.session.flush()
    return batch


def add_batch_matter(uow: UnitOfWork, batch: Batch, matter: Matter) -> None:
    uow.session.add(BatchMatter(batch_id=batch.id, matter_id=matter.id))
    uow.session.flush()


def add_subjects(uow: UnitOfWork, n: int, **changes: Any) -> list[Subject]:
    members = {"frame": "enterprise_site", "kind": "搅拌站", "region_code": ZHENHAI, "address": "示例路", "details": {}}
    word = str(uow.new_id())[:8]
    found = [
        Subject(uuid=uow.new_id(), code=f"{word}-{i:04d}", name=f"示例{i}", created_at=uow.now, **(members | changes))
        for i in range(n)
    ]
    uow.session.add_all(found)
    uow.session.flush()
    return found


def add_officers(uow: UnitOfWork, n: int, authority: UUID, **changes: Any) -> list[Officer]:
    body = row_of(uow, Organisation, authority)
    members = {"certificate_expires_on": date(2030, 1, 1), "region_code": ZHENHAI, "organisation_id": body.id}
    word = str(uow.new_id())[:8]
    found = [
        Officer(
            uuid=uow.new_id(),
            name=f"示例{i}",
            certificate_no=f"{word}{i:04d}",
            created_at=uow.now,
            **(members | changes),
        )
        for i in range(n)
    ]
    uow.session.add_all(found)
    uow.session.flush()
    return found


def add_check(uow: UnitOfWork, subject: Subject, on: date, code: str = "RMC", source: str = "double_random") -> None:
    version = uow.session.scalars(select(ChecklistVersion.id).where(ChecklistVersion.code == code)).first()
    at = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)
    check = Check(
        uuid=uow.new_id(),
        digest_sha256="0" * 64,
        subject_id=subject.id,
        checklist_version_id=version,
        frame=subject.frame,
        region_code=subject.region_code,
        state="judged",
        source=source,
        attitude="agrees",
        started_at=at,
        ended_at=at,
        ended_on=on,
        device_at=at,
        clock_offset_s=0,
        record={},
        submitted_by=user_id(uow, "lin"),
        received_at=at,
    )
    uow.session.add(check)
    uow.session.flush()


def add_leave(uow: UnitOfWork, officer: Officer, from_on: date, to_on: date, **changes: Any) -> None:
    row = OfficerLeave(
        uuid=uow.new_id(), officer_id=officer.id, from_on=from_on, to_on=to_on, reason="培训", at=uow.now
    )
    for name, value in changes.items():
        setattr(row, name, value)
    uow.session.add(row)
    uow.session.flush()


def add_interest(uow: UnitOfWork, officer: Officer, **changes: Any) -> None:
    row = OfficerInterest(uuid=uow.new_id(), officer_id=officer.id, kind="declared", note="", at=uow.now, **changes)
    uow.session.add(row)
    uow.session.flush()


def add_draw(uow: UnitOfWork, batch: Batch, state: str = "announced") -> Draw:
    code = f"D-{uow.new_id()}"[:40]
    draw = Draw(
        uuid=uow.new_id(),
        code=code,
        series=code,
        round=1,
        batch_id=batch.id,
        region_code=batch.region_code,
        agency_code="330211",
        title=batch.title,
        state=state,
        plan="{}",
        plan_sha256=str(uow.new_id()).replace("-", "") * 2,
        summary={},
        by=batch.by,
        announced_at=uow.now,
        numbers_due_at=uow.now + timedelta(days=1),
    )
    uow.session.add(draw)
    uow.session.flush()
    return draw


def add_assignment(uow: UnitOfWork, batch: Batch, subject: Subject, state: str, due_on: date, *, ended: bool) -> None:
    row = Assignment(
        uuid=uow.new_id(),
        batch_id=batch.id,
        subject_id=subject.id,
        region_code=subject.region_code,
        stratum="credit-unclassified",
        rank=1,
        state=state,
        checklist_version_ids=[],
        starts_on=date(2026, 9, 1),
        due_on=due_on,
        due_provisional=False,
        calendar_version="test",
        revision=1,
        created_at=uow.now,
        changed_at=uow.now,
        ended_at=uow.now if ended else None,
    )
    uow.session.add(row)
    uow.session.flush()
