"""新记录的快路：一句话写完；刚放进来的人可以不再问，收不收得下却每次都问。"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import TimeoutError

from server.models.openrosa import OdkKey, Submission
from server.models.outbox import OutboxRow
from server.models.users import Device
from server.prepared import Prepared
from server.uow import House
from tests.api.turned_away import WAYS, Way, put_right
from tests.factories.photos import photo
from tests.factories.submissions import Collect, collect_for, new_instance, submission_xml
from tests.factories.world import World


def of(reply: Any) -> int:
    return int(reply.status_code)


def whose(house: House, phone: Collect) -> tuple[int, int]:
    """The newest key's person and device."""
    with house.unit(writing=False) as uow:
        row = uow.session.execute(select(Device.user_id, Device.id).join(OdkKey).order_by(OdkKey.id.desc())).first()
        assert row is not None
        return row[0], row[1]


def held(house: House) -> tuple[int, int]:
    """Records and things to do."""
    with house.unit(writing=False) as uow:
        counts = [uow.session.scalar(select(func.count()).select_from(model)) for model in (Submission, OutboxRow)]
        return counts[0] or 0, counts[1] or 0


@pytest.mark.parametrize("way", WAYS)
def test_whoever_was_let_in_a_moment_ago_and_may_no_longer_cannot_send_another(
    app: Flask, house: House, world: World, way: Way
) -> None:
    phone = collect_for(app, house)
    user, device = whose(house, phone)
    assert of(phone.send(submission_xml(world, new_instance()))) == 201
    with put_right(house, user):
        with house.unit() as uow:
            way(uow.session, house, user, device)
        before = held(house)
        reply = phone.send(submission_xml(world, new_instance(), ["a.jpg"]), ("a.jpg", photo(960)))
        assert of(reply) == 403
        assert held(house) == before
        assert of(phone.client().head(f"{phone.home}/submission")) == 403


def test_a_new_record_with_its_files_is_one_statement_on_postgis(
    app: Flask, house: House, world: World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = collect_for(app, house)
    assert of(phone.client().head(f"{phone.home}/submission")) == 204  # Collect asks the way before it posts
    asked: list[Prepared] = []
    real = Prepared.run

    def run(self: Prepared, *given: Any) -> Any:
        asked.append(self)
        return real(self, *given)

    monkeypatch.setattr(Prepared, "run", run)
    names = [f"{n}.jpg" for n in range(3)]
    before = held(house)
    reply = phone.send(submission_xml(world, new_instance(), names), *((name, photo(961)) for name in names))
    assert of(reply) == 201
    assert "已收全" in reply.text
    assert held(house) == (before[0] + 1, before[1] + 1)
    assert len(asked) == (1 if kind == "postgis" else 6)  # else: who, the record, three files, the thing to do


def test_a_record_that_names_a_closed_or_unknown_form_is_told_so(app: Flask, house: House, world: World) -> None:
    phone = collect_for(app, house)
    before = held(house)
    xml = submission_xml(world, new_instance())
    reply = phone.send(xml.replace(b'version="', b'version="9'))
    assert of(reply) == 404
    assert held(house) == before


def test_no_connection_free_in_time_is_a_reason_to_come_again(
    app: Flask, house: House, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, instance = collect_for(app, house), new_instance()

    def none_free(_self: Engine) -> None:
        raise TimeoutError("QueuePool limit reached")

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "raw_connection", none_free)
        assert of(phone.send(submission_xml(world, instance))) == 503
        told = phone.client().get("/api/v1/field/assignments", headers={"Authorization": "Bearer x"})
        assert (told.status_code, told.get_json()["code"]) == (503, "database-busy")
    assert of(phone.send(submission_xml(world, instance))) == 201
