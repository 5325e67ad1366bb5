"""通报的 Markdown 文本：供存档比对、邮件和转排。"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from server.domain.bulletins import Block, Bulletin, Figure, Paragraph, Run, Table, Text
from server.domain.wording import chinese_date
from server.formats.bulletin_links import Link, no_links

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
_LINE_START = re.compile(r"^(\s*)([+\-]|\d+[.)])(\s)")


@dataclass(frozen=True, slots=True)
class _Page:
    figures: Mapping[str, Figure]
    link: Link


def render_markdown(bulletin: Bulletin, *, link: Link = no_links, number: str = "") -> str:
    """Return the bulletin as CommonMark with pipe tables; figures are links where `link` gives an address."""
    return "\n\n".join(_parts(bulletin, link, number)) + "\n"


def _parts(bulletin: Bulletin, link: Link, number: str) -> Iterator[str]:
    page = _Page({figure.id: figure for figure in bulletin.figures}, link)
    yield f"# {escape_markdown(bulletin.title)}"
    if number:
        yield escape_markdown(number)
    if bulletin.recipients:
        yield escape_markdown("、".join(bulletin.recipients)) + "："
    for paragraph in bulletin.lead:
        yield _show(page, paragraph.runs)
    for section in bulletin.sections:
        yield f"## {escape_markdown(section.heading)}"
        for block in section.blocks:
            yield _block(page, block)
    for place, attachment in enumerate(bulletin.attachments, 1):
        yield f"附件{place}：{escape_markdown(attachment.caption)}"
    yield f"{escape_markdown(bulletin.issuer)}  \n{chinese_date(bulletin.dated_on)}"
    if bulletin.publicity:
        yield f"（{escape_markdown(bulletin.publicity)}）"
    for place, attachment in enumerate(bulletin.attachments, 1):
        yield f"## 附件{place}"
        yield _table(page, attachment)


def _block(page: _Page, block: Block) -> str:
    if isinstance(block, Table):
        return _table(page, block)
    return _paragraph(page, block)


def _paragraph(page: _Page, paragraph: Paragraph) -> str:
    text = _show(page, paragraph.runs)
    return f"### {text}" if paragraph.role in {"heading2", "case_title"} else text


def _table(page: _Page, table: Table) -> str:
    lines = [_line(map(escape_markdown, table.columns)), _line("---" for _ in table.columns)]
    lines += [_line(_show(page, cell) for cell in row) for row in table.rows]
    return f"**{escape_markdown(table.caption)}**\n\n" + "\n".join(lines)


def _line(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _show(page: _Page, runs: tuple[Run, ...]) -> str:
    return "".join(_run(page, run) for run in runs)


def _run(page: _Page, run: Run) -> str:
    if isinstance(run, Text):
        return escape_markdown(run.text)
    figure = page.figures[run.figure]
    address = page.link(figure)
    text = escape_markdown(figure.text)
    return f"[{text}]({address})" if address else text


def escape_markdown(text: str) -> str:
    """Return text that Markdown shows as written, on one line."""
    flat = " ".join(text.split("\n")) if "\n" in text else text
    return _LINE_START.sub(r"\1\\\2\3", _SPECIAL.sub(r"\\\1", flat))
