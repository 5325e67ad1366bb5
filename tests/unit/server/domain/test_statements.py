"""说法：同样的事实只有一种写法；读回来的和外壳读的一样。"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.answers import AnswerSchema
from server.domain.answers import Answer, Verdict
from server.domain.errors import Invalid
from server.domain.statements import answer_of, document, from_row, read_answer, said_of, state, to_row
from tests.factories.checks import answers, can_fail

LIN, ZHOU = UUID(int=1), UUID(int=2)
CODE = "RMC-01-01"
NUMBERS = st.decimals(-(10**6), 10**6, places=3)
SENT = st.fixed_dictionaries(
    {"item_code": st.just(CODE)},
    optional={
        "verdict": st.sampled_from(["conforming", "failing", "not_applicable", None]),
        "reason": st.sampled_from(["", "设计无此内容", " 空格 "]),
        "value": st.none() | NUMBERS.map(str) | st.integers(0, 10**6) | st.floats(0, 1000).map(lambda f: round(f, 3)),
        "inputs": st.dictionaries(
            st.sampled_from(["use", "grade", "env"]),
            st.booleans() | st.integers(0, 99) | st.sampled_from(["C30 ", "甲", ""]) | st.just(["甲", "乙"]),
        ),
        "count": st.none() | st.integers(0, 100),
        "text": st.sampled_from(["", "正文"]),
        "on": st.none() | st.dates().map(lambda d: d.isoformat()),
        "choice": st.sampled_from(["", "甲"]),
        "readings": st.lists(NUMBERS.map(str), max_size=5),
        "groups": st.lists(
            st.fixed_dictionaries(
                {"sample_no": st.just("1")},
                optional={"seal_no": st.just("9"), "values": st.lists(NUMBERS.map(str), max_size=4)},
            ),
            max_size=3,
        ),
        "photos": st.lists(st.uuids().map(str), max_size=4),
        "severity": st.sampled_from(["minor", "critical", None]),
        "note": st.sampled_from(["", "注"]),
    },
)


def loaded(sent: dict[str, Any]) -> Answer:
    found: Answer = AnswerSchema().load(sent)
    return found


@given(SENT)
def test_what_a_shape_has_accepted_is_read_the_same(sent: dict[str, Any]) -> None:
    assert read_answer(sent) == loaded(sent)


@pytest.mark.parametrize("checklist", ["RMC", "RES"])
def test_real_answers_are_read_the_same(checklist: str) -> None:
    word = "yard1" if checklist == "RMC" else "site1"
    for sent in answers(checklist, word, failing=can_fail(checklist, word)):
        assert read_answer(sent) == loaded(sent)


@given(SENT)
def test_a_statement_keeps_everything(sent: dict[str, Any]) -> None:
    answer = loaded(sent)
    kept = from_row(to_row(state(LIN, answer)))
    assert kept == state(LIN, answer)
    again = answer_of([kept])
    assert said_of(again) == said_of(answer)
    assert (set(again.photos), again.reason, again.note) == (set(answer.photos), answer.reason, answer.note)
    assert said_of(loaded(document(kept))) == said_of(answer)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"value": "0.030"}, {"value": "0.03"}, True),
        ({"value": "-0"}, {"value": 0}, True),
        ({"value": "1"}, {"value": "1.0001"}, False),
        ({"readings": ["1.0", "2"]}, {"readings": ["1", "2.00"]}, True),
        ({"readings": ["1", "2"]}, {"readings": ["2", "1"]}, False),
        ({"inputs": {"grade": 30}}, {"inputs": {"grade": "30"}}, True),
        ({"verdict": "failing"}, {"verdict": "failing", "note": "另见照片", "photos": [str(LIN)]}, True),
        ({"verdict": "failing"}, {"verdict": "conforming"}, False),
        ({"verdict": "failing", "severity": "minor"}, {"verdict": "failing", "severity": "critical"}, False),
        ({"text": ""}, {}, True),
    ],
)
def test_what_says_the_same(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    said = [said_of(loaded({"item_code": CODE, **sent})) for sent in (one, other)]
    assert (said[0] == said[1]) is same


def test_words_and_photos_of_both_are_added_up() -> None:
    photos = UUID(int=5), UUID(int=4)
    mine = state(LIN, Answer(CODE, Verdict.FAILING, value=Decimal("1.0"), photos=photos[:1], note="裂缝"))
    theirs = state(ZHOU, Answer(CODE, Verdict.FAILING, value=Decimal(1), photos=photos[1:], note="北侧"))
    both = answer_of([mine, theirs])
    assert both == answer_of([theirs, mine, mine])
    assert (both.photos, both.note) == ((UUID(int=4), UUID(int=5)), "北侧；裂缝")


def test_statements_that_differ_have_no_one_answer() -> None:
    said = [state(LIN, Answer(CODE, Verdict.FAILING)), state(ZHOU, Answer(CODE, Verdict.CONFORMING))]
    for wrong in (said, []):
        with pytest.raises(ValueError, match="same"):
            answer_of(wrong)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"item_code": CODE, "verdict": "perhaps"},
        {"item_code": CODE, "value": "NaN"},
        {"item_code": CODE, "photos": ["x"]},
        {"item_code": CODE, "groups": [{}]},
        {"item_code": CODE, "inputs": {"a": {}}},
        {"item_code": CODE, "on": "soon"},
        {"item_code": CODE, "readings": 7},
        7,
    ],
)
def test_what_no_shape_would_accept_is_refused(sent: Any) -> None:
    with pytest.raises(Invalid, match="answer-unreadable"):
        read_answer(sent)
