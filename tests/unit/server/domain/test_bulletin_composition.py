"""From data to a bulletin: wording by state, every number a figure, refusals before a word is written."""

import re
from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from server.domain.bulletin_composition import compose
from server.domain.bulletin_data import BulletinData, Demands, SubjectResult
from server.domain.bulletins import Bulletin, BulletinKind, FigureRef, Table, Text, canonical_bytes
from server.domain.cases import change_case
from server.domain.errors import Conflict, Invalid, Refused, ZhijianError
from server.domain.statistics import Control, Pair, tabulate
from tests.factories.bulletins import (
    ROWS,
    decided_case,
    filed_case,
    found_case,
    season,
    season_items,
    season_results,
    season_statistics,
)

# 可以直接写在文字里的数字：日期、文书号、标题里的年份和期间。
_ALLOWED_DIGITS = re.compile(
    r"\d{4}年\d{1,2}月\d{1,2}日(?:至(?:\d{4}年)?\d{1,2}月\d{1,2}日)?|〔\d{4}〕(?:第)?\d+号|\d{4}年"
)


def section_text(bulletin: Bulletin, key: str) -> str:
    texts = {figure.id: figure.text for figure in bulletin.figures}
    section = next(section for section in bulletin.sections if section.key == key)
    runs = [run for block in section.blocks if not isinstance(block, Table) for run in block.runs]
    return "".join(run.text if isinstance(run, Text) else texts[run.figure] for run in runs)


def test_title_sections_and_attachments() -> None:
    bulletin = compose(season())
    assert bulletin.title == "关于2026年第三季度建设工程质量“双随机、一公开”抽查情况的通报"
    assert [section.heading for section in bulletin.sections] == [
        "一、总体情况",
        "二、主要问题",
        "三、典型案例",
        "四、处理意见",
        "五、工作要求",
    ]
    assert [table.caption for table in bulletin.attachments] == ["受检对象及检查结果一览表", "主要问题清单"]


def test_no_number_stands_outside_a_figure() -> None:
    bulletin = compose(season())
    for section in bulletin.sections:
        if section.key in {"overview", "problems", "handling"}:
            for block in section.blocks:
                cells = [block.runs] if not isinstance(block, Table) else [c for row in block.rows for c in row]
                for run in (run for cell in cells for run in cell):
                    if isinstance(run, Text):
                        assert not re.search(r"\d", _ALLOWED_DIGITS.sub("", run.text)), run.text


def test_every_figure_has_a_definition_and_names_its_records() -> None:
    for figure in compose(season()).figures:
        assert figure.definition
        assert figure.filter["records"]
        assert figure.value


def test_the_same_data_gives_the_same_bytes_whatever_the_order_of_rows() -> None:
    first = canonical_bytes(compose(season()))
    statistics = season_statistics()
    for rows in list(permutations(ROWS))[::30]:
        again = tabulate(statistics.first_on, statistics.last_on, rows)
        tables = replace(statistics, tables=again.tables, total=again.total)
        data = season(
            statistics=tables,
            frequent=tuple(reversed(season_items())),
            results=tuple(reversed(season_results())),
        )
        assert canonical_bytes(compose(data)) == first


def test_problems_are_ordered_by_share_and_carry_their_quantifier() -> None:
    text = section_text(compose(season()), "problems")
    words = ["多数企业原材料", "部分企业未做到", "部分项目未做到", "个别项目未做到", "个别企业未做到"]
    assert [text.index(word) for word in words] == sorted(text.index(word) for word in words)
    assert "（5家，占受检企业的55.6%）" in text
    assert "原始记录可追溯" not in text


def test_only_the_most_frequent_problems_are_listed() -> None:
    bulletin = compose(season(most_frequent=2))
    assert len(bulletin.attachments[1].rows) == 2


def test_no_problem_is_said_plainly() -> None:
    bulletin = compose(season(frequent=()))
    assert section_text(bulletin, "problems") == "本次检查未发现带有共性的问题。"
    assert len(bulletin.attachments) == 1


