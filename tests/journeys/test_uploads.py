"""五十张照片经过一条坏线路，服务器被杀五次：摘要一个不差，没有一个字节收两遍，没有一个应有照片重两张。"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection
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
from tests.journeys.cutting_proxy import HOST, CuttingProxy, Seen
from tests.journeys.standing import Standing, standing
from tests.uploads import node

PHOTOS, KILLS, SEED = 50, 5, 4
TRIES, PAUSE_S = 400, 0.05
PLACE = "/api/v1/field/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
LARGE = 100 * 1024 * 1024
#: Reading in pieces costs a worker a few megabytes once, whatever the size of the photo.
FLAT_KIB = 16 * 1024

pytestmark = pytest.mark.slow


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
                str(shot.path), client=client, url=url, metadata=shot.notes, retries=3, retry_delay=PAUSE_S, **checked
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


def test_fifty_photos_over_a_bad_line(tmp_path: Path) -> None:
    node.install()
    taken = shots(tmp_path)
    with standing(tmp_path / "data") as server:
        headers = server.sign_in()
        told_of(taken, server, headers)
        with CuttingProxy(server.port, SEED) as proxy:
            killer = Killer(server, proxy, sum(len(shot.data) for shot in taken))
            killer.start()
            try:
                with ThreadPoolExecutor(4) as pool:
                    jobs = [pool.submit(send_with_node, proxy, headers, taken[25:])]
                    jobs += [pool.submit(send_with_tuspy, proxy, headers, n, shot) for n, shot in enumerate(taken[:25])]
                    for job in jobs:
                        job.result()
            finally:
                killer.over.set()
                killer.join()
        assert killer.kills == KILLS
        every_photo_is_there_once(server, taken)
        no_byte_went_twice(proxy, {shot.sha256: len(shot.data) for shot in taken})


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
    assert storage.pieces.names() == []


def no_byte_went_twice(proxy: CuttingProxy, sizes: dict[str, int]) -> None:
    """No client began below what it had been told; the server took every byte of every photo exactly once."""
    rides: dict[str, list[Seen]] = defaultdict(list)
    for seen in proxy.seen:
        rides[seen.path if seen.path != PLACE else str(seen.location)].append(seen)
    rides.pop("None", None)
    told = {path: list(found) for path, found in rides.items() if path.startswith(f"{PLACE}/")}
    assert len(told) == PHOTOS
    for path, found in told.items():
        known = 0
        for seen in found:
            if seen.method == "PATCH" and seen.status != 409:
                assert seen.offset is not None
                assert seen.offset >= known, (path, seen)
            if seen.heard and seen.told_offset is not None:
                known = max(known, seen.told_offset)
        assert known in sizes.values()
    replays = [status for seen in proxy.seen for status in seen.replays]
    assert replays
    assert {s.deed for s in proxy.seen} == {"pass", "cut", "deaf", "slow", "again"}
