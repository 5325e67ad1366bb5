"""附近与圈内：按声明的坐标系换算，由近到远，只看自己辖区，走空间索引。"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Select, text
from sqlalchemy.orm import Session

from server.domain.permissions import Scope
from server.formats.datum import wgs84_to_gcj02
from server.queries import nearby
from server.uow import House
from tests.api.desk import Desk, ok, refused
from tests.factories.world import World, centre_of
from tests.people import COUNTRY, HUICHENG, ZHENHAI

LON, LAT = centre_of(ZHENHAI, 0.02)
BOTH = {f"{ZHENHAI}-site-1", f"{ZHENHAI}-yard-1"}


def near(desk: Desk, login: str = "chen", **query: Any) -> dict[str, Any]:
    asked = {"longitude": LON, "latitude": LAT, "datum": "wgs84", "metres": 500} | query
    found: dict[str, Any] = ok(desk.console(login).get("/subjects/near", query_string=asked))
    return found


def codes(found: dict[str, Any]) -> list[str]:
    return [row["subject"]["code"] for row in found["items"]]


def test_nearest_come_first_with_their_metres(desk: Desk) -> None:
    found = near(desk, metres=5000)
    assert set(codes(found)[:2]) == BOTH
    assert set(codes(found)[2:]) == {f"{ZHENHAI}-site-2", f"{ZHENHAI}-yard-2"}
    metres = [row["metres"] for row in found["items"]]
    assert metres == sorted(metres)
    assert metres[0] == pytest.approx(0, abs=0.001)
    assert 1900 < metres[2] < 1960
    assert found["more"] is False
    assert near(desk, metres=5000, limit=3)["more"] is True


def test_a_map_position_is_converted_by_its_datum(desk: Desk) -> None:
    lon, lat = wgs84_to_gcj02(LON, LAT)
    assert set(codes(near(desk, longitude=lon, latitude=lat, datum="gcj02", metres=5))) == BOTH
    assert codes(near(desk, longitude=lon, latitude=lat, datum="wgs84", metres=100)) == []
    query = {"longitude": lon, "latitude": lat, "datum": "unknown"}
    refused(desk.console("chen").get("/subjects/near", query_string=query), 422, "datum-unknown")


def test_the_edge_of_the_circle_is_exact(desk: Desk) -> None:
    metres = near(desk, metres=5000)["items"][2]["metres"]
    assert len(near(desk, metres=metres + 0.01)["items"]) == 4
    assert len(near(desk, metres=metres - 0.01)["items"]) == 2


def test_only_the_own_region_and_only_the_registered(desk: Desk, world: World) -> None:
    lon, lat = centre_of(HUICHENG, 0.02)
    assert codes(near(desk, longitude=lon, latitude=lat)) == []
    assert len(codes(near(desk, "tang", longitude=lon, latitude=lat))) == 2
    yard = world.subjects[f"yard1.{HUICHENG}"]
    assert desk.console("lu").delete(f"/subjects/{yard}").status_code == 204
    assert codes(near(desk, "tang", longitude=lon, latitude=lat)) == [f"{HUICHENG}-site-1"]
    ok(desk.console("lu").post(f"/subjects/{yard}/restore", json={"reason": "测试后恢复"}))


def test_inside_a_ring_drawn_on_a_map(desk: Desk) -> None:
    ring = [
        (LON - 0.002, LAT - 0.002),
        (LON + 0.002, LAT - 0.002),
        (LON + 0.002, LAT + 0.002),
        (LON - 0.002, LAT + 0.002),
    ]
    drawn = [list(wgs84_to_gcj02(*corner)) for corner in ring]
    found = ok(desk.console("chen").post("/subjects/inside", json={"ring": drawn, "datum": "gcj02"}))
    assert set(codes(found)) == BOTH
    assert [row["metres"] for row in found["items"]] == [None, None]
    # The same numbers read as WGS-84 lie some 500 m away.
    assert codes(ok(desk.console("chen").post("/subjects/inside", json={"ring": drawn, "datum": "wgs84"}))) == []
    bow = {"ring": [[121, 29], [122, 30], [122, 29], [121, 30]], "datum": "wgs84"}
    refused(desk.console("chen").post("/subjects/inside", json=bow), 422, "boundary-crosses-itself")


def test_a_triangle_is_not_its_box(desk: Desk) -> None:
    """The second site lies in the box of the triangle, not in the triangle."""
    triangle = [[LON - 0.01, LAT - 0.01], [LON - 0.01, LAT + 0.05], [LON + 0.06, LAT - 0.01]]
    inside = ok(desk.console("chen").post("/subjects/inside", json={"ring": triangle, "datum": "wgs84"}))
    assert f"{ZHENHAI}-site-2" in codes(inside)
    cut = [[LON - 0.01, LAT - 0.01], [LON - 0.01, LAT + 0.01], [LON + 0.0201, LAT - 0.01]]
    inside = ok(desk.console("chen").post("/subjects/inside", json={"ring": cut, "datum": "wgs84"}))
    assert set(codes(inside)) == BOTH


def plan_of(session: Session, statement: Select[Any]) -> str:
    """How the database would answer; a handful of rows tempts PostgreSQL to read them all, so that is not offered."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    if not sqlite:
        session.execute(text("SET LOCAL enable_seqscan = off"))
    compiled = statement.compile(session.get_bind(), compile_kwargs={"render_postcompile": True})
    verb = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    given = tuple(compiled.params[name] for name in compiled.positiontup or ()) if sqlite else compiled.params
    return "\n".join(str(row[-1]) for row in session.connection().exec_driver_sql(verb + str(compiled), given))


@pytest.mark.parametrize("question", ["near", "inside"])
def test_the_spatial_index_answers(house: House, kind: str, question: str) -> None:
    ring = [(LON, LAT), (LON + 0.01, LAT), (LON, LAT + 0.01)]
    with house.unit(writing=False) as uow:
        if question == "near":
            statement = nearby.near_statement(uow.session, Scope((COUNTRY,)), LON, LAT, 500.0, 10)
        else:
            statement = nearby.inside_statement(uow.session, Scope((COUNTRY,)), ring, 10)
        plan = plan_of(uow.session, statement)
    if kind == "spatialite":
        assert "SCAN idx_subject_places_centre VIRTUAL TABLE INDEX" in plan, plan
    else:
        assert "Index Scan using idx_subject_places_centre on subject_places" in plan, plan
        assert "centre && '" in plan, plan
