"""The drafting book: text is redacted on the way in, one id has one figure."""

from decimal import Decimal

import pytest

from server.domain.bulletin_draft import Draft
from server.domain.bulletins import FigureRef, Text
from server.domain.statistics import Pair


def test_neighbouring_text_is_joined_before_redaction() -> None:
    draft = Draft()
    assert draft.runs(["电话138", "12345678。"]) == (Text("电话138****5678。"),)


def test_figures_stand_between_text() -> None:
    draft = Draft()
    figure = draft.count("n", 3, "项数", {"records": "answers"})
    assert draft.paragraph("共", figure, "项").runs == (Text("共"), FigureRef("n"), Text("项"))
    assert draft.figures["n"].value == {"count": 3}


def test_one_id_has_one_meaning() -> None:
    draft = Draft()
    draft.count("n", 3, "项数", {"records": "answers"})
    draft.count("n", 3, "项数", {"records": "answers"})
    with pytest.raises(ValueError, match="share the id"):
        draft.count("n", 4, "项数", {"records": "answers"})


def test_amounts_points_and_shares_keep_exact_values() -> None:
    draft = Draft()
    records = {"records": "penalties"}
    draft.amount("a", Decimal("120000.00"), "罚款", dict(records))
    draft.points("p", Decimal("1.5"), "扣分", dict(records))
    draft.share("s", Pair(5, 9), "占比", dict(records))
    values = {key: (figure.text, dict(figure.value)) for key, figure in draft.figures.items()}
    assert values == {
        "a": ("12万元", {"yuan": "120000.00"}),
        "p": ("1.5分", {"points": "1.5"}),
        "s": ("55.6%", {"part": 5, "whole": 9}),
    }


def test_own_number_prefixes_are_kept() -> None:
    assert Draft(("惠质检",)).clean("报告惠质检13812345678") == "报告惠质检13812345678"
