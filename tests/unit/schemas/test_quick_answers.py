"""作答列表的快读：读出的与逐项核对的完全相同，错处和说法也相同。"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields

from schemas.answers import AnswerSchema
from schemas.quick_answers import AnswersField

USUAL = {
    "item_code": st.sampled_from(["RMC-01-01", "PRJ-12-003"]),
    "verdict": st.sampled_from(["conforming", "failing", "not_applicable", None]),
    "reason": st.text(max_size=8),
    "count": st.one_of(st.none(), st.integers(0, 9)),
    "value": st.sampled_from(["0.03", "１２", 5, None]),
    "inputs": st.just({"grade": "C30", "year": 2026}),
    "text": st.text(max_size=8),
    "on": st.sampled_from(["2026-09-01", None]),
    "choice": st.sampled_from(["一星", ""]),
    "readings": st.lists(st.sampled_from(["20.5", 30]), max_size=3),
    "groups": st.just([{"sample_no": "1", "values": ["30.1"]}]),
    "photos": st.lists(st.uuids().map(str), max_size=2),
    "severity": st.sampled_from(["minor", None]),
    "severity_reason": st.text(max_size=4),
    "note": st.text(max_size=4),
}
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 2**40), st.floats(), st.text(max_size=4), st.just("长" * 2001),
    st.just("\x07"), st.just([]), st.just({}),
)  # fmt: skip
CODE = USUAL.pop("item_code")
GOOD = st.fixed_dictionaries({"item_code": CODE}, optional=USUAL)
BAD = st.dictionaries(
    st.sampled_from(["item_code", *USUAL, "other"]), st.one_of(ODD, CODE, *USUAL.values()), max_size=5
)


class Quick(Schema):
    answers = AnswersField(required=True)


class Plain(Schema):
    answers = fields.List(fields.Nested(AnswerSchema), required=True)


def read(shape: Schema, sent: Any) -> Any:
    try:
        return shape.load(sent)
    except ValidationError as error:
        return error.messages


@given(st.lists(st.one_of(GOOD, BAD), max_size=4))
def test_quick_or_not_the_reading_is_the_same(answers: list[Any]) -> None:
    assert read(Quick(), {"answers": answers}) == read(Plain(), {"answers": answers})


def test_what_is_no_list_of_answers_is_told_as_before() -> None:
    for sent in (
        {},
        {"answers": None},
        {"answers": "x"},
        {"answers": [None]},
        {"answers": [[]]},
        {"answers": {"a": 1}},
    ):
        assert read(Quick(), sent) == read(Plain(), sent)
