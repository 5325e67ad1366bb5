"""名录导入随行数增长：试读、整份写入、原样再试读、导出，每一件在新进程里量时间和内存最高值。

    python -m bench.imports STEP FILE        （设置来自环境，与产品相同）

The file is a real XLSX with the official headers; every row names two units, a boundary and a price, as a province's list does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import func, select

from bench.places import POSTGIS, ROOT, SPATIALITE, Grounds, Place, everywhere
from bench.servers import memory_mb
from bench.table import Table, number
from server.config import load_settings
from server.db import Database
from server.domain.permissions import SYSTEM
from server.domain.register_columns import RegisterRoom
from server.domain.register_rows import ApplyMode
from server.domain.register_sheets import COLUMNS
from server.domain.registers import NewOrganisation, OrganisationKind
from server.formats.register_xlsx import write_register_xlsx
from server.models.imports import RegisterImport
from server.models.subjects import Subject
from server.services import imports, register_exports, subjects
from server.storage.disk import DiskStorage
from server.uow import House

PROJECTS = RegisterRoom.PROJECTS
REGION = "330211"
UNITS = {"party_client": "示例建设单位", "party_contractor": "示例施工单位"}
STEPS = {"examine": "试读（全是新的）", "apply": "整份写入", "again": "原样再试读（全部相同）", "export": "导出"}


def _values(row: int) -> dict[str, Any]:
    lon, lat = 121.5 + (row % 300) * 1e-3, 29.8 + (row // 300) * 1e-3
    corners = ((0.0, 0.0), (0.001, 0.0), (0.001, 0.0008), (0.0, 0.0008))
    return {
        "code": f"330211-{row:06d}",
        "name": f"示例花园{row}号工程",
        "kind": "住宅",
        "region": REGION,
        "address": f"示例路{row}号",
        "longitude": lon,
        "latitude": lat,
        "datum": "CGCS2000",
        "boundary": "；".join(f"{lon + x!r} {lat + y!r}" for x, y in corners),
        "stage": "主体结构",
        "status": "在建",
        "contract_price": f"{1_000_000 + row}.50",
        **UNITS,
    }


def write_file(path: Path, rows: int) -> None:
    """A list of that many projects."""
    columns = COLUMNS[PROJECTS]
    with path.open("wb") as file:
        lines = ([values.get(c.key) for c in columns] for values in map(_values, range(rows)))
        write_register_xlsx(file, "项目", columns, lines)


def register_units(place: Place) -> None:
    """The units that the file names."""
    house = place.house()
    with house.unit(scope=everywhere()) as uow:
        for key, name in UNITS.items():
            kind = OrganisationKind(key.removeprefix("party_"))
            subjects.register_organisation(uow, NewOrganisation(name, kind, REGION))
    house.database.dispose()


# ---------------------------------------------------------------------------------- one step, in its own process


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(64 * 1024):
            yield piece


def _examine(house: House, path: Path) -> int:
    with imports.received(_pieces(path), path.name) as upload:
        uuid = imports.examine(lambda: house.unit(scope=everywhere()), PROJECTS, upload)
    with house.unit(writing=False) as uow:
        counts = uow.session.scalars(select(RegisterImport.counts).where(RegisterImport.uuid == uuid)).one()
    if counts["fault"]:
        raise RuntimeError(f"试读有错：{counts}")
    return int(counts["rows"])


def _last(house: House) -> UUID:
    with house.unit(writing=False) as uow:
        return uow.session.scalars(select(RegisterImport.uuid).order_by(RegisterImport.id.desc()).limit(1)).one()


def _apply(house: House, _: Path) -> int:
    imports.apply_import(lambda: house.unit(scope=everywhere()), _last(house), ApplyMode.ALL_OR_NOTHING)
    with house.unit(writing=False) as uow:
        return uow.session.scalar(select(func.count()).select_from(Subject)) or 0


def _export(house: House, _: Path) -> int:
    with (
        house.unit(SYSTEM, writing=False, scope=everywhere()) as uow,
        register_exports.export_register(uow, PROJECTS) as file,
    ):
        return file.seek(0, os.SEEK_END)


WORK: Mapping[str, Callable[[House, Path], int]] = {
    "examine": _examine,
    "apply": _apply,
    "again": _examine,
    "export": _export,
}


def main(step: str, path: str) -> int:
    settings = load_settings()
    house = House(settings, Database(settings), DiskStorage(settings.storage.root))
    with house.unit(writing=False) as uow:
        uow.session.scalar(select(func.count()).select_from(Subject))
    base, began = memory_mb("self", "VmRSS"), time.perf_counter()
    result = WORK[step](house, Path(path))
    seconds = time.perf_counter() - began
    facts = {"seconds": seconds, "base_mb": base, "peak_mb": memory_mb("self", "VmHWM"), "result": result}
    print(orjson.dumps(facts).decode())
    return 0


def _run(place: Place, step: str, path: Path) -> dict[str, float]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ZHIJIAN_")} | place.environment
    command = [sys.executable, "-m", "bench.imports", step, str(path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{place.name} {step}：{done.stderr.decode(errors='replace')[-3000:]}")
    facts: dict[str, float] = orjson.loads(done.stdout.splitlines()[-1])
    return facts


# ---------------------------------------------------------------------------------- the table


def measure_imports(grounds: Grounds, sizes: Sequence[int]) -> list[Table]:
    """Every step at every number of rows, on both databases."""
    rows: list[tuple[str, ...]] = []
    for size in sizes:
        path = grounds.folder / f"projects-{size}.xlsx"
        write_file(path, size)
        for name in (SPATIALITE, POSTGIS):
            place = grounds.place(name, f"imports{size}")
            register_units(place)
            rows += [_line(place, step, path, size) for step in STEPS]
    notes = (
        "文件是真正的 XLSX，每行十四格有值，含四个角的边界和两家单位；每一步都在新进程里。",
        "“多占内存”是最高值减去载入程序、连上数据库之后的值：五千行和五万行相差无几，文件不在内存里。",
        "试读每 500 行提交一次；整份写入是一次提交。",
    )
    columns = ("数据库", "行数", "步骤", "秒", "每秒行数", "多占内存 MB", "内存最高 MB")
    return [Table("名录导入", columns, tuple(rows), notes)]


def _line(place: Place, step: str, path: Path, size: int) -> tuple[str, ...]:
    facts = _run(place, step, path)
    grown = facts["peak_mb"] - facts["base_mb"]
    figures = (facts["seconds"], size / facts["seconds"], grown, facts["peak_mb"])
    return (place.name, f"{size:,}", STEPS[step], *(number(value) for value in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
