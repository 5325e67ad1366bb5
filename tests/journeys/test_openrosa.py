"""Collect 对真的服务器：分块的正文、先问后发、断在半路、太大、没有令牌；提交当中杀几次，说过“收到”的一份不少。"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import func, select

from server.models.openrosa import Submission, SubmissionFile
from server.models.users import User
from server.services import odk_forms, odk_keys
from tests.factories.checks import made_id
from tests.factories.submissions import BOUNDARY, multipart, submission_xml
from tests.journeys.harness import HOST
from tests.journeys.standing import Standing, standing

RECORDS, PHONES, KILLS = 40, 4, 3
TRIES, PAUSE_S = 400, 0.05
#: Above what a JSON body may be.
LIMIT = 12 * 1024 * 1024
KIND = f"multipart/form-data; boundary={BOUNDARY}"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    folder = tmp_path_factory.mktemp("collect") / "data"
    with standing(folder, ZHIJIAN_UPLOADS__MAX_PHOTO_BYTES=str(LIMIT)) as made:
        yield made


@pytest.fixture(scope="module")
def place(server: Standing) -> str:
    """The path Collect posts to, from a new key."""
    with server.house.unit() as uow:
        odk_forms.ensure_forms(uow)
        user = uow.session.scalars(select(User).where(User.login == "lin")).one()
        url = odk_keys.make_key(uow, user, "示例平板").url(f"http://{HOST}")
    return f"{urlsplit(url).path}/submission"


def body_of(server: Standing, instance: UUID, data: bytes) -> bytes:
    return multipart(submission_xml(server.world, instance, ["照片.jpg"]), [("照片.jpg", data)])


def line_to(server: Standing) -> socket.socket:
    return socket.create_connection((HOST, server.port), timeout=20)


def answer(line: socket.socket) -> bytes:
    said = b""
    while piece := line.recv(65536):
        said += piece
    return said


def head(place: str, *more: str) -> bytes:
    lines = [f"POST {place} HTTP/1.1", f"Host: {HOST}", f"Content-Type: {KIND}", "X-OpenRosa-Version: 1.0", *more]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


def stored(server: Standing, instance: UUID) -> list[str]:
    """Digests of the files held for a record."""
    wanted = (
        select(SubmissionFile.sha256)
        .join(Submission, Submission.id == SubmissionFile.submission_id)
        .where(Submission.instance_id == f"uuid:{instance}")
    )
    with server.house.unit(writing=False) as uow:
        return list(uow.session.scalars(wanted))


def known(server: Standing, *instances: UUID) -> int:
    wanted = select(func.count()).where(Submission.instance_id.in_([f"uuid:{i}" for i in instances]))
    with server.house.unit(writing=False) as uow:
        return uow.session.scalar(wanted) or 0


def test_a_chunked_body_that_waits_to_be_asked_is_taken(server: Standing, place: str) -> None:
    instance, data = made_id("chunked"), os.urandom(300_000)
    body = body_of(server, instance, data)
    with line_to(server) as line:
        line.sendall(head(place, "Transfer-Encoding: chunked", "Expect: 100-continue"))
        assert line.recv(1024).startswith(b"HTTP/1.1 100")
        for start in range(0, len(body), 70_001):
            piece = body[start : start + 70_001]
            line.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        line.sendall(b"0\r\n\r\n")
        said = answer(line)
    assert said.startswith(b"HTTP/1.1 201")
    assert "已收全".encode() in said
    assert stored(server, instance) == [sha256(data).hexdigest()]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_cut_off_leaves_nothing_and_the_whole_one_is_taken(server: Standing, place: str, chunked: bool) -> None:
    instance, data = made_id("cut", chunked), os.urandom(400_000)
    body = body_of(server, instance, data)
    with line_to(server) as line:
        if chunked:
            line.sendall(head(place, "Transfer-Encoding: chunked") + f"{len(body):x}\r\n".encode() + body[:200_000])
        else:
            line.sendall(head(place, f"Content-Length: {len(body)}") + body[:200_000])
    assert settled(server) == []
    assert known(server, instance) == 0
    assert post(server, place, body) == 201
    assert stored(server, instance) == [sha256(data).hexdigest()]


def settled(server: Standing) -> list[str]:
    """Pieces of bodies still lying about, once the server has had time to notice."""
    folder = server.house.settings.data / "originals" / "incoming"
    deadline = time.monotonic() + 10
    while (left := [path.name for path in folder.rglob("*") if path.is_file()]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def test_a_file_over_the_limit_is_refused_in_words_the_phone_can_read(server: Standing, place: str) -> None:
    instance = made_id("large")
    with closing(HTTPConnection(HOST, server.port, timeout=20)) as link:
        link.request("POST", place, body_of(server, instance, os.urandom(LIMIT + 1)), {"Content-Type": KIND})
        reply = link.getresponse()
        assert reply.status == 413
        assert reply.headers["X-OpenRosa-Version"] == "1.0"
        assert b"OpenRosaResponse" in reply.read()
    assert known(server, instance) == 0
    assert settled(server) == []


def test_one_large_file_is_welcome_whatever_batch_was_advised(server: Standing, place: str) -> None:
    instance, data = made_id("welcome"), os.urandom(LIMIT)
    assert post(server, place, body_of(server, instance, data)) == 201
    assert stored(server, instance) == [sha256(data).hexdigest()]


def test_a_taken_back_key_is_told_so_even_with_a_large_body(server: Standing, place: str) -> None:
    body = body_of(server, made_id("keyless"), os.urandom(LIMIT))
    with closing(HTTPConnection(HOST, server.port, timeout=20)) as link:
        link.request("POST", place.replace("/key/", "/key/x"), body, {"Content-Type": KIND})
        reply = link.getresponse()
        assert reply.status == 403
        assert "新的二维码" in reply.read().decode()


def post(server: Standing, place: str, body: bytes) -> int:
    """The status, 0 when the line broke."""
    link = HTTPConnection(HOST, server.port, timeout=20)
    try:
        link.request("POST", place, body, {"Content-Type": KIND, "X-OpenRosa-Version": "1.0"})
        reply = link.getresponse()
        reply.read()
        return reply.status
    except (OSError, HTTPException):
        return 0
    finally:
        link.close()


def test_killed_while_records_arrive_it_keeps_each_it_acknowledged_once(server: Standing, place: str) -> None:
    data = {made_id("killed", n): os.urandom(60_000) for n in range(RECORDS)}
    done, attempts, lost = [], [], []

    def send(instance: UUID) -> None:
        body = body_of(server, instance, data[instance])
        for _ in range(TRIES):
            attempts.append(instance)
            if post(server, place, body) == 201:
                done.append(instance)
                return
            time.sleep(PAUSE_S)
        raise AssertionError(f"{instance} 没有交成")

    def kill() -> None:
        for n in range(1, KILLS + 1):
            while len(done) < n * RECORDS // (KILLS + 1):
                time.sleep(0.002)
            said = list(done)
            server.kill()
            server.start()
            lost.extend(i for i in said if not stored(server, i))

    killer = threading.Thread(target=kill)
    killer.start()
    with ThreadPoolExecutor(PHONES) as pool:
        list(pool.map(send, data))
    killer.join()
    assert lost == []
    assert known(server, *data) == RECORDS
    assert len(attempts) >= RECORDS
    for instance, bytes_sent in data.items():
        digest = sha256(bytes_sent).hexdigest()
        assert stored(server, instance) == [digest]
        assert server.house.storage.local_path(digest).read_bytes() == bytes_sent
