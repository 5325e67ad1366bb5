"""The official page: escaped, linked, no inline style or script, unbroken structure."""

from dataclasses import replace
from html.parser import HTMLParser

from server.domain.bulletin_composition import compose
from server.formats.bulletin_html import SitePage, render_html
from server.formats.bulletin_links import answer_narrowing, console_links, public_links
from tests.factories.bulletins import season

BULLETIN = compose(season())
VOID = {"meta", "link"}


class Page(HTMLParser):
    """Collects tags, attributes and text; asserts that elements nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_every_figure_links_to_its_records_on_the_console() -> None:
    page = Page(render_html(BULLETIN, link=console_links("/console/bulletins/b/figures/")))
    addresses = {attrs["href"] for tag, attrs in page.tags if tag == "a" and attrs.get("class") == "figure"}
    assert addresses == {f"/console/bulletins/b/figures/{figure.id}" for figure in BULLETIN.figures}


def test_the_public_page_links_only_figures_that_count_answers() -> None:
    page = Page(render_html(BULLETIN, link=public_links("/r")))
    linked = {attrs["href"] for tag, attrs in page.tags if tag == "a" and attrs.get("class") == "figure"}
    answers = [figure for figure in BULLETIN.figures if answer_narrowing(figure) is not None]
    assert answers
    assert len(answers) < len(BULLETIN.figures)
    assert linked == {public_links("/r")(figure) for figure in answers}


def test_the_site_stands_around_the_sheet_and_only_when_asked_for() -> None:
    plain = render_html(BULLETIN)
    site = SitePage(("首页", "/"), [("逐条记录", "/b/records")], [("校验值", "ab12")])
    page = Page(render_html(BULLETIN, site=site))
    addresses = [attrs["href"] for tag, attrs in page.tags if tag == "a"][:3]
    assert addresses == ["#sheet", "/", "/b/records"]
    assert "ab12" in page.words
    assert "main" not in {tag for tag, _ in Page(plain).tags}


def test_no_inline_style_script_or_foreign_address() -> None:
    text = render_html(BULLETIN, link=console_links("/f"))
    page = Page(text)
    assert not any("style" in attrs or tag in {"script", "style", "img"} for tag, attrs in page.tags)
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert "http" not in text
    assert ("link", {"rel": "stylesheet", "href": "/static/bulletin.css"}) in page.tags


def test_everything_is_escaped() -> None:
    hostile = replace(BULLETIN, title="<script>alert(1)</script>", issuer='"><b>', recipients=("<i>",))
    page = Page(render_html(hostile, number="<u>"))
    assert not {"script", "b", "i", "u"} & {tag for tag, _ in page.tags}
    assert "<script>alert(1)</script>" in page.words


def test_the_parts_of_an_official_document_are_there_in_order() -> None:
    text = "".join(Page(render_html(BULLETIN, number="示市住建通〔2026〕12号", status="拟稿")).words)
    parts = [
        "拟稿",
        "示范市住房和城乡建设局",
        "示市住建通〔2026〕12号",
        "各县（区）住房和城乡建设局、各有关企业：",
        "一、总体情况",
        "五、工作要求",
        "附件：",
        "2026年10月12日",
        "（此件公开发布）",
        "附件1",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_wide_attachments_lie_sideways() -> None:
    page = Page(render_html(BULLETIN))
    sheets = [attrs["class"] for tag, attrs in page.tags if tag == "section" and "sheet" in str(attrs["class"])]
    assert sheets == ["sheet attachment landscape", "sheet attachment"]


def test_the_same_bulletin_gives_the_same_page() -> None:
    assert render_html(BULLETIN) == render_html(compose(season()))


def test_every_class_used_has_a_rule() -> None:
    from pathlib import Path

    style = (Path(__file__).parents[4] / "server/static/bulletin.css").read_text(encoding="utf-8")
    used = {
        name
        for _, attrs in Page(render_html(BULLETIN, number="x", status="y")).tags
        for name in str(attrs.get("class") or "").split()
    }
    assert {name for name in used if f".{name}" not in style} <= {
        "part",
        "recipients",
        "signed-by",
        "signed-on",
    }
