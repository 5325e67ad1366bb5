"""词表：查词，以及代码与程序里的枚举一致。"""

from __future__ import annotations

from server.domain.checklists import Frame, Kind, Severity
from server.domain.findings import Outcome
from server.domain.limits import OPERATORS
from tests.checklists.house import vocabulary


def test_titles_fall_back_to_the_code() -> None:
    assert vocabulary().title("parties", "designer") == "设计"
    assert vocabulary().title("parties", "nobody") == "nobody"


def test_tables_hold_exactly_what_the_program_knows() -> None:
    terms = vocabulary().terms
    assert set(terms["severities"]) == set(Severity)
    assert set(terms["frames"]) == set(Frame)
    assert set(terms["answer_kinds"]) == set(Kind)
    assert set(terms["outcomes"]) == set(Outcome)
    assert set(terms["operators"]) == OPERATORS
    assert set(terms["chain_links"]) == {"production", "use"}
