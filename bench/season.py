"""一个小小的季度：单位、对象、执法人员、一部手机，和四十条作答的检查内容。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bench.places import Place, everywhere
from server.domain.checklists import Checklist, Frame, Item, Kind
from server.domain.permissions import Grant, Role
from server.domain.registers import Datum, NewOfficer, NewOrganisation, NewSubject, OrganisationKind, Position
from server.models.checks import ChecklistVersion
from server.services import officers, sessions, subjects, users
from server.services.checklists import checklist_of
from server.uow import House, UnitOfWork

CITY = "441300"
DISTRICTS = ("441302", "441303", "441322")
ANSWERS = 40
SUBJECTS = 25
STARTED_AT = datetime(2026, 4, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Season:
    """Whom the checks concern: a phone's token, two officers, and subjects by frame."""

    token: str
    officers: tuple[UUID, UUID]
    subjects: tuple[tuple[UUID, Frame], ...]
    forms: dict[Frame, tuple[Checklist, ...]]


def begin(place: Place) -> Season:
    """Register everybody; the season of one database."""
    house = place.house()
    try:
        return _register(house)
    finally:
        house.database.dispose()


def _register(house: House) -> Season:
    with house.unit(scope=everywhere()) as uow:
        kind = OrganisationKind.AUTHORITY
        authority = subjects.register_organisation(uow, NewOrganisation("测速市住房和城乡建设局", kind, CITY))
        pair = tuple(
            officers.register_officer(
                uow, NewOfficer(f"测速{n}", f"BENCH-{n}", date(2036, 1, 1), authority.uuid, CITY)
            ).uuid
            for n in range(2)
        )
        grants = (Grant(Role.INSPECTOR, CITY), Grant(Role.SUPERVISOR, CITY))
        user = users.create_user(uow, users.NewUser("bench", "测速", uow.new_token(), grants, pair[0]))
        _, token = sessions.issue_device_token(uow, user, "测速手机")
        return Season(token, (pair[0], pair[1]), tuple(_subjects(uow)), _forms(uow))


def _subjects(uow: UnitOfWork) -> Iterator[tuple[UUID, Frame]]:
    for n in range(SUBJECTS):
        district = DISTRICTS[n % len(DISTRICTS)]
        site = n % 5 == 4
        kind = OrganisationKind.CONCRETE_PRODUCER if site else OrganisationKind.CONTRACTOR
        firm = subjects.register_organisation(uow, NewOrganisation(f"测速第{n}建设有限公司", kind, district))
        frame = Frame.ENTERPRISE_SITE if site else Frame.PROJECT
        centre = Position(114.4 + n / 100, 23.1 + n / 200, Datum.WGS84)
        words = "concrete_producer" if site else "residential"
        command = NewSubject(
            code=f"BENCH-{n}",
            name=f"测速{n}号{'站' if site else '楼'}",
            frame=frame,
            kind=words,
            region_code=district,
            address="测速路1号",
            organisation=firm.uuid,
            centre=centre,
        )
        yield subjects.register_subject(uow, command).uuid, frame


def _forms(uow: UnitOfWork) -> dict[Frame, tuple[Checklist, ...]]:
    """Published checklists by frame, the longest first."""
    rows = uow.session.scalars(select(ChecklistVersion).order_by(ChecklistVersion.code))
    found = [checklist_of(row) for row in rows]

    def put_to(frame: Frame) -> tuple[Checklist, ...]:
        able = [c for c in found if c.items_for(frame)]
        return tuple(sorted(able, key=lambda c: -len(list(c.items_for(frame)))))

    return {frame: put_to(frame) for frame in Frame}


def record(season: Season, number: int) -> dict[str, Any]:
    """The JSON of one check with forty answers (fewer where a checklist has fewer); about one in twelve fails."""
    subject, frame = season.subjects[number % len(season.subjects)]
    forms = season.forms[frame]
    form = forms[number // len(season.subjects) % min(2, len(forms))]
    items = list(form.items_for(frame))[:ANSWERS]
    started = STARTED_AT + timedelta(hours=number)
    ended = started + timedelta(hours=2)
    return {
        "subject": str(subject),
        "checklist": {"code": form.code, "version": form.version},
        "officers": [str(o) for o in season.officers],
        "started_at": started.isoformat(),
        "ended_at": ended.isoformat(),
        "device_at": ended.isoformat(),
        "fix": {"longitude": 114.41, "latitude": 23.11, "datum": "wgs84", "accuracy_m": 8},
        "answers": [_answer(item, n, number) for n, item in enumerate(items)],
        "representative": {"name": "测速代表", "attitude": "signs"},
    }


def _answer(item: Item, n: int, check: int) -> dict[str, Any]:
    if n % 10 == 7:
        return {"item_code": item.code, "verdict": "not_applicable", "reason": "现场没有这道工序"}
    failing = check % 5 != 0 and (n * 7 + check) % 12 == 0
    given: dict[str, Any] = {"item_code": item.code, "verdict": "failing" if failing else "conforming"}
    if Kind.COUNT in item.kinds:
        given["count"] = int(failing)
    return given
