"""同样的一季，在两种数据库里起草出一字不差的通报。"""

from __future__ import annotations

from pathlib import Path

from tests.api.conftest import make_house
from tests.api.desk import Desk, make_app
from tests.factories.databases import KINDS
from tests.factories.filled import filled
from tests.factories.season import draft, play
from tests.factories.world import Clock


def test_bulletin_is_the_same_on_both(tmp_path: Path) -> None:
    found = {}
    for kind in KINDS:
        template, world = filled(kind)
        folder = tmp_path / kind
        folder.mkdir()
        with template.copy(folder) as url:
            house = make_house(url, folder, Clock())
            desk = Desk(make_app(house), house, world)
            play(desk)
            told = draft(desk)
            paper = desk.console("tang").get(f"/bulletins/{told['uuid']}/paper.md").get_data()
            found[kind] = told["content_sha256"], paper
            house.database.dispose()
    assert found["spatialite"] == found["postgis"]
    assert len(found["postgis"][1]) > 2000
