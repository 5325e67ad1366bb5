"""拟稿：由数据写成通报。

`compose` is a pure function: the same data gives the same tree and the same bytes. It refuses before it
writes: figures that do not reconcile, deadlines before those of the notices, and words the law reserves.
"""

from __future__ import annotations

from server.domain.bulletin_data import BulletinData, ItemSpread, SubjectResult
from server.domain.bulletin_draft import Draft, Part
from server.domain.bulletin_overview import PAIR_COLUMNS, compose_overview, pair_figures
from server.domain.bulletins import Block, Bulletin, BulletinKind, FilterValue, Paragraph, Run, Section, Table
from server.domain.case_wording import case_notes, compose_case
from server.domain.cases import Stage, check_criticism, stage_on
from server.domain.errors import Conflict, FieldError, Invalid
from server.domain.reconciliation import reconcile
from server.domain.statistics import Pair
from server.domain.wording import FRAMES, SEVERITIES, chinese_date, chinese_number, chinese_span, joined, not_done

_RESULT_COLUMNS = (
    *("序号", "区域", "受检对象", "统一社会信用代码", "检查日期", "检查表", *PAIR_COLUMNS),
    *SEVERITIES.values(),
    *("文书编号", "整改期限", "整改状态"),
)
_PROBLEM_COLUMNS = ("序号", "检查项", "问题", "涉及对象数", "受检对象数", "占比")


def compose(data: BulletinData) -> Bulletin:
    """Write the draft bulletin.

    Raises Conflict `figures-do-not-reconcile`, Invalid `deadline-before-notice`, `selection-differs`,
    `bulletin-kind-mismatch`, Refused `case-not-publishable`, `criticism-needs-decision`.
    """
    _check(data)
    draft = Draft(data.kept_number_prefixes)
    lead = draft.paragraph(*_lead(data))
    sections = _numbered(draft, data)
    attachments = _attachments(draft, data)
    bulletin = Bulletin(
        id=data.id,
        kind=data.kind,
        title=draft.clean(f"关于{data.occasion}情况的通报"),
        issuer=data.issuer,
        recipients=data.recipients,
        lead=(lead,),
        sections=sections,
        attachments=attachments,
        dated_on=data.dated_on,
        publicity=data.publicity,
        snapshot=data.snapshot,
        scope=_scope(data),
        figures=tuple(draft.figures.values()),
        selection=data.selection,
        notes=tuple(dict.fromkeys(note for facts in data.cases for note in case_notes(facts))),
    )
    check_criticism(bulletin.plain_text(), tuple(facts.case for facts in data.cases), data.dated_on)
    return bulletin


def _check(data: BulletinData) -> None:
    reconcile(data.statistics)
    _check_results(data)
    _check_deadline(data)
    _check_cases(data)


def _check_results(data: BulletinData) -> None:
    total = sum((result.pair for result in data.results), Pair())
    if data.results and total != data.statistics.total.pair:
        raise Conflict(
            "figures-do-not-reconcile",
            "附件一览表的合计与正文不一致，不能用于通报。",
            facts={"attachment": [total.conforming, total.checked]},
        )


def _check_deadline(data: BulletinData) -> None:
    latest = data.demands.latest_notice_due_on
    if latest and data.demands.report_by_on < latest:
        raise Invalid(
            "deadline-before-notice",
            f"通报要求的期限不得早于整改通知书的期限（{chinese_date(latest)}）。",
            errors=[FieldError("/demands/report_by_on", "早于整改通知书期限")],
        )


def _check_cases(data: BulletinData) -> None:
    chosen = [choice.id for choice in data.selection]
    if chosen and chosen != [facts.case.id for facts in data.cases]:
        raise Invalid("selection-differs", "案例与遴选结果不一致，请按遴选次序提供案例。")
    if data.kind is BulletinKind.SINGLE_CASE and len(data.cases) != 1:
        raise Invalid("bulletin-kind-mismatch", "个案通报须有且只有一个案例。")
    if data.kind is BulletinKind.TYPICAL_CASES:
        stages = {stage_on(facts.case, data.dated_on) for facts in data.cases}
        if stages != {Stage.DECIDED}:
            raise Invalid("bulletin-kind-mismatch", "典型案例通报只能写处罚决定已生效的案件。")


def _scope(data: BulletinData) -> dict[str, FilterValue]:
    return {
        "first_on": data.statistics.first_on.isoformat(),
        "last_on": data.statistics.last_on.isoformat(),
        "regions": sorted(data.region_codes),
        "checklists": sorted(data.checklists),
        "snapshot": data.snapshot,
    }


