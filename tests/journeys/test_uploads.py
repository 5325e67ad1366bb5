"""五十张照片经过一条坏线路，服务器被杀五次：摘要一个不差，没有一个字节收两遍，没有一个应有照片重两张。"""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.uploader import Uploader

from server.models.checks import EvidenceSlot
from server.models.evidence import Evidence
from server.models.uploads import Upload
from tests.factories.checks import check_body, made_id
from tests.journeys.cutting_proxy import HOST, CuttingProxy, Seen, read_head
from tests.journeys.standing import Standing, standing
from tests.uploads import node
from workers.uploads import sweep

PHOTOS, KILLS, SEED = 50, 5, 4
TRIES, PAUSE_S = 1000, 0.05
PLACE = "/api/v1/field/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
LARGE = 100 * 1024 * 1024
#: The buffers of a busy connection cost a worker this much once; from then on no size costs more.
ONCE_KIB, FLAT_KIB = 48 * 1024, 8 * 1024

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """One for all: the first test kills it five times, the others take it as it then is."""
    with standing(
        tmp_path_factory.mktemp("standing") / "data", ZHIJIAN_UPLOADS__MAX_PHOTO_BYTES=str(2 * LARGE)
    ) as made:
        yield made


@pytest.fixture(scope="module")
def phone(server: Standing) -> dict[str, str]:
    return server.sign_in()


@dataclass(frozen=True)
class Shot:
    """一张照片：编号、文件、摘要。"""

    uuid: UUID
    check: UUID
    path: Path
    data: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.data).hexdigest()

    @property
    def notes(self) -> dict[str, str]:
        return {
            "photo": str(self.uuid),
            "check": str(self.check),
            "item": "RMC-01-01",
            "filename": self.path.name,
            "filetype": "image/jpeg",
            "sha256": self.sha256,
        }


def shots(folder: Path) -> list[Shot]:
    chance = random.Random(SEED)
    made = []
    for number in range(PHOTOS):
        data = b"\xff\xd8\xff" + chance.randbytes(chance.randrange(100_000, 300_000))
        path = folder / f"IMG_{number}.jpg"
        path.write_bytes(data)
        made.append(Shot(made_id("shot", number), made_id("checked"), path, data))
    return made


def told_of(shots: list[Shot], server: Standing, headers: dict[str, str]) -> None:
    """Submit the check whose slots the photos are to fill."""
    body = check_body(server.world, photos=[shot.uuid for shot in shots])
    link = HTTPConnection(HOST, server.port, timeout=20)
    link.request(
        "PUT",
        f"/api/v1/field/checks/{shots[0].check}",
        json.dumps(body),
        headers | {"Content-Type": "application/json"},
    )
    reply = link.getresponse()
    assert reply.status == 201, reply.read()
    link.close()


def send_with_tuspy(proxy: CuttingProxy, headers: dict[str, str], number: int, shot: Shot) -> None:
    """As an app would: retries of the client's own, and when those are spent, from where it had come."""
    client = TusClient(f"http://{HOST}:{proxy.port}{PLACE}", headers=headers)
    checked = {"upload_checksum": True, "chunk_size": 40_000} if number % 3 == 0 else {}
    url = None
    for _ in range(TRIES):
        try:
            made = Uploader(
                file_stream=BytesIO(shot.data),
                client=client,
                url=url,
                metadata=shot.notes,
                retries=3,
                retry_delay=PAUSE_S,
                **checked,
            )
            made.upload()
            return
        except (TusCommunicationError, TusUploadFailed):
            url = made.url if "made" in locals() else None
            time.sleep(PAUSE_S)
    raise AssertionError(f"{shot.path.name} 没有传完")


def send_with_node(proxy: CuttingProxy, headers: dict[str, str], shots: list[Shot]) -> None:
    kinds: list[dict[str, Any]] = [
        {},
        {"chunkSize": 50_000},
        {"uploadDataDuringCreation": True},
        {"overridePatchMethod": True},
    ]
    files = [
        {"path": str(shot.path), "metadata": shot.notes, "options": kinds[number % len(kinds)]}
        for number, shot in enumerate(shots)
    ]
    endpoint = f"http://{HOST}:{proxy.port}{PLACE}"
    delays = [int(PAUSE_S * 1000)] * TRIES
    told = node.upload({"endpoint": endpoint, "headers": headers, "delays": delays, "abreast": 3, "files": files})
    assert [row["error"] for row in told] == [None] * len(shots)


class Killer(threading.Thread):
    """Kills the server and starts it again whenever another sixth of all bytes has gone over the line."""

    def __init__(self, server: Standing, proxy: CuttingProxy, total: int) -> None:
        super().__init__()
        self.server, self.proxy, self.total = server, proxy, total
        self.kills = 0
        self.over = threading.Event()

    def run(self) -> None:
        while self.kills < KILLS and not self.over.wait(0.005):
            if self.proxy.carried >= self.total * (self.kills + 1) / (KILLS + 1):
                self.server.kill()
                self.server.start()
                self.kills += 1


