"""作答的形状：读、写、边界。"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal as D
from typing import Any
from uuid import UUID

import pytest
from marshmallow import ValidationError

from schemas.answers import AnswerSchema
from server.domain.answers import Answer, SampleGroup, Verdict
from server.domain.checklists import Severity

FULL = {
    "item_code": "RMC-09-02",
    "verdict": "failing",
    "reason": "",
    "value": "１２.50",
    "inputs": {
        "grade": "C30",
        "cube_size": 150,
        "ok": True,
        "on": "2025-01-02",
        "tests": ["甲", "乙"],
        "x": 0.05,
    },
    "count": 3,
    "text": "三块相同",
    "on": "2025-06-10",
    "choice": "一星",
    "readings": ["1.0", 2, 3.5],
    "groups": [{"sample_no": "S1", "spare_no": "B1", "seal_no": "F1", "values": ["30.5"]}],
    "photos": ["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000001"],
    "severity": "critical",
    "severity_reason": "影响结构",
    "note": "记",
}


def test_a_full_answer_is_read() -> None:
    answer = AnswerSchema().load(FULL)
    assert isinstance(answer, Answer)
    assert (answer.verdict, answer.value, answer.on) == (Verdict.FAILING, D("12.50"), date(2025, 6, 10))
    assert dict(answer.inputs) == {
        "grade": "C30", "cube_size": "150", "ok": True,
        "on": "2025-01-02", "tests": ("甲", "乙"), "x": "0.05",
    }  # fmt: skip
    assert answer.readings == (D("1.0"), D(2), D("3.5"))
    assert answer.groups == (SampleGroup("S1", "B1", "F1", (D("30.5"),)),)
    assert answer.photos == (UUID(int=1),)
    assert answer.severity is Severity.CRITICAL


def test_what_is_written_reads_back_equal() -> None:
    schema = AnswerSchema()
    answer = schema.load(FULL)
    dumped = json.loads(json.dumps(schema.dump(answer)))
    assert schema.load(dumped) == answer
    assert schema.dump(schema.load(dumped)) == dumped


def test_the_smallest_answer() -> None:
    assert AnswerSchema().load({"item_code": "RMC-01-02"}) == Answer("RMC-01-02")


def over(**facts: Any) -> dict[str, Any]:
    return {"item_code": "RMC-01-02", **facts}


HOSTILE = [
    over(readings=["1"] * 201),
    over(photos=[str(UUID(int=n)) for n in range(51)]),
    over(photos=["not-a-uuid"]),
    over(text="字" * 2001),
    over(note="字" * 2001),
    over(value="NaN"),
    over(value="1e999"),
    over(value=float("inf")),
    over(count=-1),
    over(count=True),
    over(count=1.5),
    over(count=10**7),
    over(inputs={f"a{n}": "1" for n in range(41)}),
    over(inputs={"a": "字" * 201}),
    over(inputs={"a": {"b": 1}}),
    over(inputs={"a": None}),
    over(inputs={"不是": "1"}),
    over(inputs={"a": [1]}),
    over(inputs={"a": ["甲"] * 41}),
    over(inputs=[]),
    over(groups=[{"sample_no": ""}]),
    over(groups=[{"sample_no": "S", "values": ["1"] * 41}]),
    over(groups=[{"sample_no": "S"}] * 41),
    over(verdict="maybe"),
    over(severity="fatal"),
    over(on="昨天"),
    over(unknown=1),
    {"item_code": "RMC-1-2"},
    {"item_code": "RMC-01-02\n"},
    {},
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_answers_are_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AnswerSchema().load(body)
