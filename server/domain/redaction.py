"""脱敏：公开文字里的号码按外形隐去。

Shapes decide, not checksums: a mistyped number is still personal. Matching happens on a folded copy (NFKC,
ASCII digits, invisible characters dropped) and is carried back to the text as written, so full-width and
broken-up numbers are found while everything else stays byte for byte. Names and addresses cannot be found
by pattern; they are kept out by structured fields and by the review of two people.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from server.domain.identifiers import judge_citizen_number, judge_credit_code, organisation_check_holds

_BEFORE = r"(?<![0-9A-Za-z])"
_AFTER = r"(?![0-9A-Za-z])"
_GAP = r"[ \-]?"
_DASH = r"[\-‐‑–—]"
_BIRTH = r"(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_BIRTH_OLD = r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE_CHARS = "A-HJ-NP-Z0-9"
_PHONE_WORDS = r"(?:电话|座机|固话|热线|传真|手机|联系方式|[Tt][Ee][Ll]|[Ff][Aa][Xx])"
_TRAVEL_WORDS = r"(?:护照|通行证|台胞证|回乡证|居留证|旅行证)"

_CREDIT = re.compile(_BEFORE + r"[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]{18}" + _AFTER)
_CITIZEN = re.compile(_BEFORE + rf"[1-9][0-9]{{5}}{_GAP}{_BIRTH}{_GAP}[0-9]{{3}}[0-9Xx]" + _AFTER)
_CITIZEN_OLD = re.compile(_BEFORE + rf"[1-9][0-9]{{5}}{_BIRTH_OLD}[0-9]{{3}}" + _AFTER)
_BANK = re.compile(_BEFORE + rf"[0-9]{{4}}(?:{_GAP}[0-9]{{4}}){{3}}(?:{_GAP}[0-9]{{1,3}})?" + _AFTER)
_MOBILE = re.compile(_BEFORE + rf"(?:(?:\+|00)?86{_GAP})?1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}" + _AFTER)
_EXTENSION = rf"(?:(?:{_DASH}| ?转 ?| ?ext\.? ?)[0-9]{{1,6}})?"
_LANDLINE = re.compile(_BEFORE + rf"\(?(?P<area>0[0-9]{{2,3}})(?:\) ?|{_DASH}| )[0-9]{{7,8}}{_EXTENSION}" + _AFTER)
_BARE_PHONE = re.compile(_PHONE_WORDS + r"[^0-9A-Za-z\n]{0,6}(?P<number>[0-9]{7,12})" + _AFTER)
_PLATE = re.compile(
    rf"(?P<shown>[{_PROVINCES}][A-HJ-NP-Z])[·•・. ]?"
    rf"(?:[A-HJK][{_PLATE_CHARS}][0-9]{{4}}|[0-9]{{5}}[A-HJK]|[{_PLATE_CHARS}]{{4}}[{_PLATE_CHARS}挂学警港澳])"
    + _AFTER,
    re.IGNORECASE,
)
_TRAVEL = re.compile(_TRAVEL_WORDS + r"[^0-9A-Za-z\n]{0,8}(?P<number>[A-Za-z]{1,2}[0-9]{7,8})" + _AFTER, re.IGNORECASE)
_LOCAL = r"[A-Za-z0-9._%+\-]"
_EMAIL = re.compile(
    rf"(?<!{_LOCAL}){_LOCAL}+(?:@{_LOCAL}+)*"
    r"@(?P<domain>[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,})"
)


@dataclass(frozen=True, slots=True)
class Hidden:
    """One hidden place: `start`, `end` are offsets in the text as written, `kind` a code, `shown` what
    replaces it.
    """

    start: int
    end: int
    kind: str
    shown: str


@dataclass(frozen=True, slots=True)
class Redaction:
    """The text that may leave and the list of what was hidden, in order of place."""

    text: str
    hidden: tuple[Hidden, ...]


def _always(_match: re.Match[str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    pattern: re.Pattern[str]
    mask: Callable[[re.Match[str]], str]
    accepts: Callable[[re.Match[str]], bool] = _always
    group: str | int = 0


def redact_text(text: str, *, keep_prefixes: Iterable[str] = ()) -> Redaction:
    """Hide personal numbers in `text`.

    `keep_prefixes` are prefixes of our own document and report numbers, which look like telephone numbers;
    each must contain a letter or a Chinese character, because a bare region code is also how a citizen
    number starts (ValueError otherwise).
    """
    prefixes = _checked_prefixes(keep_prefixes)
    folded, places = _fold(text)
    taken = _protected(folded, prefixes)
    found: list[tuple[int, int, str, str]] = []
    for rule in _RULES:
        for match in rule.pattern.finditer(folded):
            start, end = match.span(rule.group)
            if rule.accepts(match) and not _overlaps(start, end, taken):
                taken.append((start, end))
                found.append((start, end, rule.kind, rule.mask(match)))
    hidden = _carry_back(sorted(found), places)
    return Redaction(_spliced(text, hidden), hidden)


def _checked_prefixes(prefixes: Iterable[str]) -> tuple[str, ...]:
    checked = tuple(unicodedata.normalize("NFKC", prefix) for prefix in prefixes)
    for prefix in checked:
        if not any(char.isalpha() for char in prefix):
            raise ValueError(f"a kept prefix needs a letter: {prefix!r}")
    return checked


def _fold(text: str) -> tuple[str, list[int]]:
    """Return the folded copy and, for each of its characters, the offset in `text` it came from."""
    chars: list[str] = []
    places: list[int] = []
    for place, original in enumerate(text):
        for char in unicodedata.normalize("NFKC", original):
            if unicodedata.category(char) == "Cf":
                continue
            decimal = unicodedata.decimal(char, None)
            chars.append(char if decimal is None else str(decimal))
            places.append(place)
    return "".join(chars), places


def _protected(folded: str, prefixes: tuple[str, ...]) -> list[tuple[int, int]]:
    codes = [match.span() for match in _CREDIT.finditer(folded) if is_public_credit_code(match.group())]
    return codes + list(_own_numbers(folded, prefixes))


def is_public_credit_code(code: str) -> bool:
    """Tell whether 18 characters are a credit code that may stay.

    One citizen number in 31 passes the outer check by chance. A code that also has the shape of a citizen
    number therefore stays only if its inner check holds and it is not a correct citizen number: privacy
    wins the doubt.
    """
    judged = judge_credit_code(code)
    if not judged.valid:
        return False
    if not _CITIZEN.fullmatch(code):
        return True
    return organisation_check_holds(judged.normalised[8:17]) and not judge_citizen_number(code).valid


def _own_numbers(folded: str, prefixes: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    for prefix in prefixes:
        start = folded.find(prefix)
        while start >= 0:
            yield start, _token_end(folded, start + len(prefix))
            start = folded.find(prefix, start + len(prefix))


def _token_end(folded: str, start: int) -> int:
    def belongs(char: str) -> bool:
        return char == "-" or (char.isascii() and char.isalnum())

    return next((place for place in range(start, len(folded)) if not belongs(folded[place])), len(folded))


def _overlaps(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in taken)


def _carry_back(found: list[tuple[int, int, str, str]], places: list[int]) -> tuple[Hidden, ...]:
    return tuple(Hidden(places[start], places[end - 1] + 1, kind, shown) for start, end, kind, shown in found)


def _spliced(text: str, hidden: tuple[Hidden, ...]) -> str:
    parts: list[str] = []
    done = 0
    for place in hidden:
        parts += [text[done : place.start], place.shown]
        done = max(done, place.end)
    return "".join([*parts, text[done:]])


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isascii() and char.isalnum())


def _mask_citizen(match: re.Match[str]) -> str:
    number = _digits(match.group())
    return number[0] + "*" * (len(number) - 2) + number[-1]


def _mask_mobile(match: re.Match[str]) -> str:
    number = _digits(match.group())[-11:]
    return f"{number[:3]}****{number[-4:]}"


def _mask_bank(match: re.Match[str]) -> str:
    number = _digits(match.group())
    return "*" * (len(number) - 4) + number[-4:]


def _mask_all(_match: re.Match[str]) -> str:
    return "*****"


def luhn_holds(digits: str) -> bool:
    """Tell whether a digit string passes the Luhn check (ISO/IEC 7812-1)."""
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = int(char) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


_RULES = (
    _Rule("email", _EMAIL, lambda match: f"***@{match['domain']}"),
    _Rule("citizen-number", _CITIZEN, _mask_citizen),
    _Rule("bank-card", _BANK, _mask_bank, lambda match: luhn_holds(_digits(match.group()))),
    _Rule("citizen-number", _CITIZEN_OLD, _mask_citizen),
    _Rule("mobile", _MOBILE, _mask_mobile),
    _Rule("landline", _LANDLINE, lambda match: f"{match['area']}-*******"),
    _Rule("landline", _BARE_PHONE, lambda match: "*" * len(match["number"]), group="number"),
    _Rule("plate", _PLATE, lambda match: f"{match['shown']}*****"),
    _Rule("travel-document", _TRAVEL, _mask_all, group="number"),
)
