"""收照片：边收边落盘、算摘要、记账，对光秃秃的“写进文件并同步”；并看大文件时服务进程的内存。"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from uuid import uuid4

from bench.client import Request, seconds_to_send
from bench.intake import warm
from bench.places import Place
from bench.season import Season
from bench.servers import Running, bare_server, real_server
from bench.sizes import Sizes
from bench.table import Table, interleave, middle, number, ratio, spread
from bench.wire import Parts, request, send

AT_ONCE = 4
MB = 1024 * 1024


def _requests(prefix: str, season: Season, size: int) -> Callable[[int], list[Request]]:
    """Different bytes every time: the same bytes twice would be one original."""
    headers = {"Content-Type": "application/octet-stream", "Authorization": f"Bearer {season.token}"}
    filler = os.urandom(size)

    def make(count: int) -> list[Request]:
        bodies = [os.urandom(16) + filler[16:] for _ in range(count)]
        return [Request(f"{prefix}/{uuid4()}", body, headers) for body in bodies]

    return make


def _resumable(season: Season, size: int) -> Callable[[int], list[tuple[Parts, ...]]]:
    """tus: creation and bytes in one request; the server digests and compares before it answers."""
    filler = os.urandom(size)[16:]

    def one() -> tuple[Parts, ...]:
        head = os.urandom(16)
        digest = sha256(head)
        digest.update(filler)
        notes = {"photo": str(uuid4()), "filename": "photo.jpg", "filetype": "image/jpeg", "sha256": digest.hexdigest()}
        headers = {
            "Authorization": f"Bearer {season.token}",
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(size),
            "Upload-Metadata": ",".join(f"{key} {b64encode(text.encode()).decode()}" for key, text in notes.items()),
            "Content-Type": "application/offset+octet-stream",
        }
        return (request("POST", "/api/v1/field/uploads", headers, (head, filler)),)

    return lambda count: [one() for _ in range(count)]


def _plain(size: int) -> Callable[[int], list[tuple[Parts, ...]]]:
    filler = os.urandom(size)[16:]
    return lambda count: [(request("PUT", f"/photos/{uuid4()}", {}, (os.urandom(16), filler)),) for _ in range(count)]


def measure_tus(place: Place, season: Season, sizes: Sizes) -> list[Table]:
    """Photo bytes per second through tus, beside a bare route that writes one synced file."""
    rows: list[tuple[str, ...]] = []
    with real_server(place) as real, bare_server(place) as bare:
        warm(real, season, bare)
        for size, count in sizes.photos:
            for at_once in (1, AT_ONCE * 2):
                sides = ((real.port, _resumable(season, size)), (bare.port, _plain(size)))
                left, right = interleave([_mb_side(*side, count, size, at_once) for side in sides], sizes.rounds)
                a, b = middle(left), middle(right)
                cells = (f"{number(a)}（{spread(left)}）", f"{number(b)}（{spread(right)}）", ratio(a, b))
                rows.append((f"{size / 1e6:g} MB", str(at_once), *cells))
    columns = ("每张", "并发", "质鉴，MB/秒", "裸路由，MB/秒", "质鉴 ÷ 裸")
    note = "PostGIS；登记和字节在同一个请求里，收完核对 SHA-256、存为原件、记账、提交，然后才回答。"
    return [Table("续传收照片（tus，中位数，括号内为最低～最高）", columns, tuple(rows), (note,))]


def _mb_side(
    port: int, make: Callable[[int], list[tuple[Parts, ...]]], count: int, size: int, at_once: int
) -> Callable[[], float]:
    return lambda: send(port, make(count), at_once).rate * size / 1e6


def _rate_mb(port: int, make: Callable[[int], list[Request]], count: int, size: int, at_once: int) -> float:
    requests = make(count)
    return count * size / 1e6 / seconds_to_send(port, requests, at_once)


def _row(
    place: Place, season: Season, servers: tuple[Running, Running], rounds: int, size: int, count: int, at_once: int
) -> tuple[str, ...]:
    ours = _requests("/api/v1/field/photos", season, size)
    bare = _requests("/photos", season, size)
    left, right = interleave(
        (
            lambda: _rate_mb(servers[0].port, ours, count, size, at_once),
            lambda: _rate_mb(servers[1].port, bare, count, size, at_once),
        ),
        rounds,
    )
    a, b = middle(left), middle(right)
    cells = (f"{number(a)}（{spread(left)}）", f"{number(b)}（{spread(right)}）", ratio(b, a))
    return (place.name, f"{size / 1e6:g} MB", str(at_once), *cells)


def measure_photos(places: list[tuple[Place, Season]], sizes: Sizes) -> tuple[Table, Table]:
    rows: list[tuple[str, ...]] = []
    memory: list[tuple[str, ...]] = []
    for place, season in places:
        with real_server(place) as real, bare_server(place) as bare:
            warm(real, season, bare)
            for size, count in sizes.photos:
                for at_once in (1, AT_ONCE):
                    rows.append(_row(place, season, (real, bare), sizes.rounds, size, count, at_once))
            for size in sizes.uploads_mb:
                ours = _peak(real, _requests("/api/v1/field/photos", season, size * MB)(1))
                whole = _peak(bare, _requests("/whole", season, size * MB)(1))
                memory.append((place.name, f"{size} MB", *map(number, (*ours, *whole))))
    speed = Table(
        "收照片（MB/秒，中位数，括号内为最低～最高）",
        ("数据库", "每张", "并发", "质鉴", "裸 Flask + 写文件", "裸 ÷ 质鉴"),
        tuple(rows),
    )
    flat = Table(
        "大文件上传时网页进程的内存（MB）",
        ("数据库", "上传", "质鉴：之前", "其间最高", "整个读进来的对照：之前", "其间最高"),
        tuple(memory),
        ("每次先清零最高值，再传一个文件；“其间最高”不随文件变大，就是没有整个读进内存；对照一列说明这把尺会动。",),
    )
    return speed, flat


def _peak(server: Running, request: list[Request]) -> tuple[float, float]:
    """(before, highest) of the server process around one upload, MB."""
    server.forget_peak()
    before = server.memory_mb("VmRSS")
    seconds_to_send(server.port, request, 1)
    return before, server.memory_mb()
