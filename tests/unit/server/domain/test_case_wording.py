"""Case paragraphs: fact, basis, handling."""

from dataclasses import replace
from datetime import date

from server.domain.bulletin_data import Party
from server.domain.bulletin_draft import Draft
from server.domain.bulletins import Text
from server.domain.case_wording import case_notes, compose_case, party_text, role_name
from tests.factories.bulletins import decided_case, filed_case, found_case

ON = date(2026, 10, 12)


def lines(facts: object, on: date = ON) -> list[str]:
    draft = Draft()
    paragraphs = compose_case(draft, facts, on)  # type: ignore[arg-type]
    return [
        "".join(run.text if isinstance(run, Text) else draft.figures[run.figure].text for run in paragraph.runs)
        for paragraph in paragraphs
    ]


def test_a_finding_says_what_was_found_and_ordered() -> None:
    assert lines(found_case()) == [
        "经检查，2026年9月8日，示范花园二期3号楼（建设单位示范房地产开发有限公司、施工单位示范建筑工程有限公司、"
        "监理单位示范监理有限公司、供应商（个人））存在以下问题：钢筋进场未经监理签认即投入使用，"
        "联系人电话138****5678。已下发《局部停工整改通知书》（惠市住建停〔2026〕3号）责令停工整改。"
    ]


def test_a_filed_case_is_suspected_only() -> None:
    assert lines(filed_case())[1] == "上述行为涉嫌违反《建设工程质量检测管理办法》的有关规定，已立案查处。"


def test_a_filed_case_with_verified_clauses_names_them() -> None:
    facts = replace(filed_case(), clauses=decided_case().clauses)
    assert lines(facts)[1] == (
        "上述行为涉嫌违反《广东省建设工程质量管理条例》第十四条第（三）项、第四十八条，已立案查处。"
    )


def test_a_filed_case_without_any_clause_stays_general() -> None:
    assert lines(replace(filed_case(), clauses=()))[1] == ("上述行为涉嫌违反有关法规和工程建设标准的规定，已立案查处。")


def test_a_decision_before_it_takes_effect_is_not_told() -> None:
    early = lines(decided_case(), date(2026, 9, 14))
    assert "已立案查处" in early[1]
    assert "罚款" not in "".join(early)


def test_a_decision_in_force_is_told_with_amounts_and_points() -> None:
    text = lines(decided_case())
    assert "（实测0.041%，要求不大于0.02%）" in text[0]
    assert "责令于2026年8月5日前改正" in text[0]
    assert text[1] == (
        "依据《广东省建设工程质量管理条例》第四十八条，对示范一号混凝土有限公司处罚款人民币12万元，"
        "对有关单位技术负责人处罚款人民币8500元；记信用扣分1.5分（〔示〕住建罚决字〔2026〕第1号）。"
    )


def test_roles_have_names_and_people_have_none() -> None:
    assert role_name("contractor") == "施工单位"
    assert role_name("someone") == "有关责任人员"
    assert party_text(Party("supplier", "李某", natural_person=True)) == "供应商（个人）"


def test_notes_tell_evidence_and_unverified_clauses() -> None:
    assert case_notes(filed_case()) == (
        "依据待核：《建设工程质量检测管理办法》第三十条第（五）项、第（六）项",
        "示范检测技术有限公司检查项LAB-05-01的证据：V-01",
    )
