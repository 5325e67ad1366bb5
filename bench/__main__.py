"""`python -m bench [--quick] [--only 部分] [--write]`：量一遍，印一张总表；`--write` 写进 docs/performance.md。"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.cluster import durable_cluster
from bench.growth import measure_growth
from bench.intake import measure_checks
from bench.pictures import measure_pictures
from bench.places import POSTGIS, SPATIALITE, Place, make_place
from bench.season import Season, begin
from bench.sizes import FULL, QUICK, Sizes
from bench.table import Table
from bench.uploads import measure_photos

PARTS = ("checks", "photos", "pictures", "growth")


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _opened(folder: Path, server: str, label: str) -> list[tuple[Place, Season]]:
    found = []
    for name in (SPATIALITE, POSTGIS):
        place = make_place(name, folder / f"{label}-{name}", server, label)
        house = place.house()
        found.append((place, begin(house)))
        house.database.dispose()
    return found


def run(sizes: Sizes, parts: Sequence[str], folder: Path, server: str) -> list[Table]:
    """Every wanted section in order; each gets its own fresh databases."""
    sections: dict[str, Callable[[], Sequence[Table]]] = {
        "checks": lambda: [measure_checks(_opened(folder, server, "checks"), sizes)],
        "photos": lambda: measure_photos(_opened(folder, server, "photos"), sizes),
        "pictures": lambda: [measure_pictures(folder, sizes)],
        "growth": lambda: measure_growth(folder, server, sizes),
    }
    tables: list[Table] = []
    for part in parts:
        began = time.monotonic()
        tables += sections[part]()
        _say(f"  {part}：{time.monotonic() - began:.0f} 秒")
    return tables


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="并排测速")
    parser.add_argument("--quick", action="store_true", help="只看通不通，一分钟以内")
    parser.add_argument("--only", action="append", choices=PARTS, help="只量这一部分（可以重复）")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="zhijian-bench-") as scratch, durable_cluster() as server:
        tables = run(QUICK if options.quick else FULL, options.only or PARTS, Path(scratch), server)
    print("\n".join(table.markdown() for table in tables))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
