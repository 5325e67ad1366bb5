"""区划的大致范围：数据文件读成按代码查的表；没有自己一行的，随上级。"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from server.domain.boundaries import Extent

FILE = Path(__file__).parents[1] / "data" / "region_extents.csv"


@lru_cache(maxsize=1)
def region_extents() -> Mapping[str, Extent]:
    """Extents by region code, as the data file states them (longitude and latitude in degrees, radius in km)."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: _extent(row) for row in csv.DictReader(file)}


def _extent(row: Mapping[str, str]) -> Extent:
    return Extent(row["code"], row["name"], float(row["longitude"]), float(row["latitude"]), float(row["radius_km"]))
