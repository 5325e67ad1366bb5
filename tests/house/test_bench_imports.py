"""The measurements load, and their smallest sizes run: nothing here looks at how long anything took."""

import importlib
import pkgutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

import bench
from bench import report
from bench.fill import TEMPLATE_ANSWERS, fill
from bench.intake import measure_checks
from bench.pictures import measure_pictures
from bench.places import SPATIALITE, Grounds, Place
from bench.plans import QUESTIONS, explain
from bench.quiet import MOST_STOLEN, TRIES, Quiet, processor_times, share_stolen
from bench.season import ANSWERS, begin, record
from bench.sizes import EVERY_TASK, FULL, QUICK
from bench.table import Table, interleave, number, ratio
from bench.task import TASKS

SMALLEST = replace(QUICK, rounds=1, checks=2, pictures=1, picture_size=(320, 240))
MODULES = [found.name for found in pkgutil.iter_modules(bench.__path__) if found.name != "__main__"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Grounds(tmp_path_factory.mktemp("grounds"), server="").place(SPATIALITE, "house")


@pytest.mark.parametrize("name", [*MODULES, "__main__"])
def test_every_module_loads(name: str) -> None:
    assert importlib.import_module(f"bench.{name}").__doc__


def test_sides_are_measured_turn_by_turn() -> None:
    order: list[str] = []
    samples = interleave((lambda: order.append("a") or 1.0, lambda: order.append("b") or 2.0), 3)
    assert ("".join(order), samples) == ("abbaab", [[1.0] * 3, [2.0] * 3])


def test_figures_have_three_digits_and_ratios_a_sign() -> None:
    assert [number(v) for v in (0.126, 3.14159, 27.18, 1234.5)] == ["0.13", "3.14", "27.2", "1234"]
    assert (ratio(10.0, 4.0), ratio(1.0, 0.0)) == ("×2.50", "—")


def test_pictures_are_drawn_and_measured(tmp_path: Path) -> None:
    assert len(measure_pictures(tmp_path, SMALLEST).rows) == 3


def test_checks_go_through_both_servers(place: Place) -> None:
    season = begin(place)
    assert len(record(season, 0)["answers"]) == ANSWERS
    table = measure_checks([(place, season)], SMALLEST)
    assert [row[:2] for row in table.rows] == [(SPATIALITE, "1"), (SPATIALITE, "8")]


def test_copies_make_the_wanted_number_of_answers_and_a_bulletin_counts_them(tmp_path: Path) -> None:
    place = Grounds(tmp_path, server="").place(SPATIALITE, "copies")
    bulletin = fill(place, begin(place), 2 * TEMPLATE_ANSWERS)
    house = place.house()
    with house.database.engine.connect() as connection:
        answers = connection.execute(text("SELECT count(*) FROM answers")).scalar_one()
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    assert (answers, orphans) == (2 * TEMPLATE_ANSWERS, [])
    assert TASKS["draft"](house, bulletin)() > 10_000
    assert TASKS["publish"](house, bulletin)() == 2 * TEMPLATE_ANSWERS
    assert {plan.label for plan in explain(place, bulletin) if plan.words} == set(QUESTIONS)
    house.database.dispose()


def test_every_task_of_the_full_run_is_known() -> None:
    assert set(EVERY_TASK) == set(TASKS)
    assert {answers % TEMPLATE_ANSWERS for answers in (*FULL.answers, *QUICK.answers)} == {0}


def test_a_report_replaces_only_its_own_part(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("开头\n<!-- bench:a -->\n旧\n<!-- /bench:a -->\n结尾\n", encoding="utf-8")
    report.write("a", Table("题", ("列",), (("值",),)).markdown(), page)
    text_now = page.read_text(encoding="utf-8")
    assert text_now.startswith("开头\n")
    assert text_now.endswith("结尾\n")
    assert "旧" not in text_now
    assert "| 值 |" in text_now
    with pytest.raises(ValueError, match="bench:b"):
        report.write("b", "", page)


def test_the_page_has_a_place_for_every_part(tmp_path: Path) -> None:
    copy = tmp_path / "performance.md"
    copy.write_bytes(report.REPORT.read_bytes())
    for part in importlib.import_module("bench.__main__").PARTS:
        report.write(part, "", copy)


class Host:
    """A machine whose processors tell 100 ticks a round, so many of them taken away in each."""

    def __init__(self, *stolen: int) -> None:
        self.clock, self.waits = [0] * 8, list[float]()
        self.stolen = list(stolen)

    def read(self) -> tuple[int, ...]:
        return tuple(self.clock)

    def round(self) -> int:
        stolen = self.stolen.pop(0)
        self.clock[0] += 100 - stolen
        self.clock[7] += stolen
        return stolen


def test_a_round_that_the_host_disturbed_is_measured_again() -> None:
    host = Host(30, 8, 2, 0)
    quiet = Quiet(host.read, host.waits.append)
    assert [quiet(host.round), quiet(host.round)] == [2, 0]
    assert len(host.waits) == 2
    assert quiet.told() == f"被宿主占去的处理器时间：留用的 2 轮里 0%～2%，超过 {MOST_STOLEN:.0%} 而重量的 2 轮"
    assert quiet.told() == ""


def test_on_a_machine_never_left_in_peace_the_least_disturbed_round_stands() -> None:
    host = Host(30, 20, 9, *(40,) * TRIES)
    quiet = Quiet(host.read, host.waits.append)
    assert quiet(host.round) == 9
    assert "9%～9%" in quiet.told()


def test_what_the_host_took_is_read_from_the_eighth_figure() -> None:
    now = processor_times()
    assert len(now) == 8
    assert share_stolen(now, now) == 0.0
    assert share_stolen((0,) * 8, (50, 0, 10, 20, 5, 0, 5, 10)) == pytest.approx(0.1)