def test_fifty_photos_over_a_bad_line(server: Standing, phone: dict[str, str], tmp_path: Path) -> None:
    node.install()
    taken = shots(tmp_path)
    told_of(taken, server, phone)
    with CuttingProxy(server.port, SEED) as proxy:
        killer = Killer(server, proxy, sum(len(shot.data) for shot in taken))
        killer.start()
        try:
            with ThreadPoolExecutor(4) as pool:
                jobs = [pool.submit(send_with_node, proxy, phone, taken[25:])]
                jobs += [pool.submit(send_with_tuspy, proxy, phone, n, shot) for n, shot in enumerate(taken[:25])]
                for job in jobs:
                    job.result()
        finally:
            killer.over.set()
            killer.join()
    assert killer.kills == KILLS
    every_photo_is_there_once(server, taken)
    no_byte_went_twice(proxy, [len(shot.data) for shot in taken])


def every_photo_is_there_once(server: Standing, taken: list[Shot]) -> None:
    storage = server.house.storage
    with server.house.unit(writing=False) as uow:
        rows = {row.uuid: row for row in uow.session.scalars(select(Evidence))}
        uploads = uow.session.scalars(select(Upload)).all()
        slots = uow.session.scalars(select(EvidenceSlot)).all()
    assert {row.uuid: row.sha256 for row in rows.values()} == {shot.uuid: shot.sha256 for shot in taken}
    for shot in taken:
        assert storage.local_path(shot.sha256).read_bytes() == shot.data
    assert sorted((u.photo_uuid, u.state) for u in uploads) == sorted((shot.uuid, "kept") for shot in taken)
    assert sorted(s.photo_uuid for s in slots) == sorted(rows)
    assert len({s.evidence_id for s in slots if s.evidence_id is not None}) == PHOTOS
    sweep(server.house)  # a server killed between its commit and its tidying leaves pieces nobody waits for
    assert storage.pieces.names() == []


def no_byte_went_twice(proxy: CuttingProxy, sizes: list[int]) -> None:
    """No client began below what it had been told, and what the server took of each photo adds up to its size exactly."""
    rides: dict[str, list[Seen]] = defaultdict(list)
    # A beginning whose answer was lost has no address; what it brought is that of the photo of the same length.
    begun = {
        seen.length: seen.location for seen in proxy.seen if seen.method == "POST" and seen.location and seen.length
    }
    assert len(set(sizes)) == PHOTOS
    for seen in proxy.seen:
        rides[seen.path if seen.path != PLACE else seen.location or begun.get(seen.length, "")].append(seen)
    rides.pop("", None)
    assert len(rides) == PHOTOS
    assert sorted(taken_of(path, found) for path, found in rides.items()) == sorted(sizes)
    assert {seen.deed for seen in proxy.seen} == {"pass", "cut", "deaf", "slow", "again"}
    replayed = [status for seen in proxy.seen if seen.method == "PATCH" for status in seen.replays]
    assert 409 in replayed


def taken_of(path: str, rides: list[Seen]) -> int:
    """How many bytes of one upload the server took, going by the offsets at which it let a client go on.

    A piece that was taken began where the server stood, so the next one tells how much of it had been taken: never more
    than had gone over the line.
    """
    told, stands, over = 0, 0, 0
    for seen in rides:
        if seen.method == "PATCH" and seen.status not in (409, 423):
            assert seen.offset is not None
            assert told <= seen.offset <= stands + over, (path, seen)
            stands, over = seen.offset, seen.passed
        elif seen.method == "POST":
            over = max(over, seen.passed)
        if seen.heard and seen.told_offset is not None:
            assert seen.told_offset <= stands + over, (path, seen)
            told = max(told, seen.told_offset)
    return told


def said(link: HTTPConnection) -> tuple[int, dict[str, str]]:
    reply = link.getresponse()
    reply.read()
    return reply.status, {name.lower(): value for name, value in reply.getheaders()}


