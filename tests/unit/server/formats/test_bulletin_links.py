"""Where figures lead."""

import pytest

from server.domain.bulletins import Figure
from server.formats.bulletin_links import answer_narrowing, console_links, no_links, public_links

SECTION = {"records": "answers", "outcome": ["conforming", "failing"], "checklist": "RMC", "section": "RMC-02"}
ANSWERS = Figure("section.RMC.02.checked", "60", {"count": 60}, "检查项", SECTION)
FINES = Figure("handling.fines", "3万元", {"yuan": "30000"}, "罚款", {"records": "penalties"})


def test_console_links_reach_every_figure() -> None:
    assert console_links("/x/")(ANSWERS) == "/x/section.RMC.02.checked"


def test_ids_are_quoted() -> None:
    strange = Figure("案/1", "1", {}, "", {"records": "cases"})
    assert console_links("/x")(strange) == "/x/%E6%A1%88%2F1"


def test_public_links_say_what_the_figure_counts() -> None:
    address = public_links("/r")(ANSWERS)
    assert address == ("/r?checklist=RMC&outcome=conforming,failing&section=RMC-02&figure=section.RMC.02.checked")
    assert no_links(ANSWERS) is None


@pytest.mark.parametrize("kind", ["cases", "penalties", "violations", "subjects", "checks", "notices"])
def test_figures_of_other_records_have_no_public_link(kind: str) -> None:
    assert public_links("/r")(Figure("x", "1", {"count": 1}, "", {"records": kind})) is None


def test_a_filter_the_frozen_answers_cannot_say_gives_no_link() -> None:
    change = Figure("total.change", "上升1.0个百分点", {}, "", {"records": "answers", "compare": "previous"})
    assert answer_narrowing(change) is None
    assert public_links("/r")(FINES) is None


def test_an_empty_value_stays_a_condition() -> None:
    other = Figure("link.other.checked", "3", {"count": 3}, "", {"records": "answers", "link": ""})
    assert answer_narrowing(other) == {"link": ""}
    assert public_links("/r")(other) == "/r?link=&figure=link.other.checked"
