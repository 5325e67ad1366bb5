"""Credit codes and citizen numbers; vectors are the public test specimens of python-stdnum."""

import pytest

from server.domain.identifiers import judge_citizen_number, judge_credit_code, normalise_code

VALID_CREDIT = [
    "91110000600037341L",
    "91350100M000100Y43",
    "121200004013590816",
    "911522010783762860",
    "91152201078377449P",
    "9115220107837941X1",
    "91152201078382010M",
    "911522010783917502",
    "91152201078394644D",
    "91152201078395188Q",
    "91310112087994932F",
    "91310115MA1K3BTP2B",
    "91310116052958608G",
    "91310116076409427L",
    "913101203509708598",
    "913205056082348768",
    "91340600MA2PBM9HXD",
    "91340600MA2PBMA74B",
    "91340600MA2PBN188W",
    "91340600MA2PBN831R",
    "91340600MA2PBNE723",
    "91340600MA2PBP2120",
    "92340603MA2PBQ7X9E",
    "92340603MA2PBQHD9N",
    "92340603MA2PBQY862",
    "92340603MA2PELFF5B",
    "92340603MA2PEN9F2E",
    "92340603MA2PEP42XF",
    "92340603MA2UJXYJ3P",
    "92340603MA2UJYUM57",
    "92340603MA2UK0T79E",
    "92340603MA2UK1TD00",
]


@pytest.mark.parametrize("code", VALID_CREDIT)
def test_public_specimens_pass_both_checks(code: str) -> None:
    judged = judge_credit_code(code)
    assert judged.valid
    assert judged.warnings == ()


@pytest.mark.parametrize("code", ["91110000600037341N", "A1110000600037341L", "9111000060003IOZSV", "12345"])
def test_wrong_credit_codes_are_named(code: str) -> None:
    judged = judge_credit_code(code)
    assert not judged.valid
    assert judged.errors[0]


def test_letters_outside_the_set_are_reported_not_exchanged() -> None:
    judged = judge_credit_code("9111000060003734IL")
    assert judged.normalised == "9111000060003734IL"
    assert "I" in judged.errors[0]


def test_a_letter_inside_the_region_is_an_error() -> None:
    assert "区划" in judge_credit_code("911A0000600037341L").errors[0]


@pytest.mark.parametrize("typed", ["９１１１００００６０００３７３４１ｌ", " 9111-0000 6000 3734 1l "])
def test_full_width_lower_case_blanks_and_hyphens_are_normalised(typed: str) -> None:
    assert judge_credit_code(typed).valid
    assert normalise_code(typed) == "91110000600037341L"


def test_a_failed_inner_check_is_only_a_warning() -> None:
    from server.domain.identifiers import credit_check_character

    stem = "91440300123456789"
    judged = judge_credit_code(stem + credit_check_character(stem))
    assert judged.valid
    assert judged.warnings


@pytest.mark.parametrize("number", ["11010519491231002X", "360426199101010071", "412723199010050012"])
def test_citizen_specimens_pass(number: str) -> None:
    assert judge_citizen_number(number).valid


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("36042619910102009X", "校验码不符"),
        ("110105194902310022", "出生日期不存在"),
        ("1101051949123100", "公民身份号码应为17位数字加1位校验码"),
    ],
)
def test_wrong_citizen_numbers_are_named(number: str, reason: str) -> None:
    assert reason in judge_citizen_number(number).errors
