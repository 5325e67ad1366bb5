"""演示的抽签：批次不超过检查办得完的数目；写下的打算读回来一样；下一季不再抽。"""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from server.demo import draws
from server.demo.checks import DRAWN_MINUTE, compose_visit
from server.demo.draws import Drawing, Task, draw_season, read_drawing, wanted_batches, write_drawing
from server.demo.people import REGIONS, inspectors
from server.demo.play import Play
from tests.unit.server.demo.world import PLAN, field_of

AT = "2026-03-01T02:00:00+00:00"


@pytest.mark.parametrize("checks", [4, 8, 12, 40, 200])
def test_no_more_is_drawn_than_the_season_can_visit(checks: int) -> None:
    batches = wanted_batches(replace(PLAN, checks=checks))
    assert batches
    assert sum(theme.drawn for _, theme in batches) <= max(checks // 2, draws.THEMES[0].drawn)


def test_a_long_season_draws_in_every_region() -> None:
    assert len(wanted_batches(replace(PLAN, checks=200))) == len(REGIONS) * len(draws.THEMES)


def test_what_was_drawn_is_written_down_and_read_again(tmp_path: Path) -> None:
    drawing = Drawing(("A-1", "B-2"), ("B-1",), (Task("t", "s", "CQI", ("o1", "o2"), AT),))
    write_drawing(tmp_path / "season" / "draws.json", drawing)
    assert read_drawing(tmp_path / "season" / "draws.json") == drawing


def test_a_later_season_has_no_draws_of_its_own(tmp_path: Path) -> None:
    play = Play("http://127.0.0.1:1", tmp_path, replace(PLAN, draws=False))
    assert draw_season(play, {}, {}, []) == Drawing((), (), ())


def test_a_drawn_visit_goes_where_the_draw_sent_whom_it_sent() -> None:
    at = field_of(PLAN)
    site = at.sites[0]
    crew = tuple(str(PLAN.id("officer", p.certificate)) for p in inspectors(REGIONS[0]))[:2]
    at.drawn = (Task(str(PLAN.id("task")), site.uuid, "CQI", crew, AT),)
    drawn, free = compose_visit(at, 0).body, compose_visit(at, 1).body
    assert (drawn["subject"], drawn["officers"], drawn["assignment"]) == (site.uuid, list(crew), at.drawn[0].assignment)
    assert (drawn["source"], drawn["started_at"]) == ("double_random", AT)
    assert drawn["ended_at"] < (AT[:17] + "59")
    assert DRAWN_MINUTE.total_seconds() < 1
    assert (free["source"] != "double_random", free["assignment"]) == (True, None)


class Console:
    """抽签的一台控制台：头一次公告的回答丢了，再问得到 409。"""

    def __init__(self) -> None:
        self.posted: list[str] = []

    def call(self, method: str, path: str, **_: Any) -> Namespace:
        self.posted.append(path)
        return Namespace(status=409)

    def get(self, path: str, query: Any = None) -> dict[str, Any]:
        return {"items": [{"code": "X-1", "state": "announced"}], "next": None}


def test_an_announcement_whose_answer_was_lost_is_found_again() -> None:
    console = Console()
    found = draws._announce_round(cast(Any, console), {"uuid": "b"}, "")
    assert found["code"] == "X-1"
    assert console.posted == ["/api/v1/console/draws"]
