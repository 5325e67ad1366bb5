"""通报的网页版式：按 GB/T 9704-2012 的版面数字排成 A4 页。

One HTML document, own style sheet by class names only, no inline style or script; everything is escaped by
Jinja.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from server.domain.bulletins import Bulletin, Paragraph, Run, Text
from server.domain.wording import chinese_date
from server.formats.bulletin_links import Link, no_links

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_WIDE_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class SitePage:
    """What the site shows around the sheet, on screen only: its links (words, address) and lines of facts."""

    home: tuple[str, str]
    links: Sequence[tuple[str, str]] = ()
    facts: Sequence[tuple[str, str]] = ()


def render_html(
    bulletin: Bulletin,
    *,
    link: Link = no_links,
    number: str = "",
    status: str = "",
    stylesheet: str = "/static/bulletin.css",
    site: SitePage | None = None,
) -> str:
    """Return the bulletin as one HTML page.

    `link` gives the address of a figure's record list or None; `number` is the document number once given;
    `status` (拟稿, 送审稿) is shown above the sheet on screen and never printed; so are the links of `site`.
    """
    template = _ENVIRONMENT.get_template("bulletin.html")
    figures = {figure.id: figure for figure in bulletin.figures}
    return template.render(
        bulletin=bulletin,
        figures=figures,
        links={identity: link(figure) for identity, figure in figures.items()},
        number=number,
        status=status,
        stylesheet=stylesheet,
        site=site,
        dated=chinese_date(bulletin.dated_on),
        is_text=_is_text,
        is_paragraph=_is_paragraph,
        is_number=_is_number,
        wide=_WIDE_COLUMNS,
    )


def _is_text(run: Run) -> bool:
    return isinstance(run, Text)


def _is_paragraph(block: object) -> bool:
    return isinstance(block, Paragraph)


def _is_number(cell: tuple[Run, ...]) -> bool:
    """A cell that holds one figure, or a plain ordinal, is set to the right or centre."""
    return len(cell) == 1 and (not isinstance(cell[0], Text) or cell[0].text.isdigit())
