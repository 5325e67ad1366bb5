"""检查单做成 XForm：同一份检查单、同一类对象，永远得到同样的字节。

Built by pyxform from the same data that the phone and the server judge by. Texts are Chinese only; the entity lists
`assignments`, `subjects` and `officers` come with the form as CSV. Source: XLSForm and ODK XForms specifications,
entities 2024.1.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5

from server.domain.checklists import Checklist, Frame
from server.domain.checks import Attitude, Source
from server.domain.errors import Invalid
from server.formats.xform_items import Choices, Row, item_rows
from server.formats.xform_names import ROOT, Place, form_id, form_version, literal

__all__ = ["FORM_FILES", "BuiltForm", "build_form", "form_id", "form_sheets", "form_version"]

#: Entity lists every form reads; each must stand in its manifest.
FORM_FILES = ("assignments.csv", "subjects.csv", "officers.csv")
FRAME_TITLES = {Frame.PROJECT: "工程项目", Frame.ENTERPRISE_SITE: "企业场所"}
SOURCES = {
    Source.DOUBLE_RANDOM: "双随机抽查",
    Source.CAMPAIGN: "专项检查",
    Source.INDIVIDUAL: "个案检查",
    Source.REINSPECTION: "复查",
    Source.UNANNOUNCED: "飞行检查",
}
ATTITUDES = {
    Attitude.SIGNS: "签字确认",
    Attitude.DISAGREES: "签字，有不同意见",
    Attitude.REFUSES: "拒绝签字",
}
_WHO = f"{ROOT}/who"
_TASK = f"instance('assignments')/root/item[name={_WHO}/assignment]"
_SUBJECT = f"instance('subjects')/root/item[name={_WHO}/subject]"


@dataclass(frozen=True, slots=True)
class BuiltForm:
    """A form as it is served: `md5` is the hex digest of exactly these bytes."""

    form_id: str
    version: str
    title: str
    xml: bytes
    md5: str


def build_form(checklist: Checklist, frame: Frame) -> BuiltForm:
    """The form of one checklist for one kind of subject. Raises Invalid (`form-empty`) when no item is put to it."""
    from pyxform.xls2xform import convert  # half a second, paid only by who builds

    sheets = form_sheets(checklist, frame)
    headers = {f"{name}_header": [header(rows)] for name, rows in sheets.items()}
    book = convert({**sheets, **headers}, form_name=ROOT.strip("/"), validate=False, pretty_print=False)
    xml = book.xform.encode()
    title = _title(checklist, frame)
    return BuiltForm(form_id(checklist.code, frame), form_version(checklist), title, xml, md5(xml).hexdigest())  # noqa: S324


def form_sheets(checklist: Checklist, frame: Frame) -> dict[str, list[Row]]:
    """The four sheets of the XLSForm. Raises Invalid (`form-empty`)."""
    if not checklist.items_for(frame):
        words = f"检查单 {checklist.code}（{checklist.version}）没有针对{FRAME_TITLES[frame]}的检查项。"
        raise Invalid("form-empty", words)
    choices = Choices()
    survey = list(_survey(checklist, frame, choices))
    entities = {"list_name": "assignments", "entity_id": "${assignment}", "update_if": "${assignment} != ''"}
    settings = _settings(checklist, frame, _title(checklist, frame))
    sheets = {"survey": survey, "choices": choices.rows, "settings": [settings], "entities": [entities]}
    return {name: _aligned(rows) for name, rows in sheets.items()}


def _aligned(rows: list[Row]) -> list[Row]:
    """Every row with its cells in the order of the columns, as a table would give them."""
    columns = header(rows)
    return [{name: row[name] for name in columns if name in row} for row in rows]


def header(rows: list[Row]) -> dict[str, None]:
    """Every column used by some row, in the order of first use."""
    return dict.fromkeys(name for row in rows for name in row)


def _title(checklist: Checklist, frame: Frame) -> str:
    both = all(checklist.items_for(f) for f in Frame)
    return f"{checklist.title}（{FRAME_TITLES[frame]}）" if both else checklist.title


def _settings(checklist: Checklist, frame: Frame, title: str) -> Row:
    name = f"concat({_WHO}/subject_name, '　', {literal(title)}, '　', {ROOT}/today)"
    return {
        "form_title": title,
        "form_id": form_id(checklist.code, frame),
        "version": form_version(checklist),
        "instance_name": name,
        "client_editable": "true",
    }


def _survey(checklist: Checklist, frame: Frame, choices: Choices) -> Iterator[Row]:
    for name in ("start", "end", "today", "deviceid"):
        yield {"type": name, "name": name}
    yield {
        "type": "audit",
        "name": "audit",
        "parameters": "location-priority=high-accuracy location-min-interval=60 location-max-age=300",
    }
    yield from _who(checklist, frame, choices)
    yield from _place()
    for section in checklist.sections_for(frame):
        yield {"type": "begin group", "name": f"s{section.no}", "label": f"{section.no} {section.name}"}
        for item in section.items:
            yield from item_rows(Place(item, section.no), choices)
        yield {"type": "end group"}
    yield from _closing(choices)


# ------------------------------------------------------------------------------------------- opening


def _who(checklist: Checklist, frame: Frame, choices: Choices) -> Iterator[Row]:
    """The task, the subject, the officers, the source."""
    free = f"{_WHO}/assignment = ''"
    mine = f"contains(concat(' ', checklists, ' '), ' {checklist.code} ')"
    yield {"type": "begin group", "name": "who", "label": "对象与人员"}
    yield {
        "type": "select_one_from_file assignments.csv",
        "name": "assignment",
        "label": "检查任务",
        "hint": "没有派给您的任务时不选，直接选检查对象",
        "choice_filter": f"state = 'open' and frame = '{frame.value}' and {mine}",
    }
    yield {
        "type": "select_one_from_file subjects.csv",
        "name": "chosen",
        "label": "检查对象",
        "required": "yes",
        "choice_filter": f"frame = '{frame.value}'",
        "relevant": free,
        "appearance": "minimal autocomplete",
    }
    yield _step("subject", f"if({free}, {_WHO}/chosen, {_TASK}/subject)")
    yield _step("subject_name", f"{_SUBJECT}/label")
    yield _step("address", f"{_SUBJECT}/address")
    yield _step("region", f"{_SUBJECT}/region_code")
    yield _step("day", f"number(format-date({ROOT}/today, '%Y%m%d'))")
    yield {"type": "note", "name": "subject_note", "label": "${subject_name}", "hint": "${address}"}
    yield from _officers()
    yield from _source(free, choices)
    yield _step("task_state", "'done'") | {"save_to": "state"}
    yield {"type": "end group"}


def _step(name: str, expression: str) -> Row:
    return {"type": "calculate", "name": name, "calculation": expression}


def _officers() -> Iterator[Row]:
    """Two officers, filled in from the task; more when more came."""
    for number, title in ((1, "执法人员甲"), (2, "执法人员乙")):
        row = {
            "type": "select_one_from_file officers.csv",
            "name": f"officer_{number}",
            "label": title,
            "required": "yes",
            "required_message": "现场检查至少两名执法人员",
            "trigger": "${assignment}",
            "calculation": f"{_TASK}/officer_{number}",
            "appearance": "minimal autocomplete",
        }
        other = {"constraint": f". != {_WHO}/officer_1", "constraint_message": "同一人不能占两个席位"}
        yield row | (other if number == 2 else {})
    yield {
        "type": "select_multiple_from_file officers.csv",
        "name": "officer_more",
        "label": "其他执法人员",
        "choice_filter": f"name != {_WHO}/officer_1 and name != {_WHO}/officer_2",
        "appearance": "minimal autocomplete",
    }


def _source(free: str, choices: Choices) -> Iterator[Row]:
    words = choices.named(tuple((s.value, w) for s, w in SOURCES.items()), "source")
    yield {
        "type": f"select_one {words}",
        "name": "source_chosen",
        "label": "检查来源",
        "required": "yes",
        "relevant": free,
        "appearance": "minimal",
    }
    task = f"if({_TASK}/source != '', {_TASK}/source, '{Source.DOUBLE_RANDOM.value}')"
    yield _step("source", f"if({free}, {_WHO}/source_chosen, {task})")


def _place() -> Iterator[Row]:
    """Where the check was made; without a fix, the reason."""
    yield {"type": "begin group", "name": "place", "label": "现场位置"}
    yield {
        "type": "geopoint",
        "name": "fix",
        "label": "现场定位",
        "hint": "到露天处取；精度以米计，取不到的下一页说明原因",
        "parameters": "capture-accuracy=10 warning-accuracy=100 allow-mock-accuracy=false",
    }
    yield {
        "type": "text",
        "name": "fix_error",
        "label": "没有定位的原因",
        "required": "yes",
        "relevant": f"{ROOT}/place/fix = ''",
        "constraint": "string-length(.) <= 80",
        "constraint_message": "不超过 80 字",
    }
    yield {"type": "end group"}


# ------------------------------------------------------------------------------------------- closing


def _closing(choices: Choices) -> Iterator[Row]:
    """What the representative says, signs or refuses; remarks."""
    at = f"{ROOT}/closing"
    words = choices.named(tuple((a.value, w) for a, w in ATTITUDES.items()), "attitude")
    signs, refuses = f"{at}/attitude != '{Attitude.REFUSES.value}'", f"{at}/attitude = '{Attitude.REFUSES.value}'"
    yield {"type": "begin group", "name": "closing", "label": "签字"}
    yield _text("representative", "被检单位代表姓名", 64) | {"required": "yes", "relevant": signs}
    yield {
        "type": f"select_one {words}",
        "name": "attitude",
        "label": "被检单位代表的态度",
        "required": "yes",
    }
    opinion = f"{at}/attitude != '' and {at}/attitude != '{Attitude.SIGNS.value}'"
    yield _text("opinion", "不同意见，或拒签的情况", 1000) | {"required": "yes", "relevant": opinion}
    yield _text("witness", "见证人", 64) | {"relevant": refuses}
    yield {
        "type": "image",
        "name": "signature",
        "label": "代表签字",
        "appearance": "signature",
        "required": "yes",
        "relevant": f"{at}/attitude != '' and {signs}",
    }
    yield _text("remarks", "现场情况说明", 4000)
    yield {"type": "note", "name": "thanks", "label": "数值类结论以服务器收到后的判定为准；签字后请点“完成”封存。"}
    yield {"type": "end group"}


def _text(name: str, label: str, most: int) -> Row:
    bound = {"constraint": f"string-length(.) <= {most}", "constraint_message": f"不超过 {most} 字"}
    return {"type": "text", "name": name, "label": label} | bound
