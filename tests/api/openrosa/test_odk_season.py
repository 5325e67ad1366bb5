"""一季从 Collect 交来，与从我们自己的门交来：认定的问题一样，通报的每个数一样。"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import select

from server.models.checks import Check, EvidenceSlot
from server.models.evidence import Evidence
from tests.api.conftest import make_house
from tests.api.desk import Desk, make_app
from tests.factories.filled import filled
from tests.factories.season import SENDERS, Visit, draft, play, send_ours
from tests.factories.submissions import Collect, collect_for, submission_xml
from tests.factories.world import Clock


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Desk]]:
    """Two copies of one filled database: what differs afterwards came from the door."""
    template, world = filled("spatialite")
    with ExitStack() as close:
        made = []
        for _ in range(2):
            folder = tmp_path_factory.mktemp("house")
            house = make_house(close.enter_context(template.copy(folder)), folder, Clock())
            close.callback(house.database.dispose)
            made.append(Desk(make_app(house), house, world))
        yield made[0], made[1]


def sender() -> Callable[[Desk, Visit], None]:
    """Sends the record and its photos, named as Collect names them, in two posts; each officer has one phone."""
    phones: dict[str, Collect] = {}

    def send(desk: Desk, visit: Visit) -> None:
        login = SENDERS[visit.region][0]
        phone = phones.setdefault(login, phones.get(login) or collect_for(desk.app, desk.house, login))
        files = [(f"{1_789_000_000_000 + n}.jpg", data) for n, (_, data) in enumerate(visit.photos)]
        names = [name for name, _ in files]
        xml = submission_xml(desk.world, visit.check, names, word=visit.word, region=visit.region, **visit.facts)
        for file in files:
            reply = phone.send(xml, file)
            assert reply.status_code == 201, reply.text

    return send


def violations(desk: Desk) -> list[tuple[Any, ...]]:
    rows = desk.console("tang").items("/violations")
    return sorted((r["check"], r["subject"], r["item"], r["severity"], r["state"]) for r in rows)


def photos(desk: Desk) -> list[tuple[Any, ...]]:
    """The bytes that were verified for each check."""
    wanted = (
        select(Check.uuid, EvidenceSlot.item_code, Evidence.sha256)
        .join(EvidenceSlot, EvidenceSlot.check_id == Check.id)
        .join(Evidence, Evidence.uuid == EvidenceSlot.photo_uuid)
        .where(EvidenceSlot.verified_at.is_not(None))
    )
    with desk.house.unit(writing=False) as uow:
        return sorted(uow.session.execute(wanted).tuples())


def test_both_doors_give_the_same_violations_and_the_same_bulletin(desks: tuple[Desk, Desk]) -> None:
    ours, theirs = desks
    made = play(ours, send=send_ours)
    play(theirs, send=sender())
    assert len(violations(ours)) > 10
    assert violations(theirs) == violations(ours)
    papers = [draft(desk)["content"] for desk in desks]
    assert len(papers[0]["figures"]) > 30
    assert papers[1]["figures"] == papers[0]["figures"]
    assert len(photos(ours)) == 2 * len(made.checks)
    assert photos(theirs) == photos(ours)
