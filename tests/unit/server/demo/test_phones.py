"""演示的手机：留几项任务给人试，地址是手机到得了的，二维码读得出。"""

from dataclasses import replace
from pathlib import Path

import pytest

from server.demo.draws import Task
from server.demo.people import REGIONS, inspectors
from server.demo.phones import crew_of, divide, own_address, public_base, terminal_code
from tests.factories.databases import settings_for

TASKS = tuple(
    Task(f"a{n}", f"s{n}", "RMC", (f"o{n}", "o0"), "2026-11-21T09:00:00+08:00", f"d{n % 4 + (n == 7)}")
    for n in range(8)
)


def test_the_smallest_draw_is_left_to_people() -> None:
    done, kept = divide(TASKS, 60)
    assert {task.draw for task in kept} == {"d3"}
    assert sorted(done + kept, key=lambda task: task.assignment) == list(TASKS)
    assert divide(TASKS, 3)[0] == TASKS[:3]


def test_a_small_season_leaves_none() -> None:
    assert divide(TASKS[:3], 60) == (TASKS[:3], ())


def test_the_crew_are_those_who_are_sent() -> None:
    first, second = inspectors(REGIONS[0])[:2]
    officers = {first.certificate: "o7", second.certificate: "o99"}
    assert crew_of(TASKS[6:], officers) == (first,)


@pytest.mark.parametrize(
    ("host", "public", "wanted"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:8300"),
        ("127.0.0.1", "https://zhijian.example/", "https://zhijian.example"),
        ("0.0.0.0", "", f"http://{own_address()}:8300"),
    ],
)
def test_the_address_is_one_that_phones_reach(tmp_path: Path, host: str, public: str, wanted: str) -> None:
    settings = settings_for("sqlite:///x.db", tmp_path)
    settings = replace(settings, web=replace(settings.web, host=host, public_url=public))
    assert public_base(settings, "http://127.0.0.1:8300") == wanted


def test_the_code_is_drawn_for_a_terminal() -> None:
    lines = terminal_code("https://zhijian.example/app/").splitlines()
    assert len(lines) > 10
    assert len({len(line) for line in lines}) <= 3
