"""XForm 交来的记录读成我们自己的检查记录：与手机那扇门交来的 JSON 一个形状。

The XML is what a phone sent and is trusted in nothing: unknown nodes are passed over, everything that does not read is
named by its path and a Chinese reason, all at once. Namespaces are ignored, as OpenRosa allows the meta block in two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID, uuid5

from server.domain.answers import MAX_COUNT, Verdict
from server.domain.checklists import Checklist, Frame, Severity
from server.domain.checks import Attitude, Source
from server.domain.errors import FieldError, Invalid
from server.domain.limits import InputSpec
from server.domain.numbers import parse_decimal
from server.domain.registers import Datum
from server.formats.xform_names import BY_VALUE, OTHER, ROOT, Place, form_id, item_code, item_node, places, token

#: Namespace of photo ids: uuid5 over instanceID and file name, so that every reading gives the same id.
PHOTOS = UUID("5b3c1f0e-6d1b-5c57-9a54-0c2f6a1e7d42")
MOST_FAULTS = 100
_ITEM = re.compile(r"[A-Z]{2,5}_\d{2}_\d{2,3}\Z")
_PHOTO = re.compile(r"photo(_\d{1,2})?\Z")
_WHOLE = re.compile(r"[0-9]{1,9}(\.0+)?\Z")
_FLOAT = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,20})?([eE]-?[0-9]{1,2})?\Z")
_BLANKS = re.compile(r"[\s,，、]+")


class Node(Protocol):
    """What is used of an ElementTree element."""

    tag: Any
    text: str | None

    def get(self, key: str, /) -> str | None: ...
    def __iter__(self) -> Iterator[Any]: ...
    def iter(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Meta:
    """Who a record says it is; '' for what it does not say."""

    form_id: str
    version: str
    instance_id: str
    deprecated_id: str
    instance_name: str


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file the record mentions: its name in NFC, the item it belongs to, photo / signature / audit."""

    name: str
    item: str | None
    kind: str


# ------------------------------------------------------------------------------------------- the envelope


def read_meta(root: Node) -> Meta:
    """Form, version and ids of a record."""
    meta = next((c for c in root if _local(c) == "meta"), None)
    found = {_local(c): _text(c) for c in meta} if meta is not None else {}
    version = next((v for k, v in getattr(root, "attrib", {}).items() if _bare(k) == "version"), "")
    return Meta(
        form_id=(root.get("id") or "").strip(),
        version=version.strip(),
        instance_id=found.get("instanceID", ""),
        deprecated_id=found.get("deprecatedID", ""),
        instance_name=found.get("instanceName", ""),
    )


def check_uuid(instance_id: str) -> UUID:
    """The check's id in `uuid:<uuid>`. Raises Invalid (`instance-id-invalid`)."""
    plain = instance_id.strip().removeprefix("uuid:")
    try:
        if len(plain) != 36:
            raise ValueError(plain)
        return UUID(plain)
    except ValueError:
        raise Invalid(
            "instance-id-invalid",
            "记录的 instanceID 应为 uuid: 加编号。",
            errors=[FieldError(f"{ROOT}/meta/instanceID", "应为 uuid: 加编号", "instance-id-invalid")],
        ) from None


def photo_uuid(instance_id: str, name: str) -> UUID:
    """The id of one file of one record: the same file named again, composed or decomposed, is the same photo."""
    return uuid5(PHOTOS, f"{instance_id.strip()}\n{unicodedata.normalize('NFC', name.strip())}")


def file_refs(root: Node) -> tuple[FileRef, ...]:
    """Every file the record mentions, once per NFC name, in order. O(n): an item within an item counts as the outer one."""
    found: dict[str, FileRef] = {}
    group, rest = "", 0  # the item that is being passed through, and how many of its nodes are still to come
    for node in root.iter():
        if rest:
            rest -= 1
        elif len(node) and _ITEM.match(name := _bare(node.tag)):
            group, rest = name, len(list(node.iter())) - 1
        else:
            group = ""
        if node.text and _may_name_file(node.tag) and not len(node):
            _refer(found, node, group)
    found.pop("", None)
    return tuple(found.values())


