"""通报：一棵由段落、表格和“数”组成的树。

Every figure is a `Figure`: what is shown, the counts behind it, its definition in words, and the filter
that lists exactly the records counted. Text runs point at figures by id, so no number stands in a bulletin
without its origin. The canonical bytes are the same for the same data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from server.domain.errors import Invalid
from server.domain.typical_cases import Choice, Component

FORMAT = "bulletin/1"
FilterValue = str | int | list[str]


class BulletinKind(StrEnum):
    """检查情况通报、个案通报、典型案例通报."""

    CHECK_RESULTS = "check_results"
    SINGLE_CASE = "single_case"
    TYPICAL_CASES = "typical_cases"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: `text` as shown, `value` the counts behind it (strings and integers only), its meaning,
    its records.

    `filter` names the kind of records under `records` and narrows the scope of the bulletin.
    """

    id: str
    text: str
    value: Mapping[str, int | str]
    definition: str
    filter: Mapping[str, FilterValue]


@dataclass(frozen=True, slots=True)
class Text:
    """A run of plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class FigureRef:
    """A run that shows one figure."""

    figure: str


Run = Text | FigureRef


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph. `role` is `body`, `heading2`, `case_title` or `note`."""

    runs: tuple[Run, ...]
    role: str = "body"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: a caption, column headings and rows of cells, each cell a tuple of runs."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[Run, ...], ...], ...]


