"""总体情况：受检数、检查项、符合率、问题条数、文书数，按环节、区域、检查表节和责任单位分列。"""

from __future__ import annotations

from collections.abc import Callable

from server.domain.bulletin_data import BulletinData
from server.domain.bulletin_draft import Draft, Part
from server.domain.bulletins import Block, FilterValue, Paragraph, Run, Table
from server.domain.statistics import Line, Pair, change_text
from server.domain.wording import FRAMES, LINKS, NOTICES, PARTIES, SEVERITIES, joined

_JUDGED: list[str] = ["conforming", "failing"]
_CONFIRMED: dict[str, FilterValue] = {"records": "violations", "standing": "confirmed"}
PAIR_COLUMNS = ("检查项数", "符合项数", "符合率")


def compose_overview(draft: Draft, data: BulletinData) -> tuple[Block, ...]:
    """Return the paragraphs and tables of 总体情况."""
    blocks: list[Block] = [draft.paragraph(*_subjects(draft, data), *_items(draft, data))]
    blocks += _optional(draft, _findings(draft, data))
    blocks += _optional(draft, _links(draft, data))
    blocks += _optional(draft, _notices(draft, data))
    blocks.append(_regions(draft, data))
    blocks.append(_table(draft, data, "section", ("各检查内容情况", "检查内容"), _section_name(data)))
    blocks.append(_table(draft, data, "liable_set", ("各责任主体检查情况", "责任主体"), _set_name))
    blocks.append(_table(draft, data, "party", ("各类单位涉及检查情况", "单位类别"), _set_name))
    blocks.append(
        draft.paragraph(
            "同一检查项由两类以上单位共同负责的，在各类单位涉及检查情况中分别计入，其合计大于检查项总数。",
            role="note",
        )
    )
    return tuple(blocks)


def _optional(draft: Draft, parts: list[Part]) -> list[Paragraph]:
    return [draft.paragraph(*parts)] if parts else []


def _subjects(draft: Draft, data: BulletinData) -> list[Part]:
    tally = data.statistics.tally("subjects.frame")
    parts: list[Part] = ["本次共检查"]
    for place, (frame, number) in enumerate(tally.lines):
        unit, noun = FRAMES[frame]
        records: dict[str, FilterValue] = {"records": "subjects", "frame": frame, "standing": "inspected"}
        figure = draft.count(f"subjects.{frame}", number, f"期间内已受检的{noun}数", records)
        parts += ["、" if place else "", figure, f"{unit}{noun}"]
    total = sum(number for _, number in data.statistics.tally("checks.frame").lines)
    figure = draft.count("checks.total", total, "期间内完成的检查次数", {"records": "checks"})
    return [*parts, "，开展检查", figure, "次；"]


def _items(draft: Draft, data: BulletinData) -> list[Part]:
    total = data.statistics.total
    parts: list[Part] = ["检查", *pair_parts(draft, "total", total.pair, {}, "全部检查项")]
    previous = data.statistics.previous
    text = change_text(total.pair, previous)
    if previous is None or text.endswith("无可比数据"):
        parts.append("（上期无可比数据）")
    else:
        value = {
            "conforming": total.pair.conforming,
            "checked": total.pair.checked,
            "previous_conforming": previous.conforming,
            "previous_checked": previous.checked,
        }
        definition = "本期与上期符合率之差，由两期的成对计数直接计算后取一位小数"
        records: dict[str, FilterValue] = {"records": "answers", "outcome": _JUDGED, "compare": "previous"}
        parts += ["，", draft.shown("total.change", text, value, definition, records)]
    parts.append("。")
    if total.needs_review:
        records = {"records": "answers", "outcome": "needs_review"}
        figure = draft.count("total.needs_review", total.needs_review, "尚待核实的检查项", records)
        parts += ["另有", figure, "项尚待核实，未计入。"]
    return parts


def pair_parts(draft: Draft, identity: str, pair: Pair, narrowing: dict[str, FilterValue], meaning: str) -> list[Part]:
    """Return 1844项，符合1412项，符合率76.6% as three figures."""
    checked, conforming, ratio = pair_figures(draft, identity, pair, narrowing, meaning)
    return [checked, "项，符合", conforming, "项，符合率", ratio]


def pair_figures(
    draft: Draft, identity: str, pair: Pair, narrowing: dict[str, FilterValue], meaning: str
) -> tuple[Part, Part, Part]:
    """Register checked, conforming and ratio of one pair under `identity`."""
    judged: dict[str, FilterValue] = {"records": "answers", "outcome": _JUDGED, **narrowing}
    good: dict[str, FilterValue] = {"records": "answers", "outcome": "conforming", **narrowing}
    return (
        draft.count(f"{identity}.checked", pair.checked, f"{meaning}中判定为符合或不符合的项数", judged),
        draft.count(f"{identity}.conforming", pair.conforming, f"{meaning}中判定为符合的项数", good),
        draft.ratio(f"{identity}.ratio", pair, f"{meaning}：符合项数÷（符合项数＋不符合项数）", judged),
    )


