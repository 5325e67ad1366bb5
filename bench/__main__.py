"""`python -m bench [--quick] [--only 部分] [--write]`：量一遍，印一张总表；`--write` 写进 docs/performance.md。"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from bench import report
from bench.cluster import durable_cluster, spread
from bench.draws import measure_draws
from bench.growth import measure_growth
from bench.imports import measure_imports
from bench.intake import measure_checks
from bench.nearby import measure_nearby
from bench.openrosa import measure_openrosa
from bench.pairing import measure_pairing
from bench.pictures import measure_pictures
from bench.places import POSTGIS, Grounds, Place
from bench.season import Season, begin
from bench.sizes import FULL, QUICK, Sizes
from bench.table import Table
from bench.uploads import measure_photos, measure_tus

PARTS = ("checks", "photos", "pictures", "growth", "draws", "pairing", "imports", "nearby", "openrosa", "tus")


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def sections(sizes: Sizes, grounds: Grounds) -> Mapping[str, Callable[[], Sequence[Table]]]:
    """What can be measured, by name; checks and photos share one pair of databases."""

    @cache
    def opened() -> list[tuple[Place, Season]]:
        return [(place, begin(place)) for place in grounds.pair("intake")]

    return {
        "checks": lambda: [measure_checks(opened(), sizes)],
        "photos": lambda: measure_photos(opened(), sizes),
        "pictures": lambda: [measure_pictures(grounds.folder, sizes)],
        "growth": lambda: measure_growth(grounds, sizes),
        "draws": lambda: measure_draws(sizes.draws, sizes.rounds),
        "pairing": lambda: measure_pairing(sizes.pairings, sizes.rounds),
        "imports": lambda: measure_imports(grounds, sizes.imports),
        "nearby": lambda: measure_nearby(grounds, sizes),
        "tus": lambda: measure_tus(*_postgis(opened()), sizes),
        "openrosa": lambda: measure_openrosa(*_postgis(opened()), sizes),
    }


def _postgis(opened: Sequence[tuple[Place, Season]]) -> tuple[Place, Season]:
    return next(pair for pair in opened if pair[0].name == POSTGIS)


def run(sizes: Sizes, parts: Sequence[str], grounds: Grounds) -> Iterator[tuple[str, str]]:
    """(part, its text) as each is done, in order, with the state of the machine at its end."""
    measures = sections(sizes, grounds)
    for part in parts:
        began = time.monotonic()
        yield part, report.section(measures[part](), report.surroundings(grounds.server))
        _say(f"  {part}：{time.monotonic() - began:.0f} 秒")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="并排测速")
    parser.add_argument("--quick", action="store_true", help="只看通不通，一分钟左右")
    parser.add_argument("--only", action="append", choices=PARTS, help="只量这一部分（可以重复）")
    parser.add_argument("--write", action="store_true", help="写进 docs/performance.md（完整地量时才许）")
    options = parser.parse_args(arguments)
    if options.quick and options.write:
        parser.error("--quick 的数不写进文档")
    with tempfile.TemporaryDirectory(prefix="zhijian-bench-") as scratch, durable_cluster() as server:
        spread(Path(scratch))
        grounds = Grounds(Path(scratch), server)
        for part, text in run(QUICK if options.quick else FULL, options.only or PARTS, grounds):
            print(text, flush=True)
            if options.write:
                report.write(part, text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
