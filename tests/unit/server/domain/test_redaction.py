"""Redaction by shape; vectors come from the public rule set any-rule and from GB 11643-1999."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.redaction import is_public_credit_code, luhn_holds, redact_text

PIECES = st.sampled_from(
    [
        "13812345678",
        "１３８１２３４５６７８",
        "11010519491231002X",
        "粤B12345",
        "0752-2812345",
        "电话：2812345",
        "a@b.cn",
        "，",
        "施工单位",
        "91110000600037341L",
        " ",
        "㎡",
        "①",
        "\u200b",
        "6222021234567890128",
        "转",
        "Ⅷ",
    ]
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("008618311006933", "183****6933"),
        ("19119255642", "191****5642"),
        ("+86 138-1234-5678", "138****5678"),
        ("京A00599", "京A*****"),
        ("京AD92035", "京A*****"),
        ("粤B·12345", "粤B*****"),
        ("粤Z1234港", "粤Z*****"),
        ("622223199912051311", "6****************1"),
        ("11010519491231002X", "1****************X"),
        ("110105 19491231 002x", "1****************x"),
        ("11010549123100", "11010549123100"),
        ("110105491231002", "1*************2"),
        ("0752-2812345", "0752-*******"),
        ("(0752)2812345", "0752-*******"),
        ("0752-2812345转801", "0752-*******"),
        ("联系电话：2812345", "联系电话：*******"),
        ("护照号码 E12345678", "护照号码 *****"),
        ("user.name@example.com", "***@example.com"),
        ("6222021234567890128", "***************0128"),
    ],
)
def test_shapes_are_hidden(text: str, shown: str) -> None:
    assert redact_text(text).text == shown


@pytest.mark.parametrize(
    "text",
    [
        "宁AD1234555555",
        "统一社会信用代码91110000600037341L",
        "混凝土强度等级C30，坍落度180mm，共2812345元",
        "〔2026〕第12345678号",
        "检查1844项，符合1412项",
        "2026年9月4日",
        "报告编号A1381234567890",
        "441302202600000012",
    ],
)
def test_public_text_survives(text: str) -> None:
    assert redact_text(text).text == text


def test_full_width_numbers_are_found_and_the_rest_stays_as_written() -> None:
    redaction = redact_text("项目经理（电话　１３８１２３４５６７８）到场，面积１２００㎡。")
    assert redaction.text == "项目经理（电话　138****5678）到场，面积１２００㎡。"
    assert [hidden.kind for hidden in redaction.hidden] == ["mobile"]


def test_invisible_characters_do_not_hide_a_number() -> None:
    assert redact_text("138\u200b1234\u200b5678").text == "138****5678"


def test_every_public_specimen_code_survives() -> None:
    from tests.unit.server.domain.test_identifiers import VALID_CREDIT

    for code in VALID_CREDIT:
        assert redact_text(f"代码{code}。").text == f"代码{code}。"


def test_a_citizen_number_that_passes_the_credit_check_by_chance_is_still_hidden() -> None:
    from server.domain.identifiers import citizen_check_character, judge_credit_code

    numbers = (
        stem + citizen_check_character(stem) for stem in (f"44130219900101{serial:03d}" for serial in range(1000))
    )
    chance = [number for number in numbers if judge_credit_code(number).valid]
    assert chance
    assert not any(is_public_credit_code(number) for number in chance)
    assert all(number not in redact_text(f"身份证{number}").text for number in chance)


def test_our_own_numbers_are_kept_by_prefix() -> None:
    text = "文书粤惠质-13812345678，电话13812345678"
    assert redact_text(text, keep_prefixes=["粤惠质"]).text == "文书粤惠质-13812345678，电话138****5678"


def test_a_prefix_of_digits_only_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a letter"):
        redact_text("x", keep_prefixes=["441302"])


def test_luhn_examples() -> None:
    assert luhn_holds("79927398713")
    assert not luhn_holds("79927398710")


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60))
def test_offsets_point_into_the_text_and_the_rest_is_untouched(text: str) -> None:
    redaction = redact_text(text)
    rest, shown, done = "", "", 0
    for hidden in redaction.hidden:
        assert done <= hidden.start < hidden.end <= len(text)
        rest += text[done : hidden.start]
        shown += text[done : hidden.start] + hidden.shown
        done = hidden.end
    assert redaction.text == shown + text[done:]


@given(st.lists(PIECES, max_size=12).map("".join))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact_text(text).text
    assert redact_text(once).text == once


@given(st.integers(min_value=0, max_value=10**8 - 1), st.sampled_from(["，", "：", "（", " ", "号"]))
def test_every_mobile_number_is_hidden(tail: int, before: str) -> None:
    number = f"139{tail:08d}"
    assert number not in redact_text(f"联系人{before}{number}。").text
