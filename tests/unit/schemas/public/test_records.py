"""公开记录的形状：只有名单上的字段，词与领域的词一一对应。"""

from __future__ import annotations

from schemas.public.records import FRAME_WORDS, OUTCOME_WORDS, RECORD_COLUMNS, PublicRecordSchema
from server.domain.checklists import Frame
from server.domain.findings import OUTCOME_WORDS as DOMAIN_WORDS
from server.domain.findings import Outcome


def test_nothing_leaves_that_is_not_listed() -> None:
    secret = {"officer": "林检", "representative": "项目经理", "position": [121.71, 29.94], "id": 7}
    assert PublicRecordSchema().dump(secret) == {}


def test_the_table_shows_fields_of_the_record_only() -> None:
    fields = set(PublicRecordSchema().fields)
    assert {key for key, _ in RECORD_COLUMNS} <= fields


def test_words_are_those_of_the_domain() -> None:
    assert {Outcome(code): word for code, word in OUTCOME_WORDS.items()} == DOMAIN_WORDS
    assert set(FRAME_WORDS) == {frame.value for frame in Frame}
