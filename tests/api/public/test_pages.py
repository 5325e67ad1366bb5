"""The portal's pages: complete without script, one h1, landmarks, nothing inline, Shanghai time."""

import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from tests.factories.published import NUMBER, SLUG, Season

VOID = {"meta", "link", "img", "input", "br"}
PAGES = (
    "/",
    "/bulletins",
    f"/bulletins/{SLUG}",
    f"/bulletins/{SLUG}/records",
    "/cases",
    "/cases?q=混凝土&stage=立案查处",
    f"/cases/{SLUG}-1",
    "/open-data",
)


class Page(HTMLParser):
    """Tags with attributes, and text; asserts that elements nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def values(self, tag: str, name: str) -> list[str]:
        return [str(attrs[name]) for found, attrs in self.tags if found == tag and name in attrs]

    def count(self, tag: str) -> int:
        return sum(found == tag for found, _ in self.tags)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_well_built(portal: FlaskClient, address: str) -> None:
    reply = portal.get(address)
    assert (reply.status_code, reply.mimetype) == (200, "text/html")
    page = Page(reply.text)
    assert (page.count("h1"), page.count("main")) == (1, 1)
    assert page.count("nav") >= 1
    assert page.values("html", "lang") == ["zh-CN"]
    assert page.values("a", "href")[0].startswith("#")
    assert not {"script", "style"} & {tag for tag, _ in page.tags}
    assert not any(name == "style" or name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert all("alt" in attrs for tag, attrs in page.tags if tag == "img")
    assert "script-src 'self'" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", PAGES)
def test_no_link_leads_nowhere(portal: FlaskClient, address: str) -> None:
    page = Page(portal.get(address).text)
    links = {link.split("#")[0] for link in (*page.values("a", "href"), *page.values("link", "href"))}
    for link in sorted((links | set(page.values("img", "src"))) - {""}):
        assert link.startswith("/"), link
        with portal.get(link) as reply:
            assert reply.status_code == 200, link


def test_ids_that_pages_point_at_exist(portal: FlaskClient) -> None:
    for address in PAGES:
        page = Page(portal.get(address).text)
        ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
        named = [
            value for tag, attrs in page.tags for value in (attrs.get("aria-labelledby"), attrs.get("for")) if value
        ]
        anchors = [link[1:] for link in page.values("a", "href") if link.startswith("#")]
        assert set(named) | set(anchors) <= ids, address


def test_the_home_page_tells_what_is_published(portal: FlaskClient, season: Season) -> None:
    text = portal.get("/").text
    assert NUMBER in text
    assert f"/cases/{season.cases[0]}" in text
    assert "2026 年 10 月 12 日 09:30" in text


def test_an_empty_portal_says_so(empty_portal: FlaskClient) -> None:
    assert "尚未发布" in empty_portal.get("/").text
    assert "尚未公开案例" in empty_portal.get("/cases").text
    assert "尚未发布通报" in empty_portal.get("/bulletins").text
    assert "文件现在是空的" in empty_portal.get("/open-data").text


def test_a_figure_s_list_says_that_it_agrees(portal: FlaskClient) -> None:
    text = portal.get(f"/bulletins/{SLUG}/records?outcome=conforming,failing&figure=total.checked").text
    assert "与通报所数相符" in text
    other = portal.get(f"/bulletins/{SLUG}/records?outcome=failing&figure=total.checked").text
    assert "通报中的数" not in other


def test_search_and_filters_keep_each_other(portal: FlaskClient) -> None:
    page = Page(portal.get("/cases?q=混凝土").text)
    chosen = [link for link in page.values("a", "href") if "stage=" in link and "q=" in link]
    assert chosen
    assert portal.get("/cases?q=没有这个").text.count("没有找到") == 1
    assert 'value="&lt;b&gt;"' in portal.get("/cases?q=<b>").text


def test_long_lists_turn_pages(portal: FlaskClient) -> None:
    first = Page(portal.get(f"/bulletins/{SLUG}/records?limit=10").text)
    following = next(link for link in first.values("a", "href") if "after=" in link)
    assert "回到第一页" in portal.get(following).text


@pytest.mark.parametrize("accept", ["text/html", "text/html,application/xhtml+xml,*/*;q=0.8"])
def test_a_person_gets_a_page_for_a_problem(portal: FlaskClient, accept: str) -> None:
    reply = portal.get("/cases/nothing", headers={"Accept": accept})
    assert (reply.status_code, reply.mimetype) == (404, "text/html")
    page = Page(reply.text)
    assert page.count("h1") == 1
    assert "没有这个公开案例" in reply.text


@pytest.mark.parametrize(
    ("address", "accept"), [("/cases/nothing", "*/*"), ("/cases/nothing", ""), ("/api/v1/public/cases/x", "text/html")]
)
def test_a_program_gets_a_problem(portal: FlaskClient, address: str, accept: str) -> None:
    reply = portal.get(address, headers={"Accept": accept})
    assert (reply.status_code, reply.mimetype) == (404, "application/problem+json")


def test_a_wrong_page_number_is_explained(portal: FlaskClient) -> None:
    reply = portal.get("/cases?page=x", headers={"Accept": "text/html"})
    assert reply.status_code == 422
    assert "/page" in reply.text
    assert portal.get("/cases?utm_source=mail").status_code == 200


def test_colours_keep_their_contrast() -> None:
    """The pairs of the token file against the ratios that WCAG 2.2 AA asks for."""
    from pathlib import Path

    style = (Path(__file__).parents[3] / "server/static/tokens.css").read_text(encoding="utf-8")
    tokens = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6});", style))

    def light(name: str) -> float:
        text = tokens[name].lstrip("#")
        text = "".join(2 * sign for sign in text) if len(text) == 3 else text
        parts = [int(text[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(first: str, second: str) -> float:
        bright, dark = sorted((light(first), light(second)), reverse=True)
        return (bright + 0.05) / (dark + 0.05)

    text_pairs = [
        ("ink-900", "paper"), ("ink-700", "surface"), ("ink-500", "surface"), ("ink-500", "paper"),
        ("ink-500", "sunken"), ("brand-600", "surface"), ("brand-600", "sunken"), ("surface", "brand-800"),
        ("brand-700", "brand-50"), ("seal-700", "seal-50"), ("warn-700", "warn-50"), ("pass-700", "pass-50"),
        ("na-600", "na-50"), ("ink-900", "gold-300"), ("on-blue", "brand-800"), ("on-blue", "brand-900"),
    ]  # fmt: skip
    assert [pair for pair in text_pairs if contrast(*pair) < 4.5] == []
    assert contrast("line-strong", "surface") >= 3
