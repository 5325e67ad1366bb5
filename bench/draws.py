"""抽签：一万到一百万个对象，排出每层的次序；对“每个号球一次光秃的 HMAC”和“只读名单”。"""

from __future__ import annotations

import hmac
import subprocess
import sys
import time
from collections.abc import Sequence
from hashlib import sha256

from bench.table import Table, interleave, middle, number, ratio, spread
from server.domain.draw_files import DrawFiles
from server.domain.draws import Drawn, order, ticket_maker

KEY = sha256(b"bench").digest()
STRATA = 5
Rows = tuple[tuple[str, str, int], ...]


def prepare(objects: int) -> Rows:
    """Five strata; balls 1, 2, 3 in turn, so two balls an object on average."""
    return tuple((f"stratum-{n % STRATA}", f"GD-{n:07}", 1 + n % 3) for n in range(objects))


def _ours(rows: Rows, found: list[dict[str, list[Drawn]]]) -> float:
    began = time.perf_counter()
    found[:] = [order(rows, ticket_maker(KEY))]
    return time.perf_counter() - began


def _bare(rows: Rows) -> float:
    """One HMAC a ball and nothing else: no order, no names kept."""
    began = time.perf_counter()
    for stratum, name, balls in rows:
        for ball in range(1, balls + 1):
            hmac.digest(KEY, f"O|{stratum}|{name}|{ball}\x01".encode(), "sha256")
    return time.perf_counter() - began


def _reading(data: bytes) -> float:
    began = time.perf_counter()
    DrawFiles.from_bytes({"objects.tsv": data, "officers.tsv": b"", "recusals.tsv": b""})
    return time.perf_counter() - began


def _row(objects: int, rounds: int) -> tuple[str, ...]:
    names = prepare(objects)
    data = DrawFiles(names, ()).to_bytes()["objects.tsv"]
    found: list[dict[str, list[Drawn]]] = []
    ours, bare, reading = interleave(
        (lambda: _ours(names, found), lambda: _bare(names), lambda: _reading(data)), rounds
    )
    a, b = middle(ours), middle(bare)
    each, against = f"{a / objects * 1e6:.1f}", f"{number(b)}，{ratio(a, b)}"
    return f"{objects}", f"{number(a)}（{spread(ours)}）", each, against, number(middle(reading)), peak(objects)


def measure_draws(scales: Sequence[int], rounds: int) -> list[Table]:
    """`scales`: numbers of objects from small to large."""
    rows = tuple(_row(objects, 1 if objects >= 1_000_000 else rounds) for objects in scales)
    columns = ("对象", "排出次序，秒（最低～最高）", "微秒一个", "每球一次 HMAC", "读名单，秒", "内存峰值，MB")
    notes = (
        "平均每个对象两个号球，五层；“HMAC”一栏是秒和“质鉴 ÷ 它”。",
        "内存是另起一个进程只做排序时的峰值，减去同一进程排之前的；次序要留在内存里，所以与对象数成正比。",
    )
    return [Table("抽签排序", columns, rows, notes)]


# The kernel hands ru_maxrss down from the parent; the high-water mark of the own memory is in /proc.
PROBE = (
    "import re,sys;from pathlib import Path;from bench.draws import KEY,prepare;"
    "from server.domain.draws import order,ticket_maker;"
    "high=lambda:int(re.search(r'VmHWM:\\s+(\\d+)',Path('/proc/self/status').read_text())[1]);"
    "rows=prepare(int(sys.argv[1]));a=high();found=order(rows,ticket_maker(KEY));print((high()-a)//1024)"
)


def peak(objects: int) -> str:
    """Megabytes that ordering adds to a fresh process holding the list."""
    found = subprocess.run([sys.executable, "-c", PROBE, str(objects)], capture_output=True, text=True, check=True)
    return found.stdout.strip()
