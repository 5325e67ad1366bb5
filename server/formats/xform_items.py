"""XForm 里的检查项：一项一屏，作答、条件、结论、照片、程度；读数和样品组各成一组重复。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from server.domain.answers import MAX_COUNT, MAX_GROUPS, MAX_PHOTOS, MAX_READINGS, Verdict
from server.domain.checklists import Item, Kind, Severity
from server.domain.limits import InputSpec
from server.formats.xform_limits import below_node, in_region
from server.formats.xform_names import BY_VALUE, MOST, OTHER, PLACES, REASONS, SCALE, Place, item_node, token
from server.formats.xform_verdicts import SEVERITY_TITLES, verdict_steps

Row = dict[str, str]
NOT_NUMBER = f"应为不超过 {PLACES} 位小数、绝对值小于 {MOST} 的数"
EXACT = f"round(. * {SCALE}) div {SCALE} = . and . < {MOST} and . > -{MOST}"
DAYS = ". >= date('1950-01-01') and . < date('2100-01-01')"
NUMBER = r"[-+]?[0-9]{1,9}([.][0-9]{1,6})?"
NUMBERS = f"regex(., '^ *{NUMBER}([ ,，、]+{NUMBER})*[ ,，、]*$')"
_LEAST = {Verdict.CONFORMING: "符合", Verdict.FAILING: "不符合", Verdict.NOT_APPLICABLE: "不适用"}


@dataclass(slots=True)
class Choices:
    """Lists of choices, each written once however many questions use it."""

    rows: list[Row] = field(default_factory=list)
    known: dict[tuple[tuple[str, str], ...], str] = field(default_factory=dict)

    def named(self, pairs: tuple[tuple[str, str], ...], name: str = "") -> str:
        """The name of the list of these (value, label) pairs; made when it is new."""
        if pairs not in self.known:
            self.known[pairs] = name or f"words_{len(self.known)}"
            self.rows += [{"list_name": self.known[pairs], "name": v, "label": w} for v, w in pairs]
        return self.known[pairs]

    def words(self, words: tuple[str, ...]) -> str:
        return self.named(tuple((token(w), w) for w in words))


def item_rows(place: Place, choices: Choices) -> Iterator[Row]:
    """Rows of the form for one item: a group with its questions, repeats, and a second screen when needed."""
    item, applies = place.item, f"{place.ask('verdict')} != '{Verdict.NOT_APPLICABLE.value}'"
    group = {
        "type": "begin group",
        "name": item_node(item.code),
        "label": f"{item.code} {SEVERITY_TITLES[item.severity]}",
    }
    region = in_region(item.region)
    yield group | ({"relevant": region} if region else {})
    yield {"type": "begin group", "name": "a", "appearance": "field-list"}
    yield {"type": "note", "name": "about", "label": f"{item.code} {item.text}", "hint": _hint(item)}
    yield from _verdict(place, choices)
    for row in (*_answers(place, choices), *(_input(s, choices) for s in item.required_inputs())):
        yield {"relevant": applies, **row}
    for name, expression in verdict_steps(place).nodes:
        yield _step(name, expression)
    if place.split:
        yield {"type": "end group"}
        yield from _repeats(place, applies)
        yield {"type": "begin group", "name": "b", "appearance": "field-list"}
    yield from _closing(place, applies, choices)
    yield {"type": "end group"}
    yield from _more_photos(place, applies)
    yield {"type": "end group"}


def _hint(item: Item) -> str:
    parts = [f"方法：{item.method}"]
    parts += [f"限值：{item.limit_text}"] if item.limit_text else []
    parts += ["依据：" + "；".join(c.text for c in item.basis)] if item.basis else []
    parts += [f"影像：{item.photos.rule}"] if item.photos.rule else []
    return "。".join(parts)


def _verdict(place: Place, choices: Choices) -> Iterator[Row]:
    """符合、不符合、不适用；不是判定题的多一项“按所填内容判定”。"""
    tri = Kind.TRI in place.item.kinds
    words = [(v.value, w) for v, w in _LEAST.items()]
    words = words if tri else [(BY_VALUE, "按所填内容判定"), *words]
    yield {
        "type": f"select_one {choices.named(tuple(words), 'verdict' if tri else 'verdict_or_value')}",
        "name": "verdict",
        "label": "判定",
        "required": "yes",
        "required_message": "请判定；未涉及的选“不适用”并说明理由",
        "appearance": "columns",
    }
    reasons = choices.named((*((r, r) for r in REASONS), (OTHER, "另行说明")), "na_reasons")
    without = f"{place.ask('verdict')} = '{Verdict.NOT_APPLICABLE.value}'"
    yield {
        "type": f"select_one {reasons}",
        "name": "reason",
        "label": "不适用的理由",
        "required": "yes",
        "relevant": without,
    }
    other = f"{without} and {place.ask('reason')} = '{OTHER}'"
    yield {"type": "text", "name": "reason_text", "label": "理由", "required": "yes", "relevant": other} | _short(500)


def _short(most: int) -> Row:
    return {"constraint": f"string-length(.) <= {most}", "constraint_message": f"不超过 {most} 字"}


def _whole(low: int, high: int) -> Row:
    return {"constraint": f". >= {low} and . <= {high}", "constraint_message": f"应为 {low}~{high}"}


def _answers(place: Place, choices: Choices) -> Iterator[Row]:
    """The answer itself, by its kinds."""
    item, unit = place.item, f"（{place.item.unit}）" if place.item.unit else ""
    if place.repeated:
        hint = "" if place.statistical else "只量一处的填 1 或不填，直接填实测数值；多处的逐一填读数"
        yield {"type": "integer", "name": "points", "label": "测点数", "hint": hint} | _whole(1, MAX_READINGS)
    if place.valued:
        single = f"not({place.ask('points')} > 1)" if place.repeated else ""
        row = {"type": "decimal", "name": "value", "label": f"实测数值{unit}", **_exact()}
        applies = f"{place.ask('verdict')} != '{Verdict.NOT_APPLICABLE.value}'"
        yield row | ({"relevant": f"{applies} and {single}"} if single else {})
    if place.listed:
        hint = "数与数之间空一格"
        yield {
            "type": "text", "name": "list", "label": f"全部读数{unit}", "hint": hint,
            "constraint": NUMBERS, "constraint_message": "应为以空格分开的数",
        }  # fmt: skip
    if place.grouped:
        yield {"type": "integer", "name": "groups", "label": "样品组数"} | _whole(0, MAX_GROUPS)
    yield from _plain_answers(item, choices)


def _plain_answers(item: Item, choices: Choices) -> Iterator[Row]:
    if Kind.COUNT in item.kinds:
        label = f"计数（{item.unit}）" if item.unit else "计数"
        yield {"type": "integer", "name": "count", "label": label} | _whole(0, MAX_COUNT)
    if Kind.DATE in item.kinds:
        yield {"type": "date", "name": "on", "label": "日期"} | _days()
    if Kind.CHOICE in item.kinds:
        yield {"type": f"select_one {choices.words(item.choices)}", "name": "choice", "label": "所选"}
    if Kind.TEXT in item.kinds:
        yield {"type": "text", "name": "text", "label": "文字记录"} | _short(1000)


def _exact() -> Row:
    return {"constraint": EXACT, "constraint_message": NOT_NUMBER}


def _days() -> Row:
    return {"constraint": DAYS, "constraint_message": "应为 1950 年到 2099 年之间的日期"}


def _input(spec: InputSpec, choices: Choices) -> Row:
    """One condition the rules ask for."""
    label = f"{spec.title}（{spec.unit}）" if spec.unit else spec.title
    row = {"name": f"in_{spec.name}", "label": label}
    if spec.kind in ("choice", "list"):
        kind = "select_one" if spec.kind == "choice" else "select_multiple"
        return row | {"type": f"{kind} {choices.words(spec.options)}", "appearance": "columns"}
    if spec.kind == "boolean":
        return row | {"type": f"select_one {choices.named((('true', '是'), ('false', '否')), 'yes_no')}"}
    if spec.kind == "date":
        return row | {"type": "date"} | _days()
    if spec.kind == "grade":
        return row | {"type": "decimal", "hint": "只填数字，C30 填 30"} | _exact()
    return row | ({"type": "decimal"} | _exact() if spec.kind == "number" else {"type": "text"} | _short(200))


# ------------------------------------------------------------------------------------------- repeats


def _repeats(place: Place, applies: str) -> Iterator[Row]:
    if place.repeated:
        points = place.ask("points")
        count = f"{points} >= 1" if place.statistical else f"{points} > 1"
        yield _repeat(place.repeat("r"), "读数", f"if({applies} and {count}, {points}, 0)")
        yield {"type": "decimal", "name": "v", "label": "读数", "required": "yes", **_exact()}
        yield from _reading_steps(place)
        yield {"type": "end repeat"}
    if place.grouped:
        count = f"if({applies} and {place.ask('groups')} > 0, {place.ask('groups')}, 0)"
        yield _repeat(place.repeat("g"), "样品组", count)
        yield {"type": "begin group", "name": "one", "appearance": "field-list"}
        yield {"type": "text", "name": "sample_no", "label": "检样编号", "required": "yes"} | _short(60)
        yield {"type": "text", "name": "spare_no", "label": "备样编号"} | _short(60)
        yield {"type": "text", "name": "seal_no", "label": "封条号"} | _short(60)
        yield {
            "type": "text", "name": "values", "label": "各块数值", "hint": "数与数之间空一格；待检的不填",
            "constraint": NUMBERS, "constraint_message": "应为以空格分开的数",
        }  # fmt: skip
        yield {"type": "end group"}
        yield {"type": "end repeat"}


def _repeat(name: str, label: str, count: str) -> Row:
    return {"type": "begin repeat", "name": name, "label": label, "repeat_count": count}


def _reading_steps(place: Place) -> Iterator[Row]:
    """What each reading carries for the limits that look at all of them: whole multiples, and marks below a bound."""
    rows = [row for check in place.item.checks for row in check.rule.rows if row.of]
    if any(row.of == "mean" for row in rows):
        yield _step("m", f"if(../v != '', round(../v * {SCALE}), '')")
    for name in dict.fromkeys(below_node(row) for row in rows if row.of == "count_below"):
        than = next(row.than for row in rows if row.of == "count_below" and below_node(row) == name)
        yield _step(name, f"if(../v != '' and ../v < {than or 0}, 1, 0)")


def _step(name: str, expression: str) -> Row:
    return {"type": "calculate", "name": name, "calculation": expression}


# ------------------------------------------------------------------------------------------- closing


def _closing(place: Place, applies: str, choices: Choices) -> Iterator[Row]:
    """Conclusion shown, photos demanded, severity, note."""
    item = place.item
    yield {"type": "note", "name": "conclusion", "label": f"结论：${{{place.say}}}"}
    for number in range(1, item.photos.minimum + 1):
        row = {"type": "image", "name": f"photo_{number}", "label": f"照片 {number}", "required": "yes"}
        yield row | {"relevant": applies, "required_message": "本项要求照片"}
    yield from _severity(place, choices)
    most = MAX_PHOTOS - item.photos.minimum
    yield {"type": "integer", "name": "more", "label": "另附照片张数", "relevant": applies} | _whole(0, most)
    yield {"type": "text", "name": "note", "label": "备注"} | _short(1000)


def _severity(place: Place, choices: Choices) -> Iterator[Row]:
    """Raising takes effect at once, lowering is a proposal: both with a reason."""
    failing = f"{place.ask('verdict')} = 'failing' or {place.ask('outcome')} = 'failing'"
    words = choices.named(tuple((s.value, SEVERITY_TITLES[s]) for s in Severity), "severity")
    own = place.item.severity
    yield {
        "type": f"select_one {words}",
        "name": "severity",
        "label": f"程度（本项为{SEVERITY_TITLES[own]}，需要调整时才选）",
        "appearance": "columns",
        "relevant": failing,
    }
    chosen = f"{place.end}/severity"
    adjusted = f"({failing}) and {chosen} != '' and {chosen} != '{own.value}'"
    row = {"type": "text", "name": "severity_reason", "label": "调整程度的理由", "required": "yes"}
    yield row | {"relevant": adjusted} | _short(500)


def _more_photos(place: Place, applies: str) -> Iterator[Row]:
    """Photos beyond the fixed ones: those demanded per place, group or point, and those the officer adds."""
    demand, more = place.item.photos, f"{place.end}/more"
    extra = f"if({more} > 0, {more}, 0)"
    if demand.per:
        counted = _counted(place)
        owed = f"{demand.per} * {counted} - {demand.minimum}"
        extra = f"if({owed} > 0, {owed}, 0) + {extra}"
    most = MAX_PHOTOS - demand.minimum
    yield _repeat(place.repeat("p"), "更多照片", f"if({applies}, if({extra} < {most}, {extra}, {most}), 0)")
    yield {"type": "image", "name": "photo", "label": "照片", "required": "yes"}
    yield {"type": "end repeat"}


def _counted(place: Place) -> str:
    """How many places, groups or points were answered, at least one."""
    names = ["count"] if Kind.COUNT in place.item.kinds else []
    names += ["groups"] if place.grouped else []
    names += ["points"] if place.repeated else []
    counted = "1"
    for name in reversed(names):
        counted = f"if({place.ask(name)} > 1, {place.ask(name)}, {counted})"
    return counted
