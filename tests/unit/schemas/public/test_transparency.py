"""公开日志的形状：只有名单上的字段，证明的两端叫 from 和 to。"""

from __future__ import annotations

from schemas.public.transparency import ExtensionSchema, LogEntryPage, LogEntrySchema


def test_nothing_leaves_that_is_not_listed() -> None:
    secret = {"officer": "林检", "prev_sha256": "0" * 64, "id": 7, "draw": "d"}
    assert LogEntrySchema().dump(secret) == {}


def test_the_ends_of_an_extension_are_from_and_to() -> None:
    told = {"algorithm": "sha256", "from": 1, "to": 2, "from_root": "aa", "to_root": "bb", "path": ["cc"]}
    assert ExtensionSchema().dump(told) == told


def test_an_entry_is_shown_with_all_its_members() -> None:
    entry = {"type": "draw.void", "draw": "d", "reason": "numbers-wrong"}
    page = LogEntryPage().dump({"items": [{"seq": 3, "leaf": "aa", "text": "{}", "entry": entry}], "next": None})
    assert page == {"items": [{"seq": 3, "leaf": "aa", "text": "{}", "entry": entry}], "next": None}
