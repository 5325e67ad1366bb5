"""日志：机密从不进去，在地址里的也不。"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import structlog

from server import logs


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is written from here on; the configuration of the other tests comes back afterwards."""
    before = structlog.get_config()
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    logs.configure()
    yield out
    structlog.configure(**before)


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("/odk/v1/key/SECRET-1/projects/330211/formList", "/odk/v1/key/***/projects/330211/formList"),
        (
            "/odk/v1/projects/330211/formList?deviceID=x&st=SECRET-1",
            "/odk/v1/projects/330211/formList?deviceID=x&st=***",
        ),
        ("/api/v1/field/checks/1", "/api/v1/field/checks/1"),
    ],
)
def test_a_key_in_an_address_stays_out(said: io.StringIO, address: str, wanted: str) -> None:
    logs.get("test").info("refused", path=address)
    line = json.loads(said.getvalue())
    assert line["path"] == wanted
    assert line["room"] == "test"


def test_words_that_name_a_secret_are_masked(said: io.StringIO) -> None:
    logs.get("test").info("x", password="SECRET-1", csrf_token="SECRET-1", Authorization="SECRET-1")
    assert "SECRET-1" not in said.getvalue()


def test_a_key_in_a_traceback_stays_out(said: io.StringIO) -> None:
    try:
        raise ValueError("http://a/odk/v1/key/SECRET-1/projects/1")
    except ValueError as error:
        logs.get("test").error("failed", exc_info=error)
    assert "ValueError" in said.getvalue()
    assert "/key/***/projects/1" in said.getvalue()
    assert "SECRET-1" not in said.getvalue()


def test_lines_say_the_request_they_belong_to_and_nothing_of_the_one_before(said: io.StringIO) -> None:
    logs.about(request_id="1", path="/odk/v1/key/SECRET-1/x")
    logs.about_also(actor="林检")
    logs.get("test").info("x")
    logs.about(request_id="2")
    logs.get("test").info("y", request_id="own")
    first, second = map(json.loads, said.getvalue().splitlines())
    assert (first["request_id"], first["actor"], first["path"]) == ("1", "林检", "/odk/v1/key/***/x")
    assert second["request_id"] == "own"
    assert "actor" not in second