def _lead(data: BulletinData) -> list[Part]:
    span = chinese_span(data.statistics.first_on, data.statistics.last_on)
    basis = f"根据{joined(data.basis)}，" if data.basis else ""
    return [f"{basis}{span}，我单位{data.method}。现将有关情况通报如下："]


def _numbered(draft: Draft, data: BulletinData) -> tuple[Section, ...]:
    parts: list[tuple[str, str, tuple[Block, ...]]] = []
    if data.kind is BulletinKind.CHECK_RESULTS:
        parts.append(("overview", "总体情况", compose_overview(draft, data)))
        parts.append(("problems", "主要问题", _problems(draft, data)))
    if data.cases:
        single = data.kind is BulletinKind.SINGLE_CASE
        parts.append(("cases", "基本情况" if single else "典型案例", _cases(draft, data)))
    if data.kind is BulletinKind.CHECK_RESULTS:
        parts.append(("handling", "处理意见", _handling(draft, data)))
    parts.append(("demands", "工作要求", _demands(draft, data)))
    return tuple(
        Section(key, f"{chinese_number(place)}、{heading}", blocks)
        for place, (key, heading, blocks) in enumerate(parts, 1)
    )


def _top(data: BulletinData) -> list[ItemSpread]:
    failing = [item for item in data.frequent if item.failing_subjects]
    ranked = sorted(
        failing,
        key=lambda item: (-(item.pair.fraction or 0), -item.failing_subjects, item.item_code, item.frame),
    )
    return ranked[: data.most_frequent]


def _problems(draft: Draft, data: BulletinData) -> tuple[Block, ...]:
    groups: dict[str, list[ItemSpread]] = {}
    for item in _top(data):
        groups.setdefault(f"{item.checklist}-{item.section}", []).append(item)
    if not groups:
        return (draft.paragraph("本次检查未发现带有共性的问题。"),)
    blocks: list[Block] = []
    for place, (section, items) in enumerate(groups.items(), 1):
        name = data.names.sections.get(section, section)
        blocks.append(draft.paragraph(f"（{chinese_number(place)}）{name}", role="heading2"))
        parts: list[Part] = []
        for item in items:
            parts += ["；" if parts else "", *_problem(draft, data, item)]
        blocks.append(draft.paragraph(*parts, "。"))
    return tuple(blocks)


def _problem(draft: Draft, data: BulletinData, item: ItemSpread) -> list[Part]:
    unit, noun = FRAMES[item.frame]
    word = data.quantifiers.word(item.failing_subjects, item.checked_subjects)
    count, _, share = _spread_figures(draft, item)
    sentence = item.finding or not_done(item.text)
    return [f"{word}{noun}{sentence}（", count, f"{unit}，占受检{noun}的", share, "）"]


def _spread_figures(draft: Draft, item: ItemSpread) -> tuple[Part, Part, Part]:
    noun = FRAMES[item.frame][1]
    identity = f"item.{item.item_code}.{item.frame}"
    narrowing: dict[str, FilterValue] = {"records": "subjects", "frame": item.frame, "item": item.item_code}
    failing: dict[str, FilterValue] = {**narrowing, "standing": "confirmed"}
    judged: dict[str, FilterValue] = {**narrowing, "outcome": ["conforming", "failing"]}
    definition = f"检查项{item.item_code}：存在经确认问题的{noun}÷该项受检{noun}"
    return (
        draft.count(
            f"{identity}.failing",
            item.failing_subjects,
            f"检查项{item.item_code}存在经确认问题的{noun}",
            failing,
        ),
        draft.count(f"{identity}.checked", item.checked_subjects, f"检查项{item.item_code}受检{noun}", judged),
        draft.share(f"{identity}.share", item.pair, definition, judged),
    )


def _cases(draft: Draft, data: BulletinData) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for place, facts in enumerate(data.cases, 1):
        region = data.names.regions.get(facts.region_code, "")
        title = f"（{chinese_number(place)}）{region}{facts.subject}"
        blocks.append(draft.paragraph(title, role="case_title"))
        blocks += compose_case(draft, facts, data.dated_on)
    return tuple(blocks)


