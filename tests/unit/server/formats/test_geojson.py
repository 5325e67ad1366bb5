"""GeoJSON by RFC 7946."""

import json
from decimal import Decimal

import pytest

from server.domain.errors import Invalid
from server.formats.geojson import PointFeature, write_geojson

POINT = (Decimal("114.412599"), Decimal("23.111847"))


def test_features_are_points_cut_to_the_policy() -> None:
    features = [PointFeature("2026-1", POINT, {"title": "甲"}), PointFeature("2026-2", None, {})]
    data = json.loads(b"".join(write_geojson(features, decimals=3)))
    assert "crs" not in data
    assert data["features"] == [
        {
            "type": "Feature",
            "id": "2026-1",
            "geometry": {"type": "Point", "coordinates": [114.413, 23.112]},
            "properties": {"title": "甲"},
        },
        {"type": "Feature", "id": "2026-2", "geometry": None, "properties": {}},
    ]


def test_an_empty_collection_is_valid() -> None:
    assert json.loads(b"".join(write_geojson([], decimals=2))) == {
        "type": "FeatureCollection",
        "features": [],
    }


def test_no_coordinate_has_more_decimals_than_allowed() -> None:
    text = b"".join(write_geojson([PointFeature("1", POINT, {})], decimals=2)).decode()
    assert "[114.41,23.11]" in text


def test_impossible_positions_are_refused() -> None:
    feature = PointFeature("1", (Decimal(23), Decimal(114)), {})
    with pytest.raises(Invalid) as caught:
        b"".join(write_geojson([feature], decimals=2))
    assert caught.value.code == "position-out-of-range"
