"""收检查：真的路由连同令牌、核对、判定、待办，对光秃秃的一条 INSERT。"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson

from bench.client import Request, rate
from bench.places import Place
from bench.season import Season, record
from bench.servers import Running, bare_server, real_server
from bench.sizes import Sizes
from bench.table import Table, interleave, middle, number, ratio, spread

CONCURRENCIES = (1, 8)
Make = Callable[[int], list[Request]]


def _requests(prefix: str, season: Season) -> Make:
    """Fresh ids every time; the bodies rotate over the subjects."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {season.token}"}
    bodies = [orjson.dumps(record(season, n)) for n in range(len(season.subjects))]
    return lambda count: [Request(f"{prefix}/{uuid4()}", bodies[n % len(bodies)], headers) for n in range(count)]


def _row(place: Place, season: Season, servers: tuple[Running, Running], sizes: Sizes, at_once: int) -> tuple[str, ...]:
    ours = rate(servers[0].port, _requests("/api/v1/field/checks", season), sizes.checks, at_once)
    bare = rate(servers[1].port, _requests("/checks", season), sizes.checks, at_once)
    left, right = interleave((ours, bare), sizes.rounds)
    a, b = middle(left), middle(right)
    return (
        place.name,
        str(at_once),
        f"{number(a)}（{spread(left)}）",
        f"{number(b)}（{spread(right)}）",
        ratio(b, a),
        f"{number(1000 * at_once / a)}",
    )


def measure_checks(places: list[tuple[Place, Season]], sizes: Sizes) -> Table:
    rows: list[tuple[str, ...]] = []
    for place, season in places:
        with real_server(place) as real, bare_server(place) as bare:
            warm(real, season, bare)
            rows += [_row(place, season, (real, bare), sizes, at_once) for at_once in CONCURRENCIES]
    answers = len(_answers(places[0][1]))
    return Table(
        f"收检查（每次 {answers} 条作答，条/秒，中位数，括号内为最低～最高）",
        ("数据库", "并发", "质鉴", "裸 Flask + 一条 INSERT", "裸 ÷ 质鉴", "质鉴每条毫秒"),
        tuple(rows),
    )


def _answers(season: Season) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = record(season, 0)["answers"]
    return answers


def warm(real: Running, season: Season, bare: Running) -> None:
    """First requests pay for imports and connections; they are not measured."""
    rate(real.port, _requests("/api/v1/field/checks", season), 16, 8)()
    rate(bare.port, _requests("/checks", season), 16, 8)()