def _handling(draft: Draft, data: BulletinData) -> tuple[Paragraph, ...]:
    done = data.handling
    parts: list[Part] = []
    parts += _counted(draft, "filed", done.filed, "立案查处", "件", {"records": "cases", "standing": "filed"})
    parts += _counted(
        draft,
        "decided",
        done.decided,
        "作出处罚决定并已生效",
        "件",
        {"records": "cases", "standing": "in_force"},
    )
    if done.fines:
        records: dict[str, FilterValue] = {"records": "penalties", "kind": "fine", "standing": "in_force"}
        amount = draft.amount("handling.fines", done.fines, "已生效处罚决定的罚款合计", records)
        payers = draft.count("handling.fined_parties", done.fined_parties, "被处罚款的当事人数", records)
        parts += ["；", "对", payers, "个当事人罚款合计人民币", amount]
    if done.points:
        records = {"records": "credit_deductions"}
        points = draft.points("handling.points", done.points, "信用扣分合计", records)
        payers = draft.count("handling.deducted", done.deducted_parties, "被记扣分的主体数", records)
        parts += ["；", "对", payers, "个主体记信用扣分合计", points]
    parts += _counted(draft, "referred", done.referred, "移送有关部门", "件", {"records": "referrals"})
    parts += _counted(draft, "interviewed", done.interviewed, "约谈", "次", {"records": "interviews"})
    if not parts:
        parts = ["；", "对检查发现的问题已责令相关单位限期改正，后续情况按规定公开"]
    return (
        draft.paragraph(*parts[1:], "。"),
        draft.paragraph("尚未作出处理决定的，由有管辖权的主管部门依法调查处理，结果按规定公开。"),
    )


def _counted(draft: Draft, key: str, number: int, verb: str, unit: str, records: dict[str, FilterValue]) -> list[Part]:
    if not number:
        return []
    return ["；", verb, draft.count(f"handling.{key}", number, f"期间内{verb}的{unit}数", records), unit]


def _demands(draft: Draft, data: BulletinData) -> tuple[Paragraph, ...]:
    demands = data.demands
    peers = demands.peers or "各有关企业要对照通报的问题开展自查，完善质量保证体系，落实质量主体责任。"
    authorities = demands.authorities or "各级主管部门要加强日常监督，督促整改到位，对拒不整改的依法查处。"
    by = f"{chinese_date(demands.report_by_on)}前将整改情况书面报{demands.report_to}"
    return (
        draft.paragraph(f"（一）受检单位要逐条整改，举一反三，于{by}。"),
        draft.paragraph(f"（二）{peers}"),
        draft.paragraph(f"（三）{authorities}"),
    )


def _attachments(draft: Draft, data: BulletinData) -> tuple[Table, ...]:
    if data.kind is not BulletinKind.CHECK_RESULTS:
        return ()
    tables = []
    if data.results:
        ordered = sorted(
            data.results,
            key=lambda line: (line.region_code, line.frame, line.subject_id, line.checklist, line.checked_on),
        )
        rows = tuple(_result_row(draft, data, place, line) for place, line in enumerate(ordered, 1))
        tables.append(Table("受检对象及检查结果一览表", _RESULT_COLUMNS, rows))
    items = _top(data)
    if items:
        rows = tuple(_problem_row(draft, place, item) for place, item in enumerate(items, 1))
        tables.append(Table("主要问题清单", _PROBLEM_COLUMNS, rows))
    return tuple(tables)


def _result_row(draft: Draft, data: BulletinData, place: int, line: SubjectResult) -> tuple[tuple[Run, ...], ...]:
    narrowing: dict[str, FilterValue] = {
        "subject": line.subject_id,
        "checklist": line.checklist,
        "checked_on": line.checked_on.isoformat(),
    }
    identity = f"result.{place}"
    found: list[Part] = []
    for severity, number in zip(SEVERITIES, (line.minor, line.major, line.critical), strict=True):
        records: dict[str, FilterValue] = {
            "records": "violations",
            "standing": "confirmed",
            "severity": severity,
            **narrowing,
        }
        meaning = f"{line.subject}经确认的{SEVERITIES[severity]}问题"
        found.append(draft.count(f"{identity}.{severity}", number, meaning, records))
    region = data.names.regions.get(line.region_code, line.region_code)
    checklist = data.names.checklists.get(line.checklist, line.checklist)
    due = line.due_on.isoformat() if line.due_on else ""
    cells: list[Part] = [str(place), region, line.subject, line.credit_code, line.checked_on.isoformat()]
    cells += [checklist, *pair_figures(draft, identity, line.pair, narrowing, line.subject), *found]
    cells += ["、".join(line.notices), due, line.rectification]
    return tuple(draft.runs([cell]) for cell in cells)


def _problem_row(draft: Draft, place: int, item: ItemSpread) -> tuple[tuple[Run, ...], ...]:
    cells: list[Part] = [str(place), item.item_code, item.finding or item.text]
    return tuple(draft.runs([cell]) for cell in (*cells, *_spread_figures(draft, item)))
