"""A clause number enters a formal document only when it was compared with the printed text."""

import pytest

from server.domain.clauses import Clause, article_text, cite_clauses, clause_notes, is_verified, parse_basis


@pytest.mark.parametrize(
    ("mark", "verified"),
    [("V:S09,S01", True), ("V:seed004", True), ("K", False), ("V:S09/K", False), ("K；V:S01(法条)", False)],
)
def test_any_k_makes_a_mark_unverified(mark: str, verified: bool) -> None:
    assert is_verified(mark) is verified


def test_verified_articles_are_cited_in_chinese() -> None:
    clauses = parse_basis("粤质条14(3)、48（10万~20万元）；质量条例65（使用方）", "V:S09,S01")
    assert cite_clauses(clauses) == (
        "《广东省建设工程质量管理条例》第十四条第（三）项、第四十八条、《建设工程质量管理条例》第六十五条"
    )
    assert clause_notes(clauses) == ()


def test_unverified_articles_leave_only_the_name_and_a_note() -> None:
    clauses = parse_basis("检测办法30(5)(6)（线索）", "K")
    assert cite_clauses(clauses) == "《建设工程质量检测管理办法》"
    assert clause_notes(clauses) == ("依据待核：《建设工程质量检测管理办法》第三十条第（五）项、第（六）项",)


def test_a_part_marked_unverified_is_not_trusted_whatever_the_item_says() -> None:
    clauses = parse_basis("检测办法27（条号未核）；粤质条13(7)", "V:S09")
    assert cite_clauses(clauses) == ("《建设工程质量检测管理办法》、《广东省建设工程质量管理条例》第十三条第（七）项")
    assert len(clause_notes(clauses)) == 1


@pytest.mark.parametrize(
    ("basis", "cited"),
    [
        ("GB 50204-2015第7.4.1条", "GB 50204-2015第7.4.1条"),
        ("GB/T 14902-2012；GB 50164-2011", "GB/T 14902-2012、GB 50164-2011"),
        ("GB 55030-2022第6.0.12条第4款", "GB 55030-2022第6.0.12条第4款"),
        ("JGJ/T 23-2011", "JGJ/T 23-2011"),
        ("住建部2020专项抽查通报；地方规定", ""),
        ("消防法", "《中华人民共和国消防法》"),
    ],
)
def test_standards_are_cited_and_remarks_left_out(basis: str, cited: str) -> None:
    assert cite_clauses(parse_basis(basis, "V:S16")) == cited


def test_an_unverified_clause_of_a_standard_is_dropped() -> None:
    assert cite_clauses(parse_basis("GB 50204-2015第7.4.1条", "K")) == "GB 50204-2015"


def test_a_law_with_a_document_number() -> None:
    clause = Clause("建设工程质量检测管理办法", "住房和城乡建设部令第57号", "第三十条", True)
    assert clause.formal() == "《建设工程质量检测管理办法》（住房和城乡建设部令第57号）第三十条"
    assert article_text("104") == "第一百零四条"