def _refer(found: dict[str, FileRef], node: Node, group: str) -> None:
    kind, item = _bare(node.tag), item_code(group) if group else None
    if item and _PHOTO.match(kind):
        kind = "photo"
    if kind in ("photo", "signature", "audit") and (item or kind != "photo"):
        name = unicodedata.normalize("NFC", _text(node))
        found.setdefault(name, FileRef(name, item, kind))


def _may_name_file(tag: str) -> bool:
    """A quick look before the exact one: nearly all nodes of a record are answers."""
    return "photo" in tag or "signature" in tag or "audit" in tag


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]


def _local(node: Node) -> str:
    return _bare(node.tag) if isinstance(node.tag, str) else ""


def _text(node: Node) -> str:
    return (node.text or "").strip()


# ------------------------------------------------------------------------------------------- reading


@dataclass(slots=True)
class Group:
    """The nodes directly in one group, by name; repeats keep their order. Faults are gathered, not raised."""

    path: str
    faults: list[FieldError]
    nodes: dict[str, list[Node]] = field(default_factory=dict)

    @classmethod
    def of(cls, node: Node | None, path: str, faults: list[FieldError]) -> Group:
        group = cls(path, faults)
        for child in node if node is not None else ():
            group.nodes.setdefault(_local(child), []).append(child)
        return group

    def inner(self, name: str) -> Group:
        return Group.of(next(iter(self.nodes.get(name, ())), None), f"{self.path}/{name}", self.faults)

    def repeats(self, name: str) -> list[Group]:
        found = enumerate(self.nodes.get(name, ()), start=1)
        return [Group.of(node, f"{self.path}/{name}[{n}]", self.faults) for n, node in found]

    def text(self, name: str) -> str:
        return next((_text(n) for n in self.nodes.get(name, ())), "")

    def fault(self, name: str, reason: str, code: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(FieldError(f"{self.path}/{name}", reason, code))

    def read(self, name: str, parse: Callable[[str], Any], reason: str, code: str) -> Any:
        """The parsed value; None when the node is absent, blank or wrong (then it is a fault)."""
        text = self.text(name)
        if not text:
            return None
        try:
            return parse(text)
        except (ValueError, KeyError, Invalid):
            self.fault(name, reason, code)
            return None

    def need(self, name: str, parse: Callable[[str], Any], reason: str, code: str) -> Any:
        if not self.text(name):
            self.fault(name, "缺少此项", "missing")
        return self.read(name, parse, reason, code)


def read_record(root: Node, checklist: Checklist, frame: Frame) -> dict[str, Any]:
    """The JSON that `schemas.checks.CheckRecordShape` loads, made from a record of this checklist's form.

    Raises Invalid (`record-unreadable`) with every fault: `pointer` is the path in the record.
    """
    faults: list[FieldError] = []
    data, meta = Group.of(root, ROOT, faults), read_meta(root)
    if meta.form_id != form_id(checklist.code, frame):
        data.fault("@id", f"不是检查单 {checklist.code} 的表单", "form-mismatch")
    who, closing = data.inner("who"), data.inner("closing")
    record = {
        "subject": who.need("subject", _uuid, "应为检查对象的编号", "uuid-invalid"),
        "checklist": {"code": checklist.code, "version": checklist.version},
        "source": who.read("source", lambda t: Source(t).value, "没有这种检查来源", "word-unknown")
        or Source.DOUBLE_RANDOM.value,
        "assignment": who.read("assignment", _uuid, "应为任务的编号", "uuid-invalid"),
        "officers": _officers(who),
        "started_at": data.need("start", _instant, "应为带时区的时刻", "time-invalid"),
        "ended_at": data.need("end", _instant, "应为带时区的时刻", "time-invalid"),
        "device_at": data.read("end", _instant, "应为带时区的时刻", "time-invalid"),
        **_fix(data.inner("place")),
        "answers": _answers(data, checklist, frame, meta.instance_id),
        "photos": _signature(closing, meta.instance_id),
        "representative": _representative(closing),
        "remarks": closing.text("remarks"),
    }
    if faults:
        raise Invalid("record-unreadable", f"记录有 {len(faults)} 处读不出来。", errors=faults)
    return record


def _officers(who: Group) -> list[str]:
    named = [who.need(f"officer_{n}", _uuid, "应为执法人员的编号", "uuid-invalid") for n in (1, 2)]
    more = who.read("officer_more", lambda t: [_uuid(w) for w in t.split()], "应为执法人员的编号", "uuid-invalid")
    return [uuid for uuid in (*named, *(more or ())) if uuid is not None]


def _fix(place: Group) -> dict[str, Any]:
    """The position; an accuracy of 0 means mock or hand-placed and is kept as 0, named unverified."""
    fix = place.read("fix", _geopoint, "应为“纬度 经度 高程 精度”", "geopoint-invalid")
    if fix is None:
        return {"fix": None, "fix_error": place.text("fix_error") or "没有取得定位"}
    return {"fix": fix, "fix_error": place.text("fix_error")}


def _geopoint(text: str) -> dict[str, Any]:
    if not all(_FLOAT.match(p) for p in text.split()):
        raise ValueError(text)
    parts = [float(p) for p in text.split()]
    if not 2 <= len(parts) <= 4 or not all(abs(p) < 10**7 for p in parts):
        raise ValueError(text)
    if abs(parts[0]) > 90 or abs(parts[1]) > 180:
        raise ValueError(text)
    accuracy = parts[3] if len(parts) == 4 else None
    if accuracy is not None and (accuracy < 0 or accuracy > 10**6):
        raise ValueError(text)
    return {
        "longitude": parts[1],
        "latitude": parts[0],
        "datum": Datum.WGS84.value,
        "accuracy_m": accuracy,
        "provider": "odk" if accuracy else "odk-unverified",
    }


def _representative(closing: Group) -> dict[str, str]:
    attitude = closing.need("attitude", lambda t: Attitude(t).value, "应为签字、有不同意见或拒签", "word-unknown")
    found = {"name": closing.text("representative"), "attitude": attitude}
    return found | {n: closing.text(n) for n in ("opinion", "witness") if closing.text(n)}


def _signature(closing: Group, instance_id: str) -> list[dict[str, Any]]:
    name = closing.text("signature")
    return [{"uuid": str(photo_uuid(instance_id, name)), "item": None}] if name else []


def _uuid(text: str) -> str:
    plain = text.removeprefix("uuid:")
    if len(plain) != 36:
        raise ValueError(text)
    return str(UUID(plain))


def _instant(text: str) -> str:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at.isoformat()


# ------------------------------------------------------------------------------------------- answers


def _answers(data: Group, checklist: Checklist, frame: Frame, instance_id: str) -> list[dict[str, Any]]:
    found = (_answer(place, data.inner(f"s{place.section}"), instance_id) for place in places(checklist, frame))
    answers = [answer for answer in found if len(answer) > 1]
    if not answers:
        data.fault("", "一项也没有作答", "answers-missing")
    return answers


def _answer(place: Place, section: Group, instance_id: str) -> dict[str, Any]:
    """One item's answer; only what was filled in. An item that was not shown gives its code alone."""
    group = section.inner(item_node(place.item.code))
    first = group.inner("a")
    last = group.inner("b") if place.split else first
    answer: dict[str, Any] = {"item_code": place.item.code}
    answer |= _verdict(first)
    answer |= _values(place, first)
    answer["inputs"] = _inputs(place, first)
    answer["readings"] = _readings(place, group, first)
    answer["groups"] = [_sample(g.inner("one")) for g in group.repeats(place.repeat("g"))]
    answer["photos"] = _photos(place, group, last, instance_id)
    answer["severity"] = last.read("severity", lambda t: Severity(t).value, "没有这种程度", "word-unknown")
    answer |= {name: last.text(name) for name in ("severity_reason", "note")}
    return {name: value for name, value in answer.items() if value not in (None, "", [], {})}


def _verdict(first: Group) -> dict[str, Any]:
    verdict = first.text("verdict")
    if verdict == BY_VALUE:
        return {}
    reason = first.text("reason")
    return {
        "verdict": first.read("verdict", lambda t: Verdict(t).value, "没有这种判定", "word-unknown"),
        "reason": first.text("reason_text") if reason == OTHER else reason,
    }


def _values(place: Place, first: Group) -> dict[str, Any]:
    words = {token(w): w for w in place.item.choices}
    return {
        "value": first.read("value", number_text, "应为数", "number-invalid"),
        "count": first.read("count", _count, f"应为 0~{MAX_COUNT} 的整数", "number-invalid"),
        "on": first.read("on", _day, "应为日期", "date-invalid"),
        "choice": first.read("choice", words.__getitem__, "没有这个选项", "word-unknown"),
        "text": first.text("text"),
    }


def number_text(text: str) -> str:
    """The number as it was typed; a phone that keeps doubles writes 215 as `215.0`. Raises Invalid."""
    parse_decimal(text)
    return re.sub(r"\A([-+]?\d+)\.0\Z", r"\1", text)


def _count(text: str) -> int:
    if not _WHOLE.match(text):
        raise ValueError(text)
    return int(text.partition(".")[0])


def _day(text: str) -> str:
    return date.fromisoformat(text[:10]).isoformat()


def _inputs(place: Place, first: Group) -> dict[str, Any]:
    found = {}
    for spec in place.item.required_inputs():
        value = _input(spec, first)
        if value is not None:
            found[spec.name] = value
    return found


def _input(spec: InputSpec, first: Group) -> Any:
    name, words = f"in_{spec.name}", {token(w): w for w in spec.options}
    if spec.kind == "choice":
        return first.read(name, words.__getitem__, "没有这个选项", "word-unknown")
    if spec.kind == "list":
        return first.read(name, lambda t: [words[w] for w in t.split()], "没有这个选项", "word-unknown")
    if spec.kind == "boolean":
        return first.read(name, {"true": True, "false": False}.__getitem__, "应为是或否", "word-unknown")
    if spec.kind == "date":
        return first.read(name, _day, "应为日期", "date-invalid")
    if spec.kind == "text":
        return first.text(name) or None
    return first.read(name, number_text, "应为数", "number-invalid")


def _readings(place: Place, group: Group, first: Group) -> list[str]:
    listed = first.read("list", number_list, "应为以空格分开的数", "number-invalid") or []
    found = [r.read("v", number_text, "应为数", "number-invalid") for r in group.repeats(place.repeat("r"))]
    return [*listed, *(v for v in found if v is not None)]


def number_list(text: str) -> list[str]:
    """Numbers written one after another, apart by blanks or commas. Raises Invalid."""
    return [number_text(word) for word in _BLANKS.split(text) if word]


def _sample(one: Group) -> dict[str, Any]:
    if not one.text("sample_no"):
        one.fault("sample_no", "缺少检样编号", "missing")
    found: dict[str, Any] = {n: one.text(n) for n in ("sample_no", "spare_no", "seal_no") if one.text(n)}
    values = one.read("values", number_list, "应为以空格分开的数", "number-invalid")
    return found | ({"values": values} if values else {})


def _photos(place: Place, group: Group, last: Group, instance_id: str) -> list[str]:
    names = [last.text(f"photo_{n}") for n in range(1, place.item.photos.minimum + 1)]
    names += [repeat.text("photo") for repeat in group.repeats(place.repeat("p"))]
    return list(dict.fromkeys(str(photo_uuid(instance_id, name)) for name in names if name))
