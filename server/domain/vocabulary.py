"""词表：检查表所用的代码与中文词，来自 `checklists/_vocabulary/`。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.legal import LegalBasis
from server.domain.limits import InputSpec, Rule

#: Tables of plain code words, in the order of the glossary.
TERM_TABLES = (
    "severities",
    "parties",
    "frames",
    "chain_links",
    "answer_kinds",
    "outcomes",
    "five_stricts",
    "operators",
    "na_reasons",
    "sources",
)


@dataclass(frozen=True, slots=True)
class Term:
    """One code word with its Chinese title and, where there is one, a note and a cited source."""

    code: str
    title: str
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All tables: `terms[table][code]`, legal bases, inputs that may be asked, and the named rules."""

    terms: Mapping[str, Mapping[str, Term]]
    legal_bases: Mapping[str, LegalBasis]
    inputs: Mapping[str, InputSpec]
    rules: Mapping[str, Rule]

    def title(self, table: str, code: str) -> str:
        """Chinese title of a code word; the code itself when it is not in the table."""
        term = self.terms[table].get(code)
        return term.title if term else code
