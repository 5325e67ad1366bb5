"""XForm 的名字：表单号、版本、节点、词。"""

from __future__ import annotations

from collections import Counter

import pytest

from server.domain.checklists import Frame
from server.domain.errors import Invalid
from server.formats.xform_names import (
    LAYOUT,
    REASONS,
    Place,
    form_id,
    form_version,
    item_code,
    item_node,
    literal,
    places,
    token,
)
from tests.checklists.house import checklists, vocabulary

RMC = checklists()["RMC/2025.1"]


def test_a_form_is_named_by_its_checklist_and_versioned_by_its_content() -> None:
    assert form_id("RMC", Frame.PROJECT) == "zhijian-RMC-project"
    assert form_version(RMC) == f"2025.1-{RMC.digest[:8]}-{LAYOUT}"


def test_the_common_reasons_are_those_of_the_vocabulary() -> None:
    assert tuple(t.title for t in vocabulary().terms["na_reasons"].values()) == REASONS


def test_an_item_and_its_node_name_each_other() -> None:
    for checklist in checklists().values():
        for item in checklist.items:
            assert item_code(item_node(item.code)) == item.code


@pytest.mark.parametrize(("word", "node"), [("河砂", "河砂"), ("HRB400 E", "HRB400_E"), (" a\u3000b ", "a_b")])
def test_a_choice_has_no_blanks(word: str, node: str) -> None:
    assert token(word) == node


def test_no_two_words_of_a_list_become_one() -> None:
    lists = [i.choices for c in checklists().values() for i in c.items]
    lists += [s.options for c in checklists().values() for i in c.items for s in i.required_inputs()]
    for words in lists:
        assert len({token(w) for w in words}) == len(words)


def test_a_string_takes_the_quotes_that_fit() -> None:
    assert literal("净化海砂") == "'净化海砂'"
    assert literal("it's") == '"it\'s"'
    with pytest.raises(Invalid) as refusal:
        literal("'\"")
    assert refusal.value.code == "form-word-unusable"


def test_what_an_item_asks_follows_from_its_kinds_and_rules() -> None:
    found = {p.item.code: p for frame in Frame for c in checklists().values() for p in places(c, frame)}

    def shape(code: str) -> dict[str, bool]:
        place: Place = found[code]
        return {n: getattr(place, n) for n in ("valued", "repeated", "listed", "grouped") if getattr(place, n)}

    assert shape("RMC-06-03") == {"valued": True, "repeated": True}  # 坍落度：一处或多处
    assert shape("CQI-03-02") == {"repeated": True}  # 均值、最小值：逐一填
    assert shape("RMC-09-03") == {"listed": True}  # 一批强度：一行写完
    assert shape("RMC-09-02") == {"grouped": True}  # 试块
    assert shape("FIR-03-04") == {"valued": True}  # 判定题带“=0”
    assert shape("RMC-01-02") == {}


def test_places_follow_the_sections_of_the_kind_of_subject() -> None:
    codes = Counter(p.item.code for p in places(RMC, Frame.PROJECT))
    assert list(codes) == [i.code for i in RMC.items_for(Frame.PROJECT)]
    first = places(RMC, Frame.ENTERPRISE_SITE)[0]
    assert (first.at, first.ask("verdict")) == ("/data/s01/RMC_01_01", "/data/s01/RMC_01_01/a/verdict")
