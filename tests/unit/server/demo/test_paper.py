"""通报的经办：文号接着用，认得出自己的那份，照片看过才选。"""

from typing import Any

from server.demo.client import Reply
from server.demo.paper import _choose_photos, _find, _next_number, counted_checks
from server.demo.people import COUNTRY
from tests.unit.server.demo.world import PLAN

MINE = {"region_code": COUNTRY, "period_from_on": str(PLAN.first_on), "period_to_on": str(PLAN.until_on)}
FIGURES = {"figures": [{"id": "checks.total", "filter": {"records": "checks"}}], "selection": [{"id": "case"}]}


class Desk:
    """Stands for a console session over a fixed set of answers."""

    def __init__(self, bulletins: list[dict[str, Any]]) -> None:
        self.bulletins = bulletins
        self.called: list[str] = []

    def get(self, path: str, _: Any = None) -> Any:
        if path.endswith("/bulletins"):
            return {"items": self.bulletins, "next": None}
        if "/figures/" in path:
            return {"items": [{"check": "c1"}, {"check": "c2"}], "next": None}
        if "/evidence" in path:
            photos = [{"uuid": f"p{n}", "state": "examined" if n else "unreadable"} for n in range(4)]
            return {"items": photos, "next": None}
        return {"check": "c1"} if "/cases/" in path else {"content": FIGURES}

    def call(self, method: str, path: str, **_: Any) -> Reply:
        self.called.append(f"{method} {path}")
        return Reply(202, {}, b'{"uuid": "again"}')


def test_number_follows_the_highest_of_the_year() -> None:
    numbers = ["示建质通〔2026〕9号", "示建质通〔2026〕10号", "示建质通〔2025〕77号", None]
    assert _next_number(Desk([{"number": n} for n in numbers]), PLAN) == "示建质通〔2026〕11号"  # type: ignore[arg-type]
    assert _next_number(Desk([]), PLAN) == "示建质通〔2026〕1号"  # type: ignore[arg-type]


def test_published_bulletin_is_ours_only_when_it_counts_our_checks() -> None:
    desk = Desk([MINE | {"uuid": "b", "state": "published"}])
    assert counted_checks(desk, "b") == {"c1", "c2"}  # type: ignore[arg-type]
    found = _find(desk, PLAN, {"c1", "c2"})  # type: ignore[arg-type]
    assert found is not None
    assert found["uuid"] == "b"
    assert _find(desk, PLAN, {"c1"}) is None  # type: ignore[arg-type]


def test_unfinished_draft_is_drawn_up_again() -> None:
    desk = Desk([MINE | {"uuid": "b", "state": "drafting"}])
    assert _find(desk, PLAN, {"c1"}) == {"uuid": "again"}  # type: ignore[arg-type]
    assert desk.called == ["POST /api/v1/console/bulletins/b/redraft"]


def test_bulletin_of_another_period_is_left_alone() -> None:
    assert _find(Desk([MINE | {"period_to_on": "2020-01-01", "state": "published"}]), PLAN, set()) is None  # type: ignore[arg-type]


def test_photos_are_looked_at_before_they_are_chosen() -> None:
    desk = Desk([])
    assert _choose_photos(desk, {"uuid": "b"}) == ["p1", "p2"]  # type: ignore[arg-type]
    assert desk.called == [f"GET /api/v1/console/evidence/p{n}/preview-large" for n in (1, 2)]
