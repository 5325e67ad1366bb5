"""Where figures lead."""

from server.domain.bulletins import Figure
from server.formats.bulletin_links import console_links, no_links, public_links

PRIVATE = Figure("section.RMC.02.checked", "60", {"count": 60}, "检查项", {"records": "answers"})
PUBLIC = Figure("handling.fines", "3万元", {"yuan": "30000"}, "罚款", {"records": "penalties"})


def test_console_links_reach_every_figure() -> None:
    assert console_links("/x/")(PRIVATE) == "/x/section.RMC.02.checked"


def test_ids_are_quoted() -> None:
    strange = Figure("案/1", "1", {}, "", {"records": "cases"})
    assert console_links("/x")(strange) == "/x/%E6%A1%88%2F1"


def test_public_links_drop_private_lists() -> None:
    assert public_links("/x")(PRIVATE) is None
    assert public_links("/x")(PUBLIC) == "/x/handling.fines"
    assert no_links(PUBLIC) is None