def _findings(draft: Draft, data: BulletinData) -> list[Part]:
    tally = data.statistics.tally("findings.severity")
    definition = "经确认的问题，同一对象同一检查项只计一条"
    records: dict[str, FilterValue] = {**_CONFIRMED, "distinct": "subject,item"}
    parts: list[Part] = ["确认问题", draft.count("findings.total", tally.total(), definition, records), "条"]
    for place, (severity, word) in enumerate(reversed(SEVERITIES.items())):
        narrowed: dict[str, FilterValue] = {**records, "severity": severity}
        figure = draft.count(f"findings.{severity}", tally.count(severity), f"{definition}；{word}", narrowed)
        parts += ["，其中" if not place else "、", f"{word}", figure, "条"]
    return [*parts, "。"]


def _links(draft: Draft, data: BulletinData) -> list[Part]:
    lines = sorted(data.statistics.table("link").lines, key=lambda line: (not line.key[0], line.key))
    if not set(LINKS) <= {line.key[0] for line in lines}:
        return []
    parts: list[Part] = []
    for place, line in enumerate(lines):
        name = LINKS.get(line.key[0], "其他环节")
        narrowing: dict[str, FilterValue] = {"link": line.key[0]}
        parts += ["；" if place else "", f"{name}检查"]
        parts += pair_parts(draft, f"link.{line.key[0] or 'other'}", line.pair, narrowing, name)
    return [*parts, "。"]


def _notices(draft: Draft, data: BulletinData) -> list[Part]:
    tally = data.statistics.tally("notices.kind")
    parts: list[Part] = []
    for kind, number in tally.lines:
        name = NOTICES.get(kind, "其他文书")
        records: dict[str, FilterValue] = {"records": "notices", "kind": kind}
        figure = draft.count(f"notices.{kind}", number, f"期间内下发的{name}", records)
        parts += ["、" if parts else "共下发", name, figure, "份"]
    return [*parts, "。"] if parts else []


def _regions(draft: Draft, data: BulletinData) -> Table:
    """The table by region also shows subjects and findings, whose totals are proved by reconciliation."""
    rows = []
    for line in data.statistics.table("region").lines:
        code = line.key[0]
        pair = pair_figures(draft, f"region.{code}", line.pair, {"region": code}, _region(data, code))
        subjects, findings = _region_counts(draft, data, code)
        rows.append(_cells(draft, _region(data, code), subjects, *pair, findings))
    whole = pair_figures(draft, "total", data.statistics.total.pair, {}, "全部检查项")
    subjects, findings = _region_counts(draft, data, "")
    rows.append(_cells(draft, "合计", subjects, *whole, findings))
    return Table("各区域检查情况", ("区域", "受检对象数", *PAIR_COLUMNS, "问题条数"), tuple(rows))


def _region_counts(draft: Draft, data: BulletinData, code: str) -> tuple[Part, Part]:
    """Register subjects and findings of one region, or of all regions when `code` is empty."""
    subjects, findings = (data.statistics.tally(f"{name}.region") for name in ("subjects", "findings"))
    narrowing: dict[str, FilterValue] = {"region": code} if code else {}
    identity = f"region.{code}" if code else "all"
    inspected: dict[str, FilterValue] = {"records": "subjects", "standing": "inspected", **narrowing}
    confirmed: dict[str, FilterValue] = {**_CONFIRMED, "distinct": "subject,item", **narrowing}
    where = _region(data, code) if code else "全部区域"
    return (
        draft.count(
            f"{identity}.subjects",
            subjects.count(code) if code else subjects.total(),
            f"{where}受检对象数",
            inspected,
        ),
        draft.count(
            f"{identity}.findings",
            findings.count(code) if code else findings.total(),
            f"{where}经确认的问题条数",
            confirmed,
        ),
    )


def _region(data: BulletinData, code: str) -> str:
    return data.names.regions.get(code, code)


def _cells(draft: Draft, *parts: Part) -> tuple[tuple[Run, ...], ...]:
    return tuple(draft.runs([part]) for part in parts)


def _table(
    draft: Draft,
    data: BulletinData,
    name: str,
    titles: tuple[str, str],
    name_of: Callable[[tuple[str, ...]], str],
) -> Table:
    caption, first = titles
    rows = [_row(draft, name, line, name_of(line.key)) for line in data.statistics.table(name).lines]
    if data.statistics.table(name).partition:
        whole = pair_figures(draft, "total", data.statistics.total.pair, {}, "全部检查项")
        rows.append(_cells(draft, "合计", *whole))
    return Table(caption, (first, *PAIR_COLUMNS), tuple(rows))


def _row(draft: Draft, name: str, line: Line, label: str) -> tuple[tuple[Run, ...], ...]:
    identity = ".".join((name, *(line.key or ("none",))))
    figures = pair_figures(draft, identity, line.pair, _narrowing(name, line.key), label)
    return _cells(draft, label, *figures)


def _narrowing(name: str, key: tuple[str, ...]) -> dict[str, FilterValue]:
    if name == "section":
        return {"checklist": key[0], "section": f"{key[0]}-{key[1]}"}
    if name == "liable_set":
        return {"liable": list(key)}
    return {"party" if name == "party" else name: key[0]}


def _section_name(data: BulletinData) -> Callable[[tuple[str, ...]], str]:
    def name(key: tuple[str, ...]) -> str:
        code = "-".join(key)
        checklist = data.names.checklists.get(key[0], key[0])
        return f"{checklist}：{data.names.sections.get(code, code)}"

    return name


def _set_name(key: tuple[str, ...]) -> str:
    ordered = [party for party in PARTIES if party in key] + [party for party in key if party not in PARTIES]
    return joined(PARTIES.get(party, party) for party in ordered) or "未指明"
