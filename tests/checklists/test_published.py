"""已发布的十张检查表：条数、可信、责任、程度，以及冻结。"""

from __future__ import annotations

from collections import Counter

import pytest

from server.domain.checklists import Frame, Item, Kind, compare_lock, read_lock
from server.formats.checklist_files import read_lock_text
from tests.checklists.house import ROOT, checklists, vocabulary

ITEMS = [i for c in checklists().values() for i in c.items]


def test_ten_checklists_hold_282_items() -> None:
    counts = {c.code: len(list(c.items)) for c in checklists().values()}
    assert counts == {
        "RMC": 57, "SND": 36, "LAB": 41, "RES": 44, "MAT": 18,
        "CQI": 20, "DSN": 16, "GRN": 20, "FIR": 18, "PTC": 12,
    }  # fmt: skip
    assert len(ITEMS) == 282
    assert len({i.code for i in ITEMS}) == 282


def confidence(item: Item) -> str:
    mark = item.confidence
    return "K" if mark == "K" else ("V/K" if "K" in mark else "V")


def test_confidence_severity_and_parties_are_as_compiled() -> None:
    assert Counter(map(confidence, ITEMS)) == {"V": 148, "V/K": 48, "K": 86}
    assert Counter(i.severity.value for i in ITEMS) == {"minor": 46, "major": 134, "critical": 102}
    parties = Counter(p for i in ITEMS for p in i.liable)
    counted = [parties[p] for p in ("contractor", "testing_laboratory", "concrete_producer")]
    assert counted == [142, 57, 62]


def test_published_versions_are_frozen() -> None:
    assert compare_lock(read_lock(read_lock_text(ROOT)), checklists().values()) == []


def test_every_item_can_be_judged_and_cited_somewhere() -> None:
    for item in ITEMS:
        assert item.basis
        assert item.dispositions
        assert item.photos.minimum >= 1
        if Kind.NUMERIC in item.kinds:
            assert item.checks, item.code
        if Kind.SAMPLE_GROUP in item.kinds:
            assert item.checks, item.code


def test_every_rule_of_the_vocabulary_is_used() -> None:
    used = {c.rule.name for i in ITEMS for c in i.checks if c.rule.name}
    assert used == set(vocabulary().rules)


def test_laboratories_are_enterprise_sites_and_sand_is_both() -> None:
    for code in ("LAB", "PTC"):
        assert checklists()[f"{code}/2025.1"].items_for(Frame.PROJECT) == ()
    sand = checklists()["SND/2025.1"]
    assert len(sand.items_for(Frame.PROJECT)) == len(sand.items_for(Frame.ENTERPRISE_SITE)) == 36


def test_five_stricts_cite_the_notice_and_name_the_sections() -> None:
    terms = vocabulary().terms["five_stricts"]
    assert list(terms) == [
        "materials",
        "samples_first",
        "quality_standards",
        "acceptance",
        "functional_tests",
    ]
    assert {t.source for t in terms.values()} == {"宁波市镇海区住房和建设交通局，镇建交〔2023〕×××号，2023-09-04"}
    assert [s.strict for s in checklists()["RES/2025.1"].sections] == list(terms)


@pytest.mark.parametrize(("region", "cited"), [("441300", True), ("330211", False), ("460100", False)])
def test_guangdong_regulation_is_cited_only_in_guangdong(region: str, cited: bool) -> None:
    laws = {c.law for i in ITEMS for c in i.basis_in(region)}
    assert ("gd_quality" in laws) is cited
    texts = [c.text for i in ITEMS for c in i.basis_in(region)]
    assert any(t.startswith("粤质条") for t in texts) is cited


def test_unverified_articles_never_enter_a_citation() -> None:
    clauses = [c for i in ITEMS for c in i.basis if c.law == "testing_measures"]
    assert clauses
    for clause in clauses:
        verified = {"5", "7", "21", "22", *map(str, range(13, 20)), *map(str, range(39, 44)), "30(6)"}
        assert {a if a == "30(6)" else a.partition("(")[0] for a in clause.articles} <= verified
        if "未核" in clause.text:
            assert clause.formal() is None


def test_limits_of_unclear_sources_are_marked() -> None:
    for rule in vocabulary().rules.values():
        for row in rule.rows:
            assert row.confidence, (rule.name, row)
            assert row.standard, (rule.name, row)
