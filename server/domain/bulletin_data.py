"""通报的数据：拟稿所用的全部事实，一次取齐。

These are the inputs of `compose`. Nothing else may enter a bulletin; free text is only wording around these
facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from server.domain.bulletins import BulletinKind
from server.domain.cases import Case
from server.domain.clauses import Clause
from server.domain.statistics import Pair, Statistics
from server.domain.typical_cases import Choice
from server.domain.wording import Quantifiers


@dataclass(frozen=True, slots=True)
class Party:
    """A responsible party of a case; the name of a natural person is never shown."""

    role: str
    name: str
    credit_code: str = ""
    natural_person: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One failing item of a case: the sentence, the reading and limit with units when measured, evidence
    numbers.
    """

    item_code: str
    text: str
    reading: str = ""
    limit: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A document issued to the subject: `kind` of `wording.NOTICES`, number, date and the deadline it
    sets.
    """

    kind: str
    number: str
    issued_on: date
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Everything a case paragraph may say, from structured data only."""

    case: Case
    subject: str
    frame: str
    region_code: str
    checklist: str
    checked_on: date
    parties: tuple[Party, ...]
    facts: tuple[Fact, ...]
    clauses: tuple[Clause, ...]
    notices: tuple[Notice, ...] = ()
    address: str = ""


@dataclass(frozen=True, slots=True)
class ItemSpread:
    """How far one item fails: subjects failing it among subjects checked on it, in one frame.

    `text` is the requirement (the checklist item), `finding` an optional ready sentence of the problem.
    """

    checklist: str
    section: str
    item_code: str
    frame: str
    text: str
    failing_subjects: int
    checked_subjects: int
    finding: str = ""

    @property
    def pair(self) -> Pair:
        """Subjects failing the item, subjects checked on it."""
        return Pair(self.failing_subjects, self.checked_subjects)


@dataclass(frozen=True, slots=True)
class Handling:
    """What was done beside the notices; only decisions in force are counted, amounts in yuan."""

    filed: int = 0
    decided: int = 0
    fined_parties: int = 0
    fines: Decimal = Decimal(0)
    points: Decimal = Decimal(0)
    deducted_parties: int = 0
    referred: int = 0
    interviewed: int = 0


@dataclass(frozen=True, slots=True)
class Demands:
    """Working requirements: until when and to which office the checked parties report, and sentences for
    others.
    """

    report_by_on: date
    report_to: str
    latest_notice_due_on: date | None = None
    peers: str = ""
    authorities: str = ""


@dataclass(frozen=True, slots=True)
class SubjectResult:
    """One line of the attached list of subjects and results."""

    subject_id: str
    region_code: str
    subject: str
    frame: str
    credit_code: str
    checked_on: date
    checklist: str
    pair: Pair
    minor: int = 0
    major: int = 0
    critical: int = 0
    notices: tuple[str, ...] = ()
    due_on: date | None = None
    rectification: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """Names for codes: regions, checklists, sections (`RMC-02`); a missing name falls back to the code."""

    regions: Mapping[str, str] = field(default_factory=dict)
    checklists: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BulletinData:
    """The frozen inputs of one bulletin.

    `occasion` fills 关于……情况的通报; `basis` are documents relied on; `method` says how the check was
    organised; `cases` in the order of `selection`; `snapshot` names the data snapshot the figures can be
    recomputed from.
    """

    id: str
    kind: BulletinKind
    issuer: str
    recipients: tuple[str, ...]
    occasion: str
    basis: tuple[str, ...]
    method: str
    statistics: Statistics
    demands: Demands
    dated_on: date
    snapshot: str
    frequent: tuple[ItemSpread, ...] = ()
    cases: tuple[CaseFacts, ...] = ()
    selection: tuple[Choice, ...] = ()
    handling: Handling = field(default_factory=Handling)
    results: tuple[SubjectResult, ...] = ()
    names: Names = field(default_factory=Names)
    quantifiers: Quantifiers = field(default_factory=Quantifiers)
    region_codes: tuple[str, ...] = ()
    checklists: tuple[str, ...] = ()
    publicity: str = "此件公开发布"
    most_frequent: int = 10
    kept_number_prefixes: tuple[str, ...] = ()
