"""区划的大致范围：种子三省的每个地级市都有，都在自己的省里。"""

from __future__ import annotations

import csv
from pathlib import Path

from server.formats.region_extents import FILE, region_extents

REGIONS = Path(FILE).with_name("regions.csv")


def test_every_prefecture_of_the_seeded_provinces_has_an_extent() -> None:
    with REGIONS.open(encoding="utf-8", newline="") as file:
        names = {row["code"]: row["name"] for row in csv.DictReader(file) if row["level"] == "prefecture"}
    extents = region_extents()
    assert {code: extents[code].name for code in names} == names
    assert set(extents) - set(names) == {"460000"}


def test_extents_are_plausible() -> None:
    for extent in region_extents().values():
        assert 108 < extent.longitude < 123
        assert 14 < extent.latitude < 31.5
        assert 40 <= extent.radius_km <= 900


def test_well_known_places_lie_inside_theirs() -> None:
    places = {
        "330200": (121.55, 29.87),
        "330100": (120.16, 30.27),
        "440800": (110.36, 21.27),
        "441300": (114.42, 23.11),
    }
    places |= {
        "440300": (114.06, 22.54),
        "460200": (109.51, 18.25),
        "331000": (121.42, 28.66),
        "460000": (110.35, 20.02),
    }
    for code, (lon, lat) in places.items():
        assert region_extents()[code].beyond_km(lon, lat) == 0
