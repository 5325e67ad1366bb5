"""依据：地区、条号、能不能写进正式文书。"""

from __future__ import annotations

import pytest

from server.domain.legal import Clause, LegalBasis, article_text, chinese_number, region_covers


@pytest.mark.parametrize(
    ("basis", "check", "holds"),
    [
        ("", "330211", True),
        ("440000", "441322", True),
        ("440000", "330211", False),
        ("441300", "441322", True),
        ("441300", "440800", False),
        ("330211", "330211", True),
        ("330211", "330200", False),
        ("460000", "469001", True),
    ],
)
def test_region_of_a_basis(basis: str, check: str, holds: bool) -> None:
    assert region_covers(basis, check) is holds


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (5, "五"),
        (10, "十"),
        (15, "十五"),
        (20, "二十"),
        (65, "六十五"),
        (100, "一百"),
        (107, "一百零七"),
        (112, "一百一十二"),
    ],
)
def test_numerals(number: int, text: str) -> None:
    assert chinese_number(number) == text


@pytest.mark.parametrize(
    ("article", "text"),
    [
        ("29", "第二十九条"),
        ("14(1)", "第十四条第（一）项"),
        ("30(5)(6)", "第三十条第（五）项第（六）项"),
        ("60~62", "第六十条至第六十二条"),
        ("58末款", "第五十八条末款"),
        ("附录C", "附录C"),
    ],
)
def test_articles_as_written_in_documents(article: str, text: str) -> None:
    assert article_text(article) == text


def test_only_verified_articles_are_cited() -> None:
    title = "建设工程质量检测管理办法"
    mixed = Clause("检测办法18、20", "testing_measures", title, articles=("18",), unverified=("20",))
    unknown = Clause("检测办法34（条号未核）", "testing_measures", title, unverified=("34",))
    assert mixed.formal() == "《建设工程质量检测管理办法》第十八条"
    assert unknown.formal() is None
    assert Clause("设计文件").formal() is None
    assert Clause("GB 50204-2015附录C", standard="GB 50204-2015 附录C").formal() == "GB 50204-2015 附录C"
    assert Clause("检验检测机构", "x", "检验检测机构监督管理办法").formal() == "《检验检测机构监督管理办法》"


def test_clause_round_trip() -> None:
    clause = Clause("粤质条14(1)", "gd_quality", "广东省建设工程质量管理条例", "", ("14(1)",), (), "440000")
    assert Clause.from_dict(clause.to_dict()) == clause
    assert clause.holds_in("441300")
    assert not clause.holds_in("330211")


def test_legal_basis_from_vocabulary_row() -> None:
    basis = LegalBasis.from_dict({"code": "a", "title": "甲", "short": "甲", "level": "法律"})
    assert (basis.title, basis.region, basis.source) == ("甲", "", "")