def asked(server: Standing, method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    link = HTTPConnection(HOST, server.port, timeout=20)
    link.request(method, path, None, TUS | headers)
    try:
        return said(link)
    finally:
        link.close()


def begun(server: Standing, phone: dict[str, str], length: int) -> str:
    status, headers = asked(server, "POST", PLACE, phone | {"Upload-Length": str(length)})
    assert status == 201
    return headers["location"]


def stands(server: Standing, phone: dict[str, str], place: str) -> int:
    status, headers = asked(server, "HEAD", place, phone)
    assert (status, headers["cache-control"]) == (200, "no-store")
    return int(headers["upload-offset"])


def head_of(place: str, phone: dict[str, str], offset: int, **more: str) -> bytes:
    rows = TUS | phone | {"Host": HOST, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    rows |= {name.replace("_", "-"): value for name, value in more.items()}
    return "\r\n".join([f"PATCH {place} HTTP/1.1", *(f"{k}: {v}" for k, v in rows.items()), "", ""]).encode()


def heard(link: socket.socket) -> bytes:
    """One head."""
    return read_head(link)[0]


def test_a_chunked_piece_waits_for_leave_and_is_taken(server: Standing, phone: dict[str, str]) -> None:
    data = b"\xff\xd8\xff" + bytes(150_000)
    place = begun(server, phone, len(data))
    for offset, end in ((0, 100_000), (100_000, len(data))):
        with socket.create_connection((HOST, server.port), timeout=20) as link:
            link.sendall(head_of(place, phone, offset, Transfer_Encoding="chunked", Expect="100-continue"))
            assert heard(link).startswith(b"HTTP/1.1 100 ")
            for start in range(offset, end, 9_999):
                part = data[start : min(start + 9_999, end)]
                link.sendall(b"%x\r\n%s\r\n" % (len(part), part))
            link.sendall(b"0\r\n\r\n")
            answer = heard(link)
        assert answer.startswith(b"HTTP/1.1 204 ")
        assert b"upload-offset: %d\r\n" % end in answer.lower()
    assert server.house.storage.local_path(sha256(data).hexdigest()).read_bytes() == data


def test_a_refusal_comes_before_the_body_is_sent(server: Standing, phone: dict[str, str]) -> None:
    place = begun(server, phone, 10)
    with socket.create_connection((HOST, server.port), timeout=20) as link:
        link.sendall(head_of(place, phone, 5, Content_Length="5", Expect="100-continue"))
        answer = heard(link)
    assert answer.startswith(b"HTTP/1.1 409 ")
    assert b"upload-offset:" not in answer.lower()


@pytest.mark.parametrize("framing", ["counted", "chunked"])
def test_what_came_before_the_cut_is_kept(server: Standing, phone: dict[str, str], framing: str) -> None:
    place = begun(server, phone, 200_000)
    with socket.create_connection((HOST, server.port), timeout=20) as link:
        if framing == "counted":
            link.sendall(head_of(place, phone, 0, Content_Length="200000") + bytes(90_000))
        else:
            link.sendall(head_of(place, phone, 0, Transfer_Encoding="chunked") + b"%x\r\n" % 200_000 + bytes(90_000))
    deadline = time.monotonic() + 10
    while stands(server, phone, place) != 90_000:  # the question may overtake the piece
        assert time.monotonic() < deadline


def test_a_dead_connection_loses_the_upload_and_can_write_no_more(server: Standing, phone: dict[str, str]) -> None:
    """The old connection is neither closed nor moving; the next one waits no longer than the setting says."""
    place = begun(server, phone, 400_000)
    block = 64 * 1024
    with socket.create_connection((HOST, server.port), timeout=20) as dead:
        dead.sendall(head_of(place, phone, 0, Content_Length="400000") + bytes(block))
        lying = server.house.settings.data / "originals" / "pieces" / place.rsplit("/", 1)[1]
        while not lying.exists() or lying.stat().st_size < block:
            time.sleep(0.005)
        began = time.monotonic()
        offset = stands(server, phone, place)
        assert time.monotonic() - began < server.house.settings.uploads.lock_s + 3
        assert offset == block
        dead.sendall(b"X" * (3 * block))
        assert heard(dead).startswith(b"HTTP/1.1 423 ")
    assert stands(server, phone, place) == block


def peak_kib(server: Standing) -> int:
    """The most memory a worker ever held."""
    told = [Path(f"/proc/{pid}/status").read_text() for pid in server.workers()]
    return max(int(row.split()[1]) for text in told for row in text.splitlines() if row.startswith("VmHWM"))


def test_memory_stays_flat_whatever_the_size(server: Standing, phone: dict[str, str]) -> None:
    def send(size: int) -> int:
        link = HTTPConnection(HOST, server.port, timeout=60)
        headers = TUS | phone | {"Content-Type": "application/offset+octet-stream", "Content-Length": str(size)}
        block = bytes(1024 * 1024)
        link.request(
            "PATCH",
            begun(server, phone, size),
            (block for _ in range(size // len(block))),
            headers | {"Upload-Offset": "0"},
        )
        status, told = said(link)
        link.close()
        assert (status, told["upload-offset"]) == (204, str(size))
        return peak_kib(server)

    small, large = send(1024 * 1024), send(LARGE)
    assert large - small < ONCE_KIB
    assert send(2 * LARGE) - large < FLAT_KIB
