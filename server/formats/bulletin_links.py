"""通报中“数”的去处：每个数链接到被计数的记录清单。

The console links every figure to its record list. The public page links the figures that count answers, because those
answers are frozen beside the bulletin one by one; the others keep their definition and have no link.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from server.domain.bulletins import Figure

Link = Callable[[Figure], str | None]
ANSWER_FILTERS = frozenset(
    {
        "region",
        "frame",
        "checklist",
        "section",
        "item",
        "link",
        "outcome",
        "liable",
        "party",
        "subject",
        "checked_on",
    }
)


def console_links(base: str) -> Link:
    """Return links such as `{base}/total.checked`, one for every figure."""
    return lambda figure: f"{base.rstrip('/')}/{quote(figure.id, safe='')}"


def answer_narrowing(figure: Figure) -> dict[str, str] | None:
    """The figure's filter as public query words, or None when the frozen answers cannot say what it counts."""
    narrowing: Mapping[str, Any] = {name: value for name, value in figure.filter.items() if name != "records"}
    if figure.filter.get("records") != "answers" or not set(narrowing) <= ANSWER_FILTERS:
        return None
    return {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in narrowing.items()}


def public_links(base: str) -> Link:
    """Return links such as `{base}?outcome=conforming&region=441302&figure=…` for figures that count answers."""

    def link(figure: Figure) -> str | None:
        narrowing = answer_narrowing(figure)
        if narrowing is None:
            return None
        return f"{base}?{urlencode([*sorted(narrowing.items()), ('figure', figure.id)], safe=',')}"

    return link


def no_links(_figure: Figure) -> None:
    """Link nothing: for archives and paper."""
    return
