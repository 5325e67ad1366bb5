"""通报的 Markdown 文本：供存档比对、邮件和转排。"""

from __future__ import annotations

import re
from collections.abc import Iterator

from server.domain.bulletins import Block, Bulletin, Paragraph, Run, Table, Text
from server.domain.wording import chinese_date
from server.formats.bulletin_links import Link, no_links

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
_LINE_START = re.compile(r"^(\s*)([+\-]|\d+[.)])(\s)")


def render_markdown(bulletin: Bulletin, *, link: Link = no_links, number: str = "") -> str:
    """Return the bulletin as CommonMark with pipe tables; figures are links where `link` gives an address."""
    return "\n\n".join(_parts(bulletin, link, number)) + "\n"


def _parts(bulletin: Bulletin, link: Link, number: str) -> Iterator[str]:
    yield f"# {escape_markdown(bulletin.title)}"
    if number:
        yield escape_markdown(number)
    if bulletin.recipients:
        yield escape_markdown("、".join(bulletin.recipients)) + "："
    for paragraph in bulletin.lead:
        yield _show(bulletin, paragraph.runs, link)
    for section in bulletin.sections:
        yield f"## {escape_markdown(section.heading)}"
        for block in section.blocks:
            yield _block(bulletin, block, link)
    for place, attachment in enumerate(bulletin.attachments, 1):
        yield f"附件{place}：{escape_markdown(attachment.caption)}"
    yield f"{escape_markdown(bulletin.issuer)}  \n{chinese_date(bulletin.dated_on)}"
    if bulletin.publicity:
        yield f"（{escape_markdown(bulletin.publicity)}）"
    for place, attachment in enumerate(bulletin.attachments, 1):
        yield f"## 附件{place}"
        yield _table(bulletin, attachment, link)


def _block(bulletin: Bulletin, block: Block, link: Link) -> str:
    if isinstance(block, Table):
        return _table(bulletin, block, link)
    return _paragraph(bulletin, block, link)


def _paragraph(bulletin: Bulletin, paragraph: Paragraph, link: Link) -> str:
    text = _show(bulletin, paragraph.runs, link)
    return f"### {text}" if paragraph.role in {"heading2", "case_title"} else text


def _table(bulletin: Bulletin, table: Table, link: Link) -> str:
    lines = [_line(map(escape_markdown, table.columns)), _line("---" for _ in table.columns)]
    lines += [_line(_show(bulletin, cell, link) for cell in row) for row in table.rows]
    return f"**{escape_markdown(table.caption)}**\n\n" + "\n".join(lines)


def _line(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _show(bulletin: Bulletin, runs: tuple[Run, ...], link: Link) -> str:
    return "".join(_run(bulletin, run, link) for run in runs)


def _run(bulletin: Bulletin, run: Run, link: Link) -> str:
    if isinstance(run, Text):
        return escape_markdown(run.text)
    figure = bulletin.figure(run.figure)
    address = link(figure)
    text = escape_markdown(figure.text)
    return f"[{text}]({address})" if address else text


def escape_markdown(text: str) -> str:
    """Return text that Markdown shows as written, on one line."""
    flat = " ".join(text.split("\n")) if "\n" in text else text
    return _LINE_START.sub(r"\1\\\2\3", _SPECIAL.sub(r"\\\1", flat))
