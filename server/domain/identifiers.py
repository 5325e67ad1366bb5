"""标识：统一社会信用代码（GB 32100-2015）与公民身份号码（GB 11643-1999）。

Codes are judged, never repaired: a typed `I` or `O` is reported, not silently turned into `1` or `0`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUES = {char: value for value, char in enumerate(_USCC_ALPHABET)}
_USCC_WEIGHTS = tuple(pow(3, index, 31) for index in range(17))
_USCC_LENGTH = 18
_USCC_REGION = re.compile(r"[0-9A-Y][0-9A-Y][0-9]{6}")

_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_CHECKS = {10: "X", 11: "0"}

_CITIZEN_WEIGHTS = tuple(pow(2, 17 - index, 11) for index in range(17))
_CITIZEN_CHECKS = "10X98765432"
_CITIZEN_SHAPE = re.compile(r"[0-9]{17}[0-9X]")


@dataclass(frozen=True, slots=True)
class CodeJudgement:
    """What is known about one code: `normalised` text, `errors` that make it wrong, `warnings` that do
    not.
    """

    normalised: str
    errors: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """True when nothing makes the code wrong; warnings do not count."""
        return not self.errors


def normalise_code(text: str) -> str:
    """Return `text` in NFKC, upper case, without blanks and hyphens; letters are never exchanged for
    digits.
    """
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(char for char in folded if not char.isspace() and char not in "-‐‑–—")


def judge_credit_code(text: str) -> CodeJudgement:
    """Judge a unified social credit code.

    The outer check (position 18) decides; a failed inner check of the organisation code (GB 11714, positions
    9 to 17) is only a warning, because older registrations exist that break it.
    """
    code = normalise_code(text)
    shape = _credit_shape_error(code)
    if shape:
        return CodeJudgement(code, (shape,))
    expected = credit_check_character(code[:17])
    if code[17] != expected:
        return CodeJudgement(code, (f"校验码不符，按前17位应为“{expected}”",))
    warnings = () if organisation_check_holds(code[8:17]) else ("第9至17位的组织机构代码校验不符，请核对证照",)
    return CodeJudgement(code, (), warnings)


def _credit_shape_error(code: str) -> str:
    if len(code) != _USCC_LENGTH:
        return f"统一社会信用代码应为18位，实为{len(code)}位"
    strange = sorted({char for char in code if char not in _USCC_VALUES})
    if strange:
        return f"含有代码字符集以外的字符：{'、'.join(strange)}（字母I、O、S、V、Z不使用，请核对是否误录）"
    if not _USCC_REGION.match(code):
        return "第3至8位应为登记管理机关行政区划码，须为数字"
    return ""


def credit_check_character(first_seventeen: str) -> str:
    """Return the check character for the first 17 characters (weights 3^i mod 31); KeyError outside the
    set.
    """
    total = sum(_USCC_VALUES[char] * weight for char, weight in zip(first_seventeen, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_check_holds(code: str) -> bool:
    """Tell whether the nine characters of an organisation code satisfy GB 11714."""
    total = sum(int(char, 36) * weight for char, weight in zip(code[:8], _ORGANISATION_WEIGHTS, strict=True))
    check = 11 - total % 11
    return code[8] == _ORGANISATION_CHECKS.get(check, str(check))


def judge_citizen_number(text: str) -> CodeJudgement:
    """Judge an 18-character citizen number: shape, existing date of birth, check character (mod 11-2)."""
    number = normalise_code(text)
    if not _CITIZEN_SHAPE.fullmatch(number):
        return CodeJudgement(number, ("公民身份号码应为17位数字加1位校验码",))
    errors = []
    if not _date_exists(number[6:14]):
        errors.append("出生日期不存在")
    if number[17] != citizen_check_character(number[:17]):
        errors.append("校验码不符")
    return CodeJudgement(number, tuple(errors))


def citizen_check_character(first_seventeen: str) -> str:
    """Return the check character of GB 11643-1999 for the first 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, _CITIZEN_WEIGHTS, strict=True))
    return _CITIZEN_CHECKS[total % 11]


def _date_exists(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True
