"""通报中“数”的去处：每个数链接到被计数的记录清单。

The console links every figure to its record list. The public page links only figures whose records are
themselves public; the others keep their definition and lose the link.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from server.domain.bulletins import Figure

Link = Callable[[Figure], str | None]
PUBLIC_RECORDS = frozenset({"cases", "penalties"})


def console_links(base: str) -> Link:
    """Return links such as `{base}/total.checked`, one for every figure."""
    return lambda figure: f"{base.rstrip('/')}/{quote(figure.id, safe='')}"


def public_links(base: str) -> Link:
    """Return links for figures that count disclosed records, None for all others."""
    every = console_links(base)
    return lambda figure: every(figure) if figure.filter.get("records") in PUBLIC_RECORDS else None


def no_links(_figure: Figure) -> None:
    """Link nothing: for archives and paper."""
    return
