"""报告：docs/performance.md 里一对标记之间的表由这里写，其余的话由人写。"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pysqlite3.dbapi2

from bench.cluster import plain
from bench.places import ROOT
from bench.quiet import quietly
from bench.table import Table

REPORT = ROOT / "docs" / "performance.md"


def surroundings(server: str) -> str:
    """One line about the machine and the software, so that figures are never read without them."""
    with psycopg.connect(plain(server)) as connection:
        version = connection.info.server_version
        durable = connection.execute("SHOW fsync").fetchone()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    load = "、".join(f"{value:.1f}" for value in os.getloadavg())
    stolen = quietly.told()
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC；{os.cpu_count()} 核、{memory:.0f} GB、{platform.system()} "
        f"{platform.machine()}；Python {platform.python_version()}，SQLite {pysqlite3.dbapi2.sqlite_version}，"
        f"PostgreSQL {version // 10000}（fsync={durable[0] if durable else '?'}）；"
        f"量完这一部分时的负载（1、5、15 分钟）{load}{'；' if stolen else ''}{stolen}。"
    )


def section(tables: Iterable[Table], around: str) -> str:
    return "\n".join(table.markdown() for table in tables) + f"\n测于：{around}\n"


def write(part: str, text: str, report: Path = REPORT) -> None:
    """Replace what stands between the two marks of this part; raises ValueError when a mark is missing."""
    page = report.read_text(encoding="utf-8")
    begin, end = f"<!-- bench:{part} -->", f"<!-- /bench:{part} -->"
    head, found, rest = page.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{report.name} 里没有标记 {begin} … {end}")
    report.write_text(f"{head}{begin}\n\n{text}\n{end}{tail}", encoding="utf-8")
