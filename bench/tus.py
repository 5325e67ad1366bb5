"""续传收照片：登记带上字节、先登记再传两种走法，对光秃秃的“写进文件并同步”；并看 500 MB 时工作进程的内存。"""

from __future__ import annotations

import os
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from uuid import uuid4

from bench.places import Place
from bench.season import Season
from bench.servers import Running, bare_server, memory_mb, real_server
from bench.sizes import Sizes
from bench.table import Table, interleave, middle, number, ratio, spread

UPLOADS = "/api/v1/field/uploads"
BYTES = "application/offset+octet-stream"
AT_ONCE = (1, 4)
MB = 1024 * 1024
Send = Callable[[HTTPConnection, bytes], None]


def _ask(link: HTTPConnection, method: str, path: str, body: object, headers: dict[str, str], wanted: int) -> str:
    link.request(method, path, body, headers)  # type: ignore[arg-type]
    reply = link.getresponse()
    told = reply.read()
    if reply.status != wanted:
        raise RuntimeError(f"服务器没有收下：{reply.status} {told[:400]!r}")
    return reply.getheader("Location", "")


def _announced(season: Season, data: bytes) -> dict[str, str]:
    said = {"photo": str(uuid4()), "sha256": sha256(data).hexdigest(), "filename": "IMG_1.jpg"}
    notes = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in said.items())
    mine = {"Authorization": f"Bearer {season.token}", "Tus-Resumable": "1.0.0"}
    return mine | {"Upload-Length": str(len(data)), "Upload-Metadata": notes}


def _at_once(season: Season) -> Send:
    def send(link: HTTPConnection, data: bytes) -> None:
        _ask(link, "POST", UPLOADS, data, _announced(season, data) | {"Content-Type": BYTES}, 201)

    return send


def _in_two(season: Season) -> Send:
    def send(link: HTTPConnection, data: bytes) -> None:
        headers = _announced(season, data)
        place = _ask(link, "POST", UPLOADS, None, headers, 201)
        _ask(link, "PATCH", place, data, headers | {"Content-Type": BYTES, "Upload-Offset": "0"}, 204)

    return send


def _bare(link: HTTPConnection, data: bytes) -> None:
    _ask(link, "PUT", f"/photos/{uuid4()}", data, {"Content-Type": "application/octet-stream"}, 201)


def _rate_mb(port: int, send: Send, size: int, count: int, at_once: int) -> float:
    """Megabytes a second; every photo has bytes of its own, made before the clock starts."""
    filler = os.urandom(size)
    photos = [os.urandom(16) + filler[16:] for _ in range(count)]
    faults: list[BaseException] = []

    def work(mine: list[bytes]) -> None:
        link = HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            for data in mine:
                send(link, data)
        except (OSError, RuntimeError) as fault:
            faults.append(fault)
        finally:
            link.close()

    threads = [threading.Thread(target=work, args=(photos[n::at_once],)) for n in range(at_once)]
    began = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return count * size / 1e6 / (perf_counter() - began)


def measure_tus(places: list[tuple[Place, Season]], sizes: Sizes) -> tuple[Table, Table]:
    rows: list[tuple[str, ...]] = []
    memory: list[tuple[str, ...]] = []
    for place, season in places:
        with real_server(place, ZHIJIAN_UPLOADS__MAX_PHOTO_BYTES=str(600 * MB)) as real, bare_server(place) as bare:
            for send in (_at_once(season), _in_two(season)):  # statements are compiled once
                _rate_mb(real.port, send, 50_000, 8, 4)
            for size, count in sizes.photos:
                rows += [_row(place, season, (real, bare), sizes.rounds, size, count, many) for many in AT_ONCE]
            memory += [(place.name, f"{size} MB", *_peak(real, season, size)) for size in sizes.resumed_mb]
    speed = Table(
        "续传收照片（MB/秒，中位数，括号内为最低～最高）",
        (
            "数据库",
            "每张",
            "并发",
            "登记带字节",
            "先登记再传",
            "裸 Flask + 写文件",
            "登记带字节 ÷ 裸",
            "先登记再传 ÷ 裸",
        ),
        tuple(rows),
    )
    flat = Table(
        "续传大文件时工作进程的内存（MB）",
        ("数据库", "上传", "之前最高", "之后最高"),
        tuple(memory),
        ("几个工作进程里最高的一个，从起来算起；头一次大上传添一点缓冲，此后不随文件变大。",),
    )
    return speed, flat


def _row(
    place: Place, season: Season, servers: tuple[Running, Running], rounds: int, size: int, count: int, at_once: int
) -> tuple[str, ...]:
    sides = ((servers[0], _at_once(season)), (servers[0], _in_two(season)), (servers[1], _bare))

    def side(server: Running, send: Send) -> Callable[[], float]:
        return lambda: _rate_mb(server.port, send, size, count, at_once)

    samples = interleave([side(server, send) for server, send in sides], rounds)
    whole, split, bare = map(middle, samples)
    cells = [f"{number(middle(found))}（{spread(found)}）" for found in samples]
    return (place.name, f"{size / 1e6:g} MB", str(at_once), *cells, ratio(whole, bare), ratio(split, bare))


def _peak(server: Running, season: Season, size_mb: int) -> tuple[str, str]:
    """The most memory any worker held, before and after one upload of that size, which is never whole on this side either."""
    before, block = _highest(server), bytes(MB)
    link = HTTPConnection("127.0.0.1", server.port, timeout=600)
    mine = {"Authorization": f"Bearer {season.token}", "Tus-Resumable": "1.0.0", "Content-Type": BYTES}
    length = {"Upload-Length": str(size_mb * MB), "Content-Length": str(size_mb * MB)}

    def blocks() -> Iterator[bytes]:
        for _ in range(size_mb):
            yield block

    try:
        _ask(link, "POST", UPLOADS, blocks(), mine | length, 201)
    finally:
        link.close()
    return number(before), number(_highest(server))


def _highest(server: Running) -> float:
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text(encoding="ascii").split()
    return max(memory_mb(pid, "VmHWM") for pid in children)
