"""不怀好意的正文：再怪也只得到一份问题说明，从不是 500，也从不存下半截。"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from tests.api.desk import Desk
from tests.factories.checks import Document, check_body
from tests.factories.world import World

JSON = {"Content-Type": "application/json"}


def send(desk: Desk, raw: bytes, headers: dict[str, str] = JSON) -> TestResponse:
    return desk.phone("lin").put(f"/checks/{uuid4()}", data=raw, headers=headers)


def is_refused(reply: TestResponse, *statuses: int) -> None:
    assert reply.status_code in (statuses or (400, 413, 415, 422)), reply.text[:300]
    assert reply.mimetype == "application/problem+json"
    assert reply.get_json()["code"]


def with_value(body: Document, path: tuple[Any, ...], value: Any) -> bytes:
    changed = deepcopy(body)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(changed).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"3",
        b'"text"',
        b"\xff\xfe\x00",
        b'{"a":1,"a":2}',
        b"NaN",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 5_000 + b"]" * 5_000,
        b'{"answers":' + b"[" * 900 + b"]" * 900 + b"}",
        b"1e999999",
        b"9" * 10_000,
        b'"\\ud800"',
        b'{"\\ud800":1}',
        b'{"a":"\\u0000"}',
    ],
)
def test_no_body_brings_the_house_down(desk: Desk, raw: bytes) -> None:
    is_refused(send(desk, raw))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("fix", "longitude"), float("nan")),
        (("fix", "latitude"), float("inf")),
        (("fix", "longitude"), 1e308),
        (("fix", "longitude"), "121.7"),
        (("fix", "accuracy_m"), float("-inf")),
        (("fix", "accuracy_m"), 10**400),
        (("fix", "datum"), "mars"),
        (("remarks",), "\ud800"),
        (("remarks",), "a\u0000b"),
        (("remarks",), "字" * 4001),
        (("remarks",), 5),
        (("remarks",), {"a": 1}),
        (("representative", "name"), "\udfff"),
        (("representative", "opinion"), "\u0000"),
        (("answers", 0, "value"), "NaN"),
        (("answers", 0, "value"), "1e999999999"),
        (("answers", 0, "value"), "9" * 5000),
        (("answers", 0, "value"), True),
        (("answers", 0, "text"), "\u0000"),
        (("answers", 0, "text"), "\ud83d"),
        (("answers", 0, "note"), "x\u0000"),
        (("answers", 0, "inputs"), {"grade": "\ud800"}),
        (("answers", 0, "inputs"), {"grade": "\u0000"}),
        (("answers", 0, "inputs"), {"\ud800": 1}),
        (("answers", 0, "inputs"), {"a b": 1}),
        (("answers", 0, "count"), 1.5),
        (("answers", 0, "count"), 10**30),
        (("answers", 0, "groups"), [{"sample_no": "\u0000"}]),
        (("answers", 0, "choice"), "\ud800"),
        (("answers", 0, "photos"), ["no"]),
        (("answers", 0, "photos"), [str(uuid4())] * 5000),
        (("answers", 0, "readings"), [float("nan")]),
        (("answers",), []),
        (("answers",), [{}] * 401),
        (("answers",), {"0": {}}),
        (("officers",), "lin"),
        (("officers",), [None]),
        (("started_at",), "2026-09-18T09:00:00"),
        (("started_at",), 1789700000),
        (("started_at",), "0001-01-01T00:00:00+14:00"),
        (("started_at",), "9999-12-31T23:59:59-14:00"),
        (("started_at",), "2026-09-18T09:00:00+99:99"),
        (("subject",), "1" * 36),
        (("subject",), 7),
        (("checklist",), None),
        (("checklist", "code"), "RMC\u0000"),
        (("unknown",), 1),
        (("fix", "unknown"), 1),
    ],
)
def test_no_value_brings_the_house_down(desk: Desk, world: World, path: tuple[Any, ...], value: Any) -> None:
    is_refused(send(desk, with_value(check_body(world), path, value)), 400, 422)


def test_numbers_json_cannot_carry_exactly_are_refused(desk: Desk, world: World) -> None:
    reply = send(desk, with_value(check_body(world), ("answers", 0, "value"), 2**60 + 1))
    is_refused(reply, 422)


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "image/jpeg", ""],
)
def test_only_json_is_read_as_json(desk: Desk, world: World, media_type: str) -> None:
    is_refused(send(desk, json.dumps(check_body(world)).encode(), {"Content-Type": media_type} if media_type else {}))


def test_more_than_the_limit_is_too_large(desk: Desk) -> None:
    limit = desk.house.settings.uploads.max_json_bytes
    is_refused(send(desk, b'{"remarks":"' + b"x" * limit + b'"}'), 413)


@pytest.mark.parametrize(
    "path", ["/checks/not-a-uuid", "/nothing", "/checks/../../x", "/checks/%00", "/checks/" + "9" * 3000]
)
def test_no_address_brings_the_house_down(desk: Desk, path: str) -> None:
    is_refused(desk.phone("lin").get(path), 404)


def test_method_that_is_not_there(desk: Desk) -> None:
    reply = desk.phone("lin").open("PATCH", f"/checks/{uuid4()}")
    is_refused(reply, 405)
    assert "PUT" in reply.headers["Allow"]


@pytest.mark.parametrize("sent_at", ["yesterday", "2026-09-18", "1e9", "\x00", "2026-09-18T00:00:00"])
def test_odd_sending_times_are_refused(desk: Desk, world: World, sent_at: str) -> None:
    reply = desk.phone("lin").put(f"/checks/{uuid4()}", json=check_body(world), query_string={"sent_at": sent_at})
    is_refused(reply, 422)


def test_phone_clock_a_century_off_is_recorded(desk: Desk, world: World) -> None:
    uuid = uuid4()
    reply = desk.phone("lin").put(
        f"/checks/{uuid}", json=check_body(world), query_string={"sent_at": "2099-01-01T00:00:00Z"}
    )
    assert reply.status_code == 201
    assert desk.console("chen").get(f"/checks/{uuid}").get_json()["clock_offset_s"] > 10**9
