"""说法：一名执法人员对一个检查项的作答，写成可以比较的样子。

Two answers say the same when what decides the verdict is the same: numbers by value (`0.030` is `0.03`), conditions,
readings, groups, choice. Reasons and notes are words beside it and photos are evidence for it: they are added together,
never a contradiction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from uuid import UUID

from server.domain.answers import MAX_TEXT, Answer, SampleGroup, Verdict
from server.domain.checklists import Severity
from server.domain.errors import Invalid
from server.domain.limits import InputValue
from server.domain.numbers import canonical_text, parse_decimal

WORDS = ("reason", "severity_reason", "note")


@dataclass(frozen=True, slots=True)
class Statement:
    """`said` is the canonical JSON of what decides the verdict, `words` the reason, the severity's reason and the note."""

    officer: UUID
    item: str
    said: str
    words: tuple[str, str, str] = ("", "", "")
    photos: frozenset[UUID] = frozenset()

    @property
    def sha256(self) -> str:
        """A short name for what was said."""
        return sha256(self.said.encode()).hexdigest()


def state(officer: UUID, answer: Answer) -> Statement:
    """What this officer says of the item."""
    words = (answer.reason, answer.severity_reason, answer.note)
    return Statement(officer, answer.item_code, said_of(answer), words, frozenset(answer.photos))


def said_of(answer: Answer) -> str:
    """The one spelling of what decides the verdict."""
    told: dict[str, Any] = {
        "verdict": answer.verdict.value if answer.verdict else None,
        "value": _number(answer.value),
        "inputs": {name: _input(value) for name, value in answer.inputs.items()},
        "count": answer.count,
        "text": answer.text,
        "on": answer.on.isoformat() if answer.on else None,
        "choice": answer.choice,
        "readings": [_number(value) for value in answer.readings],
        "groups": [
            [group.sample_no, group.spare_no, group.seal_no, [_number(value) for value in group.values]]
            for group in answer.groups
        ],
        "severity": answer.severity.value if answer.severity else None,
    }
    kept = {name: value for name, value in told.items() if value not in (None, "", [], {})}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _number(value: Decimal | None) -> str | None:
    return None if value is None else canonical_text(value)


def _input(value: InputValue) -> Any:
    if isinstance(value, Decimal):
        return canonical_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def answer_of(statements: Iterable[Statement]) -> Answer:
    """One answer from statements that say the same: photos and words of all of them, in an order that is nobody's.

    Raises ValueError when they do not say the same, or are none.
    """
    rows = sorted(set(statements), key=lambda s: (str(s.officer), s.words, sorted(map(str, s.photos))))
    if len({(row.item, row.said) for row in rows}) != 1:
        raise ValueError("statements of one item that say the same")
    photos = sorted({photo for row in rows for photo in row.photos}, key=str)
    answer = _answer(rows[0].item, json.loads(rows[0].said), tuple(photos))
    reason, severity_reason, note = (_joined(row.words[n] for row in rows) for n in range(len(WORDS)))
    return replace(answer, reason=reason, severity_reason=severity_reason, note=note)


def _joined(texts: Iterable[str]) -> str:
    return "；".join(sorted({text for text in texts if text}))[:MAX_TEXT]


def _answer(item: str, told: Mapping[str, Any], photos: tuple[UUID, ...]) -> Answer:
    return Answer(
        item_code=item,
        verdict=Verdict(told["verdict"]) if "verdict" in told else None,
        value=Decimal(told["value"]) if "value" in told else None,
        inputs=_inputs(told.get("inputs", {})),
        count=told.get("count"),
        text=told.get("text", ""),
        on=date.fromisoformat(told["on"]) if "on" in told else None,
        choice=told.get("choice", ""),
        readings=tuple(Decimal(value) for value in told.get("readings", ())),
        groups=tuple(
            SampleGroup(sample, spare, seal, tuple(Decimal(value) for value in values))
            for sample, spare, seal, values in told.get("groups", ())
        ),
        photos=photos,
        severity=Severity(told["severity"]) if "severity" in told else None,
    )


def document(statement: Statement) -> dict[str, Any]:
    """The statement as an answer in JSON, the way a phone would send it."""
    told = json.loads(statement.said)
    names = ("sample_no", "spare_no", "seal_no", "values")
    if "groups" in told:
        told["groups"] = [dict(zip(names, group, strict=True)) for group in told["groups"]]
    words = {name: text for name, text in zip(WORDS, statement.words, strict=True) if text}
    photos = {"photos": sorted(map(str, statement.photos))} if statement.photos else {}
    return {"item_code": statement.item, **told, **words, **photos}


def to_row(statement: Statement) -> dict[str, Any]:
    """JSON to keep; `from_row` reads it back."""
    return {
        "officer": str(statement.officer),
        "item": statement.item,
        "said": statement.said,
        "words": list(statement.words),
        "photos": sorted(map(str, statement.photos)),
    }


def from_row(row: Mapping[str, Any]) -> Statement:
    """A statement that was kept."""
    reason, severity_reason, note = row["words"]
    photos = frozenset(UUID(photo) for photo in row["photos"])
    return Statement(UUID(row["officer"]), row["item"], row["said"], (reason, severity_reason, note), photos)


# ------------------------------------------------------------------------------------------------ as it was sent


def read_answer(sent: Mapping[str, Any]) -> Answer:
    """An answer from the JSON a phone sent and a shape has accepted before; numbers may be numbers or text.

    Raises Invalid `answer-unreadable` for JSON that no shape would have let through.
    """
    try:
        return _read(sent)
    except (Invalid, KeyError, TypeError, ValueError, AttributeError) as fault:
        raise Invalid("answer-unreadable", "存下的作答读不懂，不能比较。", facts={"item": _item(sent)}) from fault


def _item(sent: Any) -> str:
    return str(sent.get("item_code", ""))[:24] if isinstance(sent, Mapping) else ""


def _read(sent: Mapping[str, Any]) -> Answer:
    return Answer(
        item_code=str(sent["item_code"]),
        verdict=Verdict(sent["verdict"]) if sent.get("verdict") is not None else None,
        reason=sent.get("reason", ""),
        value=_decimal(sent["value"]) if sent.get("value") is not None else None,
        inputs=_inputs(sent.get("inputs", {})),
        count=None if sent.get("count") is None else int(sent["count"]),
        text=sent.get("text", ""),
        on=date.fromisoformat(sent["on"]) if sent.get("on") is not None else None,
        choice=sent.get("choice", ""),
        readings=tuple(_decimal(value) for value in sent.get("readings", ())),
        groups=tuple(_group(group) for group in sent.get("groups", ())),
        photos=tuple(dict.fromkeys(UUID(photo) for photo in sent.get("photos", ()))),
        severity=Severity(sent["severity"]) if sent.get("severity") is not None else None,
        severity_reason=sent.get("severity_reason", ""),
        note=sent.get("note", ""),
    )


def _decimal(value: Any) -> Decimal:
    return parse_decimal(repr(value) if isinstance(value, float) else value)


def _inputs(sent: Mapping[str, Any]) -> Mapping[str, InputValue]:
    return MappingProxyType({name: _read_input(value) for name, value in sent.items()})


def _read_input(value: Any) -> InputValue:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.strip()
    return tuple(value) if isinstance(value, list) else canonical_text(_decimal(value))


def _group(sent: Mapping[str, Any]) -> SampleGroup:
    values = tuple(_decimal(value) for value in sent.get("values", ()))
    return SampleGroup(sent["sample_no"], sent.get("spare_no", ""), sent.get("seal_no", ""), values)
