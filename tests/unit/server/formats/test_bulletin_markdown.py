"""The Markdown text."""

from dataclasses import replace

import pytest

from server.domain.bulletin_composition import compose
from server.formats.bulletin_links import console_links
from server.formats.bulletin_markdown import escape_markdown, render_markdown
from tests.factories.bulletins import season

BULLETIN = compose(season())


def test_headings_tables_and_figures() -> None:
    text = render_markdown(BULLETIN, link=console_links("/f"), number="示市住建通〔2026〕12号")
    assert text.startswith("# 关于2026年第三季度建设工程质量“双随机、一公开”抽查情况的通报\n\n示市住建通")
    assert "符合率[83.0%](/f/total.ratio)" in text
    assert "| 区域 | 受检对象数 | 检查项数 | 符合项数 | 符合率 | 问题条数 |\n| --- |" in text
    assert "## 五、工作要求" in text
    assert "### （一）原材料管理" in text
    assert text.endswith("|\n")


def test_every_figure_shown_is_linked() -> None:
    text = render_markdown(BULLETIN, link=console_links("/f"))
    assert all(f"](/f/{figure.id})" in text for figure in BULLETIN.figures)


def test_without_links_the_numbers_stay() -> None:
    text = render_markdown(replace(BULLETIN, recipients=(), publicity="", attachments=()))
    assert "](" not in text
    assert "符合率83.0%" in text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a|b", "a\\|b"),
        ("*重点*", "\\*重点\\*"),
        ("<b>", "\\<b\\>"),
        ("1. 项", "\\1. 项"),
        ("- 项", "\\- 项"),
        ("第一行\n第二行", "第一行 第二行"),
    ],
)
def test_text_is_shown_as_written(text: str, escaped: str) -> None:
    assert escape_markdown(text) == escaped
