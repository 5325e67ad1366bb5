"""Streamed answers: refusals before the first byte are problems, and nothing stays open afterwards."""

from collections.abc import Iterator

import pytest
from flask import Flask

from server.domain.errors import Conflict
from server.routes.streams import stream, unchanged
from server.uow import House, UnitOfWork


@pytest.fixture
def asked(portal_app: Flask) -> Iterator[Flask]:
    with portal_app.test_request_context("/", headers={"If-None-Match": 'W/"abc"'}):
        yield portal_app


def checked_out(house: House) -> int:
    return house.database.engine.pool.checkedout()  # type: ignore[attr-defined]


def counted(uow: UnitOfWork) -> Iterator[bytes]:
    uow.session.connection()
    for place in range(3):
        yield str(place).encode()


def refused(uow: UnitOfWork) -> Iterator[bytes]:
    uow.session.connection()
    raise Conflict("x", "不行")
    yield b""


def test_the_unit_is_open_while_it_streams_and_closed_at_the_end(asked: Flask, portal_house: House) -> None:
    reply = stream(counted, media_type="text/csv")
    assert checked_out(portal_house) == 1
    assert b"".join(reply.response) == b"012"
    assert checked_out(portal_house) == 0


def test_an_answer_nobody_reads_is_closed_too(asked: Flask, portal_house: House) -> None:
    reply = stream(counted, media_type="text/csv")
    reply.close()
    assert checked_out(portal_house) == 0


def test_a_refusal_before_the_first_byte_is_raised(asked: Flask, portal_house: House) -> None:
    with pytest.raises(Conflict):
        stream(refused, media_type="text/csv")
    assert checked_out(portal_house) == 0


def test_an_empty_answer(asked: Flask) -> None:
    assert b"".join(stream(lambda _: iter(()), media_type="text/csv").response) == b""


def test_headers(asked: Flask) -> None:
    reply = stream(counted, media_type="application/geo+json", token="abc", name="案例.json")
    assert reply.headers["Content-Type"] == "application/geo+json"
    assert reply.headers["ETag"] == 'W/"abc"'
    assert reply.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E6%A1%88%E4%BE%8B.json"
    reply.close()


def test_unchanged_answers_only_its_own_token(asked: Flask) -> None:
    same = unchanged("abc")
    assert same is not None
    assert same.status_code == 304
    assert unchanged("abd") is None
