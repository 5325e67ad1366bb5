"""汇总与导出随数据增长：起草、发布、导出，每一件在新进程里量时间和内存最高值。"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from sqlalchemy import text

from bench.fill import fill
from bench.places import POSTGIS, ROOT, SPATIALITE, Grounds, Place
from bench.plans import Plan, explain
from bench.season import begin
from bench.sizes import Sizes
from bench.table import Table, number, ratio
from server.models.base import Base

ANSWERS_A_CASE = 100
REPEATED_UP_TO = 100_000
LABELS = {
    "draft": "起草：冻结、全部计数、成文、两种版式",
    "publish": "发布：冻结公开快照（只量一次）",
    "cases.json": "导出案例 JSON",
    "cases.csv": "导出案例 CSV",
    "cases.geojson": "导出案例 GeoJSON",
    "cases.atom": "导出案例 Atom",
    "records.csv": "导出逐条记录 CSV",
    "bare count": "对照：一条 GROUP BY",
    "bare csv": "对照：驱动游标直写 CSV",
}
ONCE = ("publish",)


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians of one task at one size."""

    seconds: float
    cpu: float
    grown_mb: float
    peak_mb: float


Results = dict[tuple[str, str, int], Measured]


def _run(place: Place, name: str, bulletin: UUID, repeats: int) -> Measured:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ZHIJIAN_")} | place.environment
    environment["ZHIJIAN_DATABASE__STATEMENT_TIMEOUT_MS"] = "600000"
    command = [sys.executable, "-m", "bench.task", name, str(bulletin), str(1 if name in ONCE else repeats)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{place.name} {name}：{done.stderr.decode(errors='replace')[-3000:]}")
    facts: dict[str, float] = orjson.loads(done.stdout.splitlines()[-1])
    return Measured(facts["seconds"], facts["cpu"], facts["peak_mb"] - facts["base_mb"], facts["peak_mb"])


def _measure(stages: Sequence[tuple[Place, UUID]], name: str, repeats: int) -> dict[str, Measured]:
    """Both databases turn by turn."""
    found = {place.name: _run(place, name, bulletin, repeats) for place, bulletin in stages}
    if name == "publish":
        for place, _ in stages:
            _more_cases(place)
    return found


def _more_cases(place: Place) -> None:
    """Published cases to the number that so many answers would have given over the years: one in a hundred answers."""
    house = place.house()
    table = Base.metadata.tables["publications"]
    columns = [c.name for c in table.columns if c.name != "id"]
    sqlite = place.name == SPATIALITE
    tag = "printf('%012x', c.id)" if sqlite else "lpad(to_hex(c.id), 12, '0')"
    given = {"uuid": f"'00000000-0005-4000-8000-' || {tag}", "slug": "t.slug || '-' || c.id"}
    select = ", ".join(given.get(name, f't."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    with house.database.engine.begin() as connection:
        answers = connection.execute(text("SELECT count(*) FROM answers")).scalar_one()
        one = "SELECT min(id) FROM publications WHERE kind = 'case'"
        rows = f"SELECT {select} FROM publications t CROSS JOIN answers c WHERE t.id = ({one}) AND c.id <= :most"
        connection.execute(text(f"INSERT INTO publications ({names}) {rows}"), {"most": answers // ANSWERS_A_CASE})
    if not sqlite:
        with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    house.database.dispose()


def measure_growth(grounds: Grounds, sizes: Sizes) -> list[Table]:
    results: Results = {}
    plans: list[Plan] = []
    for answers in sizes.answers:
        stages = [(place, fill(place, begin(place), answers)) for place in grounds.pair(f"growth_{answers}")]
        repeats = sizes.growth_repeats if answers <= REPEATED_UP_TO else 1
        for name in sizes.tasks:
            for place, measured in _measure(stages, name, repeats).items():
                results[(name, place, answers)] = measured
                shown = f"{number(measured.seconds)} 秒，{number(measured.peak_mb)} MB"
                print(f"  {answers} {place} {name}：{shown}", file=sys.stderr, flush=True)
        if answers == sizes.answers[-1]:
            plans = [plan for place, bulletin in stages for plan in explain(place, bulletin)]
    return [_times(results, sizes), _memory(results, sizes), _plans(plans)]


def _lines(results: Results, sizes: Sizes) -> Iterator[tuple[str, str, list[Measured]]]:
    for name in sizes.tasks:
        label = LABELS[name]
        for place in (SPATIALITE, POSTGIS):
            yield label, place, [results[(name, place, answers)] for answers in sizes.answers]


def _heads(sizes: Sizes) -> tuple[str, ...]:
    return tuple(f"{answers // 1000} 千条作答" for answers in sizes.answers)


def _times(results: Results, sizes: Sizes) -> Table:
    rows = [
        (label, place, *(f"{number(m.seconds)}（{number(m.cpu)}）" for m in found), _growth(found))
        for label, place, found in _lines(results, sizes)
    ]
    notes = (
        "秒，括号内是做事的进程自己用的 CPU 秒（PostGIS 的另一半在数据库进程里，不在内）；"
        f"不超过 {REPEATED_UP_TO // 10000} 万条的取 {sizes.growth_repeats} 遍的中位数，再大的只量一遍。",
        "最后一列：从上一档到最后一档时间涨了几倍，括号内是 CPU 的；数据涨十倍，线性就是十倍左右。",
    )
    return Table("汇总与导出的时间", ("做什么", "数据库", *_heads(sizes), "最后一档涨了"), tuple(rows), notes)


def _growth(found: Sequence[Measured]) -> str:
    if len(found) < 2:
        return "—"
    return f"{ratio(found[-1].seconds, found[-2].seconds)}（{ratio(found[-1].cpu, found[-2].cpu)}）"


def _memory(results: Results, sizes: Sizes) -> Table:
    rows = [
        (label, place, *(f"{number(m.peak_mb)}（+{number(max(0.0, m.grown_mb))}）" for m in found))
        for label, place, found in _lines(results, sizes)
    ]
    note = "括号里是开工之后多用的；内存取新进程自己的 VmHWM。"
    return Table("汇总与导出的内存最高值（MB）", ("做什么", "数据库", *_heads(sizes)), tuple(rows), (note,))


def _plans(plans: Sequence[Plan]) -> Table:
    rows = tuple((plan.label, plan.place, f"`{plan.words}`") for plan in plans)
    return Table("查询计划（在最大的一份数据上）", ("查询", "数据库", "用到的"), rows)
