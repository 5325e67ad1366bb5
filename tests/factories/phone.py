"""手机应用的浏览器测试：一间有任务的房，和门前一个会出岔子的开关。"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from server.domain.checklists import Checklist, Item, PhotoDemand
from server.domain.permissions import SYSTEM
from server.models.assignments import Assignment, AssignmentStep
from server.models.checks import Check
from server.models.evidence import Evidence
from server.models.subjects import Subject
from server.models.uploads import Upload
from server.models.users import Device
from server.services import checklists
from server.uow import House
from tests.factories.assignments import hand_out
from tests.factories.console import Room, serving
from tests.factories.plans import add_batch
from tests.factories.world import World, published_checklists
from tests.people import ZHENHAI

SHORT, LONG = "PHN", "BIG"
MANY = 200
LONG_SITE = f"{ZHENHAI}示例住宅1号"
PATIENCE_S = 20.0
UPLOADS = "/api/v1/field/uploads"
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def _only(item: Item, code: str, photos: int) -> Item:
    return replace(item, code=code, photos=PhotoDemand(photos))


def short_checklist() -> Checklist:
    """Two judgements and one measured height: enough to seal, quick to fill in."""
    res = published_checklists()["RES"]
    first = [("RES-01-03", 2), ("RES-01-02", 0), ("RES-03-03", 0)]
    items = tuple(_only(res.item(code), f"{SHORT}-01-{n:02d}", photos) for n, (code, photos) in enumerate(first, 1))
    section = replace(res.sections[0], no="01", name="短表", items=items)
    return replace(res, code=SHORT, title="手机短表（示例）", sections=(section,))


def long_checklist() -> Checklist:
    """Two hundred items of every kind on one page."""
    res = published_checklists()["RES"]
    found = [i for s in res.sections for i in s.items]
    items = tuple(_only(item, f"{LONG}-01-{n:03d}", 0) for n, item in enumerate(islice(cycle(found), MANY), 1))
    section = replace(res.sections[0], no="01", name="长表", items=items)
    return replace(res, code=LONG, title="手机长表（示例）", sections=(section,))


@dataclass
class Fault:
    """What happens to requests of one kind, `times` times after letting `skip` of them pass.

    `busy` answers 503; `lost` lets it be done and hangs up; `hold` waits for `release` and hangs up without letting it be
    done; `held` lets it be done, waits and then hangs up.
    """

    method: str
    path: str
    act: str
    times: int = 1
    skip: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def takes(self, method: str, path: str) -> bool:
        if method != self.method or not re.search(self.path, path) or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass(frozen=True)
class Call:
    """One request that the application answered."""

    method: str
    path: str
    status: int
    sent: int
    begin: int
    end: int


class Switch:
    """Stands before the application: counts what it answers, and makes trouble when told."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.down = False
        self.release_no = 1
        self._lock = threading.Lock()

    def trouble(self, method: str, path: str, act: str, **more: int) -> Fault:
        fault = Fault(method, path, act, **more)
        self.faults.append(fault)
        return fault

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if "werkzeug.socket" not in environ:
            return self.app(environ, start_response)
        if self.down:
            self._hang_up(environ)
        with self._lock:
            method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
            fault = next((f for f in self.faults if f.takes(method, path)), None)
        if fault is None:
            return self._pass(environ, start_response)
        return self._fail(fault, environ, start_response)

    def _fail(self, fault: Fault, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if fault.act in ("busy", "hold"):
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if fault.act == "busy":
            start_response("503 Service Unavailable", [("Content-Length", "0"), ("Retry-After", "1")])
            return [b""]
        if fault.act in ("lost", "held"):
            self._pass(environ, lambda *_: None)
        if fault.act in ("hold", "held"):
            fault.reached.set()
            assert fault.release.wait(PATIENCE_S), "没有人放行"
        self._hang_up(environ)
        raise AssertionError("挂断之后不会回来")

    def _pass(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        told: dict[str, Any] = {}
        if self._of_release(environ):
            environ = {k: v for k, v in environ.items() if k not in ("HTTP_IF_NONE_MATCH", "HTTP_ACCEPT_ENCODING")}

        def hear(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            told.update(status=int(status[:3]), headers={k.lower(): v for k, v in headers})
            return start_response(status, self._newer(environ, headers), *more)

        found = self.app(environ, hear)
        body = b"".join(found)
        if hasattr(found, "close"):
            found.close()
        begin = int(environ.get("HTTP_UPLOAD_OFFSET", 0))
        end = int(told["headers"].get("upload-offset", begin))
        call = environ["REQUEST_METHOD"], environ["PATH_INFO"], told["status"], int(environ.get("CONTENT_LENGTH") or 0)
        with self._lock:
            self.calls.append(Call(*call, begin, end))
        return [self._renew(environ, body)]

    def _of_release(self, environ: Environ) -> bool:
        return self.release_no > 1 and environ["PATH_INFO"] in ("/app/", "/app/sw.js")

    def _newer(self, environ: Environ, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """A later release has other bytes, so neither length nor tag of the first."""
        changed = ("content-length", "etag") if self._of_release(environ) else ()
        return [(name, value) for name, value in headers if name.lower() not in changed]

    def _renew(self, environ: Environ, body: bytes) -> bytes:
        """The page and the worker of a later release: another build name, and a mark to be seen by."""
        if not self._of_release(environ):
            return body
        again = str(self.release_no).encode()
        body = re.sub(rb"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])", again.zfill(16), body)
        return body.replace(b"<head>", b'<head><meta name="release" content="' + again + b'">')

    @staticmethod
    def _hang_up(environ: Environ) -> None:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError


@dataclass
class PhoneRoom:
    """The room, the switch before its door, and the sites that 林 and 周 have to visit."""

    room: Room
    switch: Switch
    sites: Iterator[str]

    @property
    def url(self) -> str:
        return self.room.url

    @property
    def house(self) -> House:
        return self.room.desk.house

    def fresh(self) -> str:
        """The name of a site that no other test goes to."""
        return f"镇海示例住宅{next(self.sites)}"

    def check(self, check: UUID) -> Check | None:
        with self.house.unit(SYSTEM) as uow:
            return uow.session.scalars(select(Check).where(Check.uuid == check)).one_or_none()

    def photos(self, check: UUID) -> list[Evidence]:
        """Photos of a check as the server keeps them."""
        with self.house.unit(SYSTEM) as uow:
            return list(uow.session.scalars(select(Evidence).where(Evidence.check_uuid == check)))

    def photo(self, photo: UUID) -> Evidence:
        with self.house.unit(SYSTEM) as uow:
            return uow.session.scalars(select(Evidence).where(Evidence.uuid == photo)).one()

    def steps(self, site: str) -> list[AssignmentStep]:
        """What was done with the task on a site, oldest first."""
        wanted = select(AssignmentStep).join(Assignment).join(Subject).where(Subject.name == site)
        with self.house.unit(SYSTEM) as uow:
            return list(uow.session.scalars(wanted.order_by(AssignmentStep.id)))

    def upload_path(self, photo: UUID) -> str:
        with self.house.unit(SYSTEM) as uow:
            found = uow.session.scalars(select(Upload.uuid).where(Upload.photo_uuid == photo)).one()
        return f"{UPLOADS}/{found}"

    def stored_bytes(self, photo: Evidence) -> bytes:
        with self.house.storage.open(photo.sha256) as file:
            return bytes(file.read())

    def accepted(self, photo: UUID) -> list[tuple[int, int]]:
        """Byte ranges of a photo that the server took, in order."""
        path = self.upload_path(photo)
        pieces = [(c.begin, c.end) for c in self.switch.calls if c.method == "PATCH" and c.path == path]
        return [piece for piece in pieces if piece[1] > piece[0]]

    def expire_tokens(self) -> None:
        """Every sign-in of 林 so far has run out."""
        with self.house.unit(SYSTEM) as uow:
            uow.session.execute(update(Device).values(expires_at=uow.now - timedelta(seconds=1)))


@contextmanager
def phone_room(folder: Path) -> Iterator[PhoneRoom]:
    """A server with the phone app, and a task on every site of the season."""
    with serving(folder) as room:
        desk = room.desk
        with desk.house.unit(SYSTEM) as uow:
            for checklist in (short_checklist(), long_checklist()):
                checklists.publish_checklist(uow, checklist)
        hand_out_tasks(desk.house, desk.world, room)
        switch = Switch(desk.app.wsgi_app)
        desk.app.wsgi_app = switch  # type: ignore[method-assign]
        yield PhoneRoom(room, switch, iter(room.season.subjects))


def hand_out_tasks(house: House, world: World, room: Room) -> None:
    """The short checklist on every site of the season, the long one on `LONG_SITE`."""
    crew = [world.officers["lin"], world.officers["zhou"]]
    short = add_batch(house, room.season, checklists=[SHORT])
    hand_out(house, short, "330211-2026-0001-1", list(room.season.subjects.values()), crew, due=30)
    long = add_batch(house, room.season, checklists=[LONG])
    hand_out(house, long, "330211-2026-0002-1", [world.subjects[f"site1.{ZHENHAI}"]], crew, due=30)
