"""Exports: the same bytes for the same data, another token for other data."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.errors import Missing
from server.publishing import bulletins, exports
from server.uow import House, UnitOfWork
from tests.factories.published import NOW, Season


def read(uow: UnitOfWork, name: str) -> bytes:
    return b"".join(exports.export_file(uow, name))


@pytest.mark.parametrize("name", sorted(exports.FILES))
def test_another_unit_at_another_time_gives_the_same_bytes(
    house: House, uow: UnitOfWork, season: Season, name: str
) -> None:
    first = read(uow, name)
    with house.unit(writing=False) as later:
        later.now = NOW + timedelta(days=400)
        assert read(later, name) == first


def test_the_inventory_is_measured_once_and_again_after_a_change(uow: UnitOfWork, season: Season) -> None:
    held = exports.inventory(uow)
    assert exports.inventory(uow) is held
    bulletins.withdraw_bulletin(uow, season.bulletin, "数据有误")
    uow.session.flush()
    after = exports.inventory(uow)
    assert after.snapshot.token != held.snapshot.token
    assert {file.name: file.rows for file in after.files} == {
        "cases.atom": 3,
        "cases.csv": 0,
        "cases.geojson": 0,
        "cases.json": 0,
    }


def test_the_manifest_names_state_and_licence(uow: UnitOfWork) -> None:
    told = json.loads(exports.manifest(uow))
    assert told["snapshot"] == exports.snapshot_of(uow).token
    assert told["generated_at"] == NOW.isoformat()
    assert told["licence"] == exports.LICENCE


def test_the_address_comes_from_the_settings(uow: UnitOfWork) -> None:
    web = uow.settings.web
    uow.settings = replace(uow.settings, web=replace(web, public_url="https://gs.example/"))
    assert exports.site_address(uow) == "https://gs.example"
    uow.settings = replace(uow.settings, web=replace(web, public_url="", port=8300))
    assert exports.site_address(uow) == "http://127.0.0.1:8300"


def test_an_unknown_file(uow: UnitOfWork) -> None:
    with pytest.raises(Missing):
        exports.export_file(uow, "cases.xls")
