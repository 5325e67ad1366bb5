"""Published bulletins over HTTP: content, check values, and the records behind every linked figure."""

import csv
import hashlib
import html
import io
import json
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.factories.published import NUMBER, SLUG, Season

API = "/api/v1/public/bulletins"
FIGURE = re.compile(r'<a class="figure" href="([^"]+)"[^>]*>([^<]+)</a>')


def figure_links(page: str) -> list[tuple[str, dict[str, str], str]]:
    """(path, query, text) of every figure link on a page."""
    found = []
    for address, text in FIGURE.findall(page):
        parts = urlsplit(html.unescape(address))
        found.append((parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), text))
    return found


def test_the_list_shows_heads_only(portal: FlaskClient) -> None:
    page = portal.get(API).json
    assert page["next"] is None
    assert [line["number"] for line in page["items"]] == [NUMBER]
    assert set(page["items"][0]) == {
        "id", "slug", "kind", "number", "title", "issuer", "dated_on", "published_at", "sha256",
    }  # fmt: skip


def test_anyone_can_redo_the_check_value(portal: FlaskClient) -> None:
    bulletin = portal.get(f"{API}/{SLUG}").json
    told, _ = bulletin.pop("sha256"), bulletin.pop("published_at")
    text = json.dumps(bulletin, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == told
    assert told == portal.get(API).json["items"][0]["sha256"]


def test_html_and_markdown_show_the_same_document(portal: FlaskClient) -> None:
    page, text = portal.get(f"{API}/{SLUG}.html"), portal.get(f"{API}/{SLUG}.md")
    assert (page.mimetype, text.mimetype) == ("text/html", "text/markdown")
    for part in (NUMBER, "一、总体情况", "受检对象及检查结果一览表"):
        assert part in page.text
        assert part in text.text


def test_every_linked_figure_lists_exactly_what_it_counts(portal: FlaskClient) -> None:
    figures = {figure["id"]: figure for figure in portal.get(f"{API}/{SLUG}").json["figures"]}
    links = figure_links(portal.get(f"{API}/{SLUG}.html").text)
    assert len(links) > 60
    seen = set()
    for path, query, text in links:
        figure = figures[query.pop("figure")]
        value = figure["value"]
        seen |= set(query)
        assert path == f"/bulletins/{SLUG}/records" or path.endswith("/records")
        total = portal.get(f"{API}/{SLUG}/records", query_string={**query, "limit": 1}).json["total"]
        assert total == value.get("count", value.get("checked")), (figure["id"], text)
    assert seen == {"outcome", "region", "checklist", "section", "link", "liable", "party", "subject", "checked_on"}


def test_the_pages_of_a_list_are_whole_and_without_repeats(portal: FlaskClient) -> None:
    rows, after, total = [], 0, None
    while after is not None:
        page = portal.get(f"{API}/{SLUG}/records", query_string={"outcome": "failing", "after": after, "limit": 8}).json
        rows += page["items"]
        after, total = page["next"], page["total"]
    assert len(rows) == total == len({(row["check"], row["item"]) for row in rows})
    assert {row["outcome"] for row in rows} == {"failing"}


def test_the_csv_is_the_same_list(portal: FlaskClient) -> None:
    reply = portal.get(f"{API}/{SLUG}/records.csv?outcome=failing&region=441302")
    assert reply.data.startswith(b"\xef\xbb\xbf")
    assert reply.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert b"\r\n" in reply.data
    rows = list(csv.DictReader(io.StringIO(reply.data.decode("utf-8-sig"))))
    total = portal.get(f"{API}/{SLUG}/records?outcome=failing&region=441302").json["total"]
    assert len(rows) == total > 0
    assert {row["结果"] for row in rows} == {"不符合"}
    assert {row["区域"] for row in rows} == {"惠城区"}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("checked_on=x", "/checked_on"), ("limit=0", "/limit"), ("after=-1", "/after")],
)
def test_a_wrong_question_is_named(portal: FlaskClient, query: str, pointer: str) -> None:
    reply = portal.get(f"{API}/{SLUG}/records?{query}")
    assert reply.status_code == 422
    assert [error["pointer"] for error in reply.json["errors"]] == [pointer]


@pytest.mark.parametrize("query", ["party=%25", "party=_", "item=%27--", "liable=", "section="])
def test_signs_in_a_question_are_taken_literally(portal: FlaskClient, query: str) -> None:
    page = portal.get(f"{API}/{SLUG}/records?{query}&limit=200").json
    assert all(row["liable"] == [] for row in page["items"])


@pytest.mark.parametrize("ending", ["", ".html", ".md", "/records", "/records.csv"])
def test_an_unknown_bulletin_is_a_problem_even_for_streams(portal: FlaskClient, ending: str) -> None:
    reply = portal.get(f"{API}/nothing{ending}")
    assert (reply.status_code, reply.mimetype) == (404, "application/problem+json")
    assert reply.json["code"] == "bulletin-not-found"


def test_a_head_request_leaves_nothing_open(portal: FlaskClient, season: Season) -> None:
    reply = portal.head(f"{API}/{season.slug}/records.csv")
    assert (reply.status_code, reply.data) == (200, b"")
    reply.close()
    pool = portal.application.extensions["house"].database.engine.pool
    assert pool.checkedout() == 0
