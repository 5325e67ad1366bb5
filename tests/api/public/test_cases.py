"""Disclosed cases and public photos over HTTP."""

import hashlib
import json

import pytest
from flask.testing import FlaskClient

from tests.factories.published import Season

API = "/api/v1/public"


def ask(portal: FlaskClient, **query: object) -> dict:
    return portal.get(f"{API}/cases", query_string=query).json


def test_all_cases_newest_first(portal: FlaskClient, season: Season) -> None:
    page = ask(portal)
    assert (page["total"], page["next"]) == (3, None)
    assert [case["number"] for case in page["items"]] == list(reversed(season.cases))


def test_pages_follow_the_cursor(portal: FlaskClient, season: Season) -> None:
    first = ask(portal, limit=2)
    rest = ask(portal, limit=2, after=first["next"])
    assert first["total"] == rest["total"] == 3
    numbers = [case["number"] for case in [*first["items"], *rest["items"]]]
    assert numbers == list(reversed(season.cases))
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "一号混凝土"}, 1),
        ({"q": "混凝土有限公司 惠阳"}, 1),
        ({"q": "示范建筑工程"}, 1),
        ({"q": "罚决字"}, 1),
        ({"q": "没有这个"}, 0),
        ({"q": "%"}, 0),
        ({"region": "441302"}, 1),
        ({"region": "441300"}, 3),
        ({"region": "441302,441303"}, 3),
        ({"region": "330000"}, 0),
        ({"stage": "立案查处"}, 1),
        ({"stage": "立案查处,检查发现"}, 2),
        ({"bulletin": "示市住建通-2026-12号"}, 3),
        ({"bulletin": "别的"}, 0),
    ],
)
def test_questions(portal: FlaskClient, season: Season, query: dict, expected: int) -> None:
    page = ask(portal, **query)
    assert page["total"] == len(page["items"]) == expected


def test_one_case_and_its_check_value(portal: FlaskClient, season: Season) -> None:
    case = portal.get(f"{API}/cases/{season.cases[0]}").json
    told, _ = case.pop("sha256"), case.pop("published_at")
    text = json.dumps(case, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == told
    assert case["bulletin"] == season.slug


def test_a_natural_person_has_a_role_and_no_name(portal: FlaskClient) -> None:
    (case,) = ask(portal, stage="已作处罚决定")["items"]
    assert case["penalties"] == [
        {"party": "混凝土企业", "name": "示范一号混凝土有限公司", "kind": "罚款", "yuan": "120000"},
        {"party": "技术负责人", "name": "", "kind": "罚款", "yuan": "8500"},
    ]


def test_the_public_photo_never_changes(portal: FlaskClient, season: Season) -> None:
    (photo,) = [photo for case in ask(portal)["items"] for photo in case["photos"]]
    assert photo["sha256"] == season.public_photo
    address = f"{API}/photos/{season.public_photo}.jpg"
    reply = portal.get(address)
    assert (reply.mimetype, len(reply.data)) == ("image/jpeg", photo["size"])
    assert hashlib.sha256(reply.data).hexdigest() == season.public_photo
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = portal.get(address, headers={"If-None-Match": reply.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_nothing_but_public_copies_is_served(portal: FlaskClient, season: Season) -> None:
    for digest in (*season.originals, "0" * 64, "..%2F..%2Fx"):
        reply = portal.get(f"{API}/photos/{digest}.jpg")
        assert (reply.status_code, reply.json["code"]) in {(404, "photo-not-found"), (404, "not-found")}


def test_an_unknown_case(portal: FlaskClient) -> None:
    reply = portal.get(f"{API}/cases/nothing")
    assert (reply.status_code, reply.json["code"]) == (404, "case-not-found")
    assert "facts" not in reply.json