def test_each_case_speaks_by_its_state() -> None:
    text = section_text(compose(season()), "cases")
    assert "依据《广东省建设工程质量管理条例》第四十八条，对示范一号混凝土有限公司处罚款人民币12万元" in text
    assert "（〔示〕住建罚决字〔2026〕第1号）" in text
    assert "上述行为涉嫌违反《建设工程质量检测管理办法》的有关规定，已立案查处。" in text
    assert "已下发《局部停工整改通知书》（惠市住建停〔2026〕3号）责令停工整改。" in text


def test_natural_persons_and_numbers_do_not_appear() -> None:
    raw = canonical_bytes(compose(season())).decode()
    assert "实名" not in raw
    assert "13812345678" not in raw
    assert "对有关单位技术负责人处罚款人民币" in section_text(compose(season()), "cases")


def test_unverified_clauses_are_noted_for_the_drafters_only() -> None:
    bulletin = compose(season())
    assert "第三十条" not in bulletin.plain_text()
    assert any(note.startswith("依据待核：《建设工程质量检测管理办法》第三十条") for note in bulletin.notes)


def test_the_total_line_of_each_partition_is_the_same_figure() -> None:
    bulletin = compose(season())
    tables = [block for block in bulletin.sections[0].blocks if isinstance(block, Table)]
    partitions = [table for table in tables if table.rows[-1][0] == (Text("合计"),)]
    assert len(tables) == 4
    assert len(partitions) == 3
    assert all((FigureRef("total.ratio"),) in table.rows[-1] for table in partitions)


def test_without_a_previous_period_it_says_so() -> None:
    bulletin = compose(season(statistics=replace(season_statistics(), previous=None)))
    assert "上期无可比数据" in section_text(bulletin, "overview")


def wrong_result() -> tuple[SubjectResult, ...]:
    first, *rest = season_results()
    return (replace(first, pair=Pair(first.pair.conforming - 1, first.pair.checked)), *rest)


@pytest.mark.parametrize(
    ("changes", "family", "code"),
    [
        (
            {"statistics": replace(season_statistics(), control=Control(229, 47, 25, 37, 12))},
            Conflict,
            "figures-do-not-reconcile",
        ),
        ({"results": wrong_result()}, Conflict, "figures-do-not-reconcile"),
        (
            {"demands": Demands(date(2026, 10, 19), "质安科", date(2026, 10, 20))},
            Invalid,
            "deadline-before-notice",
        ),
        ({"cases": (filed_case(), decided_case(), found_case())}, Invalid, "selection-differs"),
        ({"kind": BulletinKind.SINGLE_CASE}, Invalid, "bulletin-kind-mismatch"),
        ({"kind": BulletinKind.TYPICAL_CASES}, Invalid, "bulletin-kind-mismatch"),
        ({"occasion": "质量问题通报批评"}, Refused, "criticism-needs-decision"),
    ],
)
def test_refusals(changes: dict[str, object], family: type[ZhijianError], code: str) -> None:
    with pytest.raises(family) as caught:
        compose(season(**changes))
    assert caught.value.code == code


def test_a_changed_case_cannot_be_published() -> None:
    changed = replace(decided_case(), case=change_case(decided_case().case, note="经复议撤销"))
    with pytest.raises(Refused) as caught:
        compose(season(cases=(changed,), selection=()))
    assert caught.value.code == "case-not-publishable"


def one_case(kind: BulletinKind) -> BulletinData:
    return season(kind=kind, cases=(decided_case(),), selection=(), frequent=(), results=())


def test_single_and_typical_case_bulletins_have_their_own_parts() -> None:
    single = compose(one_case(BulletinKind.SINGLE_CASE))
    typical = compose(one_case(BulletinKind.TYPICAL_CASES))
    assert [section.heading for section in single.sections] == ["一、基本情况", "二、工作要求"]
    assert [section.heading for section in typical.sections] == ["一、典型案例", "二、工作要求"]
    assert single.attachments == ()
