"""把作答写成一份 Collect 交来的记录：照着表单自己的实例填，填不进去的就是错。

Independent of the reader: it knows only the form's primary instance and the checklist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree as ET

from server.domain.answers import Answer
from server.domain.checklists import Checklist, Frame, Item, Kind
from server.domain.limits import InputSpec, InputValue, as_number
from server.domain.numbers import canonical_text, decimal_text
from server.formats.xform_names import REASONS

XF = "{http://www.w3.org/2002/xforms}"
ORX = "{http://openrosa.org/xforms}"
TEMPLATE = "{http://openrosa.org/javarosa}template"


@lru_cache(maxsize=16)
def skeleton(form: bytes) -> ET.Element:
    """The empty record of a form, as the phone starts it: one of each repeat, kept aside as template."""
    root = ET.fromstring(form)  # our own bytes
    data = root.find(f".//{XF}model/{XF}instance/{XF}data")
    assert data is not None
    return data


@dataclass
class Record:
    """One record being filled in. Paths are relative to /data; an unknown path is an error."""

    root: ET.Element
    templates: dict[str, ET.Element] = field(default_factory=dict)

    @classmethod
    def of(cls, form: bytes) -> Record:
        record = cls(deepcopy(skeleton(form)))
        record._take_repeats(record.root)
        return record

    def _take_repeats(self, node: ET.Element) -> None:
        """Repeats start empty; what the form has is the pattern (twice: the template and a first copy)."""
        for child in list(node):
            name = child.tag.removeprefix(XF)
            if TEMPLATE in child.attrib:
                pattern = deepcopy(child)
                del pattern.attrib[TEMPLATE]
                self.templates[name] = pattern
        for child in list(node):
            if child.tag.removeprefix(XF) in self.templates:
                node.remove(child)
            else:
                self._take_repeats(child)

    def node(self, path: str) -> ET.Element:
        found = self.root.find("/".join(f"{XF}{part}" if ":" not in part else part for part in path.split("/")))
        assert found is not None, f"表单里没有 {path}"
        return found

    def has(self, path: str) -> bool:
        return self.root.find("/".join(XF + part for part in path.split("/"))) is not None

    def put(self, path: str, text: str) -> None:
        self.node(path).text = text

    def repeat(self, parent: str, name: str) -> ET.Element:
        """One more of a repeat; its nodes are filled by the caller."""
        fresh = deepcopy(self.templates[name])
        self.node(parent).append(fresh)
        return fresh

    def prune(self) -> Record:
        """Drop what a phone leaves out as irrelevant: every node without a value."""
        _prune(self.root)
        return self

    def xml(self) -> bytes:
        ET.register_namespace("", XF[1:-1])
        return ET.tostring(self.root, encoding="utf-8", xml_declaration=True)


def _prune(node: ET.Element) -> bool:
    for child in list(node):
        if not _prune(child):
            node.remove(child)
    return bool(len(node) or (node.text or "").strip())


def inside(node: ET.Element, path: str) -> ET.Element:
    found = node.find("/".join(XF + part for part in path.split("/")))
    assert found is not None, path
    return found


# ------------------------------------------------------------------------------------------- the whole record

OPENING = {
    "start": "2025-06-10T09:00:00.000+08:00",
    "end": "2025-06-10T10:30:00.000+08:00",
    "today": "2025-06-10",
    "deviceid": "collect:abc",
    "who/chosen": "7f6d0000-0000-4000-8000-000000000001",
    "who/subject": "7f6d0000-0000-4000-8000-000000000001",
    "who/officer_1": "7f6d0000-0000-4000-8000-0000000000a1",
    "who/officer_2": "7f6d0000-0000-4000-8000-0000000000a2",
    "who/source_chosen": "double_random",
    "who/source": "double_random",
    "place/fix": "23.1101 114.4202 12.5 8.0",
    "closing/representative": "王建国",
    "closing/attitude": "signs",
    "closing/signature": "sign-1.png",
    "meta/instanceID": "uuid:2b0f4c1e-9f0b-4a53-8b1f-0c8f4f1f7a10",
}


def new_record(form: bytes, facts: Mapping[str, str] | None = None) -> Record:
    """A record with its opening and closing filled in; `facts` replaces or adds by path."""
    record = Record.of(form)
    for path, text in {**OPENING, **(facts or {})}.items():
        record.put(path, text)
    return record


def put_answers(record: Record, checklist: Checklist, frame: Frame, answers: Iterable[Answer]) -> None:
    for answer in answers:
        section = next(s for s in checklist.sections_for(frame) if any(i.code == answer.item_code for i in s.items))
        item = checklist.item(answer.item_code)
        put_answer(record, f"s{section.no}/{item.code.replace('-', '_')}", item, answer)


def put_answer(record: Record, at: str, item: Item, answer: Answer) -> None:
    """One answer, question by question, as an inspector would tick and type it."""
    verdict = answer.verdict.value if answer.verdict else "" if Kind.TRI in item.kinds else "by_value"
    record.put(f"{at}/a/verdict", verdict)
    if answer.reason:
        record.put(f"{at}/a/reason", answer.reason if answer.reason in REASONS else "other")
        record.put(f"{at}/a/reason_text", "" if answer.reason in REASONS else answer.reason)
    texts = {
        "value": None if answer.value is None else decimal_text(answer.value),
        "count": None if answer.count is None else str(answer.count),
        "on": answer.on.isoformat() if answer.on else None,
        "choice": answer.choice.replace(" ", "_") or None,
        "text": answer.text or None,
    }
    for name, text in texts.items():
        # An item that is no count takes a number where a limit looks at one.
        asked = "value" if name == "count" and not record.has(f"{at}/a/count") else name
        if text is not None:
            record.put(f"{at}/a/{asked}", text)
    specs = {s.name: s for s in item.required_inputs()}
    for name, value in answer.inputs.items():
        if name in specs:
            record.put(f"{at}/a/in_{name}", input_text(specs[name], value))
    _put_readings(record, at, item, answer)
    _put_groups(record, at, item, answer)


def input_text(spec: InputSpec, value: InputValue) -> str:
    if spec.kind == "boolean":
        return {"是": "true", "否": "false", True: "true", False: "false"}[value]  # type: ignore[index]
    if spec.kind == "grade":
        number = as_number(value)
        assert number is not None
        return canonical_text(number)
    if isinstance(value, tuple):
        return " ".join(v.replace(" ", "_") for v in value)
    return decimal_text(value) if isinstance(value, Decimal) else str(value).replace(" ", "_")


def _put_readings(record: Record, at: str, item: Item, answer: Answer) -> None:
    if not answer.readings:
        return
    if record.has(f"{at}/a/list"):
        record.put(f"{at}/a/list", " ".join(map(decimal_text, answer.readings)))
        return
    if len(answer.readings) == 1 and record.has(f"{at}/a/value"):
        record.put(f"{at}/a/value", decimal_text(answer.readings[0]))
        return
    record.put(f"{at}/a/points", str(len(answer.readings)))
    for reading in answer.readings:
        one = record.repeat(at, f"r_{item.code.replace('-', '_')}")
        inside(one, "v").text = decimal_text(reading)


def _put_groups(record: Record, at: str, item: Item, answer: Answer) -> None:
    if answer.groups:
        record.put(f"{at}/a/groups", str(len(answer.groups)))
    for group in answer.groups:
        one: Any = record.repeat(at, f"g_{item.code.replace('-', '_')}")
        for name in ("sample_no", "spare_no", "seal_no"):
            inside(one, f"one/{name}").text = getattr(group, name)
        inside(one, "one/values").text = " ".join(map(decimal_text, group.values))


def put_photos(record: Record, at: str, names: Iterable[str], end: str = "b") -> None:
    """Photos into the fixed places first, then into the repeat."""
    node = at.rsplit("/", 1)[1]
    for number, name in enumerate(names, start=1):
        if record.has(f"{at}/{end}/photo_{number}"):
            record.put(f"{at}/{end}/photo_{number}", name)
        else:
            inside(record.repeat(at, f"p_{node}"), "photo").text = name