Block = Paragraph | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part such as 一、总体情况; `key` is stable, `heading` holds the Chinese number."""

    key: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Bulletin:
    """The whole document with its figures, the choice of cases explained, and notes for the drafters only."""

    id: str
    kind: BulletinKind
    title: str
    issuer: str
    recipients: tuple[str, ...]
    lead: tuple[Paragraph, ...]
    sections: tuple[Section, ...]
    attachments: tuple[Table, ...]
    dated_on: date
    publicity: str
    snapshot: str
    scope: Mapping[str, FilterValue]
    figures: tuple[Figure, ...]
    selection: tuple[Choice, ...] = ()
    notes: tuple[str, ...] = ()

    def figure(self, identity: str) -> Figure:
        """Return one figure by id (KeyError when there is none)."""
        return {figure.id: figure for figure in self.figures}[identity]

    def record_filter(self, identity: str) -> dict[str, FilterValue]:
        """Return the complete question that lists the records of one figure: scope, narrowed by the
        figure.
        """
        return {**self.scope, **self.figure(identity).filter}

    def runs(self) -> Iterator[Run]:
        """Yield every run in reading order."""
        for paragraph in self.lead:
            yield from paragraph.runs
        for section in self.sections:
            for block in section.blocks:
                yield from _block_runs(block)
        for table in self.attachments:
            yield from _block_runs(table)

    def plain_text(self) -> str:
        """Return title and body as one string, figures shown; used to look for forbidden words."""
        texts = {figure.id: figure.text for figure in self.figures}
        body = "".join(run.text if isinstance(run, Text) else texts[run.figure] for run in self.runs())
        return "\n".join([self.title, *(section.heading for section in self.sections), body])


def _block_runs(block: Block) -> Iterator[Run]:
    if isinstance(block, Paragraph):
        yield from block.runs
        return
    for row in block.rows:
        for cell in row:
            yield from cell


def without_internals(bulletin: Bulletin) -> Bulletin:
    """Return the copy that may be published: no drafting notes, no explanation of the choice of cases."""
    return replace(bulletin, selection=(), notes=())


def canonical_bytes(bulletin: Bulletin) -> bytes:
    """Return the canonical JSON (RFC 8785 on strings, integers, lists and objects with ASCII keys), UTF-8."""
    return json.dumps(to_dict(bulletin), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(bulletin: Bulletin) -> str:
    """Return the SHA-256 of the canonical bytes in lower-case hex."""
    return hashlib.sha256(canonical_bytes(bulletin)).hexdigest()


def to_dict(bulletin: Bulletin) -> dict[str, Any]:
    """Return the bulletin as JSON values: strings, integers, lists and objects."""
    return {
        "format": FORMAT,
        "id": bulletin.id,
        "kind": bulletin.kind.value,
        "title": bulletin.title,
        "issuer": bulletin.issuer,
        "recipients": list(bulletin.recipients),
        "lead": [_block_out(paragraph) for paragraph in bulletin.lead],
        "sections": [
            {
                "key": section.key,
                "heading": section.heading,
                "blocks": [_block_out(b) for b in section.blocks],
            }
            for section in bulletin.sections
        ],
        "attachments": [_block_out(table) for table in bulletin.attachments],
        "dated_on": bulletin.dated_on.isoformat(),
        "publicity": bulletin.publicity,
        "snapshot": bulletin.snapshot,
        "scope": dict(bulletin.scope),
        "figures": [_figure_out(figure) for figure in bulletin.figures],
        "selection": [_choice_out(choice) for choice in bulletin.selection],
        "notes": list(bulletin.notes),
    }


def from_dict(data: Mapping[str, Any]) -> Bulletin:
    """Read what `to_dict` wrote. Raises Invalid `bulletin-unreadable` for another format or a missing
    part.
    """
    if data.get("format") != FORMAT:
        raise Invalid("bulletin-unreadable", "通报数据的格式不认识。", facts={"format": data.get("format")})
    try:
        return _read(data)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("bulletin-unreadable", "通报数据不完整。", facts={"reason": str(error)}) from error


def _read(data: Mapping[str, Any]) -> Bulletin:
    return Bulletin(
        id=data["id"],
        kind=BulletinKind(data["kind"]),
        title=data["title"],
        issuer=data["issuer"],
        recipients=tuple(data["recipients"]),
        lead=tuple(_paragraph_in(paragraph) for paragraph in data["lead"]),
        sections=tuple(
            Section(section["key"], section["heading"], tuple(_block_in(b) for b in section["blocks"]))
            for section in data["sections"]
        ),
        attachments=tuple(_table_in(table) for table in data["attachments"]),
        dated_on=date.fromisoformat(data["dated_on"]),
        publicity=data["publicity"],
        snapshot=data["snapshot"],
        scope=dict(data["scope"]),
        figures=tuple(Figure(**figure) for figure in data["figures"]),
        selection=tuple(_choice_in(choice) for choice in data["selection"]),
        notes=tuple(data["notes"]),
    )


def _runs_out(runs: tuple[Run, ...]) -> list[dict[str, str]]:
    return [{"text": run.text} if isinstance(run, Text) else {"figure": run.figure} for run in runs]


def _runs_in(runs: list[dict[str, str]]) -> tuple[Run, ...]:
    return tuple(Text(run["text"]) if "text" in run else FigureRef(run["figure"]) for run in runs)


def _block_out(block: Block) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"block": "paragraph", "role": block.role, "runs": _runs_out(block.runs)}
    return {
        "block": "table",
        "caption": block.caption,
        "columns": list(block.columns),
        "rows": [[_runs_out(cell) for cell in row] for row in block.rows],
    }


def _block_in(block: Mapping[str, Any]) -> Block:
    return _paragraph_in(block) if block["block"] == "paragraph" else _table_in(block)


def _paragraph_in(block: Mapping[str, Any]) -> Paragraph:
    return Paragraph(_runs_in(block["runs"]), block["role"])


def _table_in(block: Mapping[str, Any]) -> Table:
    rows = tuple(tuple(_runs_in(cell) for cell in row) for row in block["rows"])
    return Table(block["caption"], tuple(block["columns"]), rows)


def _figure_out(figure: Figure) -> dict[str, Any]:
    return {
        "id": figure.id,
        "text": figure.text,
        "value": dict(figure.value),
        "definition": figure.definition,
        "filter": dict(figure.filter),
    }


def _choice_out(choice: Choice) -> dict[str, Any]:
    return {
        "id": choice.id,
        "rank": choice.rank,
        "base": choice.base,
        "points": choice.points,
        "components": [
            {"name": part.name, "points": part.points, "most": part.most, "sentence": part.sentence}
            for part in choice.components
        ],
    }


def _choice_in(choice: Mapping[str, Any]) -> Choice:
    components = tuple(Component(**part) for part in choice["components"])
    return Choice(choice["id"], choice["rank"], choice["base"], choice["points"], components)
