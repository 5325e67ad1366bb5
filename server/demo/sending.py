"""把检查和照片送出去：几部手机同时送，先后不定，有的送两遍；收讫一份记一份。"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import rfc8785

from server.demo.checks import Photo, Visit
from server.demo.client import Client, Phone
from server.demo.plan import Chance, Plan, mixed

PHONES = 4
REPEATED_PERCENT = 12


class Mismatch(Exception):
    """服务器说收下的与送出的不是同一份。"""


class SentBook:
    """客户端自己的账：每得到一份 2xx 记一行，事后与服务器的账对。"""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()

    def add(self, line: dict[str, Any]) -> None:
        with self._lock, self._path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def read_sent(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Everything acknowledged, once per (kind, id); a photo refused for its content has `refused`."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    if path.is_file():
        for text in path.read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            found[(line["kind"], line["uuid"])] = line
    return found


@dataclass(slots=True)
class Tally:
    """送了多少、重复了多少、重试了多少。"""

    checks: int = 0
    photos: int = 0
    repeats: int = 0
    retries: int = 0
    bytes: int = 0
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, **more: int) -> None:
        with self.lock:
            for name, number in more.items():
                setattr(self, name, getattr(self, name) + number)


def send_check(client: Client, visit: Visit, book: SentBook) -> None:
    """PUT one check; raises Mismatch when the receipt names other content."""
    digest = sha256(rfc8785.dumps(visit.body)).hexdigest()
    query = {"sent_at": datetime.now(UTC).isoformat()}
    reply = client.call("PUT", f"/api/v1/field/checks/{visit.uuid}", content=visit.body, query=query, expect=(200, 201))
    if reply.json()["digest_sha256"] != digest:
        raise Mismatch(f"检查 {visit.uuid} 的收讫摘要与送出的不符")
    line = {"kind": "check", "uuid": str(visit.uuid), "sha256": digest, "number": visit.number}
    book.add(line | {"outcomes": visit.outcomes, "photos": [str(p.uuid) for p in visit.photos]})


def send_photo(client: Client, photo: Photo, visit: Visit, book: SentBook) -> int:
    """PUT one photo; an empty file is refused by the server and noted so. Returns the bytes sent."""
    content = photo.load()
    digest = sha256(content).hexdigest()
    query = {"check": str(visit.uuid), "item": photo.item, "name": photo.name, "sha256": digest}
    headers = {"Content-Type": photo.media_type}
    path = f"/api/v1/field/photos/{photo.uuid}"
    reply = client.call("PUT", path, body=content, query=query, headers=headers, expect=(200, 201))
    if reply.json()["sha256"] != digest:
        raise Mismatch(f"照片 {photo.uuid} 的收讫摘要与送出的不符")
    line = {"kind": "photo", "uuid": str(photo.uuid), "sha256": digest, "size": len(content)}
    book.add(line | {"check": str(visit.uuid), "name": photo.name})
    return len(content)


def send_visit(client: Client, visit: Visit, book: SentBook, chance: Chance, tally: Tally) -> None:
    """The check and its photos in any order, some of them twice."""
    parts: list[Photo | None] = mixed([None, *visit.photos], chance)
    parts += [part for part in parts if chance.percent(REPEATED_PERCENT)]
    for n, part in enumerate(parts):
        again = part in parts[:n]
        if part is None:
            send_check(client, visit, book)
        else:
            tally.count(bytes=send_photo(client, part, visit, book))
        tally.count(
            repeats=int(again), checks=int(part is None and not again), photos=int(part is not None and not again)
        )


def send_season(
    visits: Iterable[Callable[[], Visit]],
    phones: dict[str, Phone],
    book: SentBook,
    plan: Plan,
    watch: Callable[[Tally], None],
) -> Tally:
    """Send every visit over several connections at once; `watch` is called twice a second until all is acknowledged."""
    waiting: queue.SimpleQueue[Callable[[], Visit]] = queue.SimpleQueue()
    for visit in visits:
        waiting.put(visit)
    tally = Tally()
    work = [threading.Thread(target=_work, args=(waiting, phones, book, plan, tally)) for _ in range(PHONES)]
    for thread in work:
        thread.start()
    while any(thread.is_alive() for thread in work):
        watch(tally)
        for thread in work:
            thread.join(0.5 / PHONES)
    return tally


def _work(
    waiting: queue.SimpleQueue[Callable[[], Visit]],
    phones: dict[str, Phone],
    book: SentBook,
    plan: Plan,
    tally: Tally,
) -> None:
    clients: dict[str, Client] = {}
    while not tally.failures:
        try:
            visit = waiting.get_nowait()()
        except queue.Empty:
            break
        client = clients.setdefault(visit.login, phones[visit.login].client())
        try:
            send_visit(client, visit, book, plan.chance("order", visit.number), tally)
        except Exception as error:  # told by the main thread; the others stop
            tally.failures.append(f"第 {visit.number + 1} 次检查没有送成：{error}")
    for client in clients.values():
        tally.count(retries=client.retries)
        client.close()
