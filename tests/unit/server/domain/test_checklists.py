"""检查单：抽样框、地区、环节、摘要与发布锁。"""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.checklists import (
    Checklist,
    Frame,
    PhotoDemand,
    Severity,
    canonical_json,
    compare_lock,
    read_lock,
    render_lock,
)
from server.domain.errors import Missing
from tests.checklists.house import checklists

RMC = checklists()["RMC/2025.1"]


def test_producer_and_site_items_are_two_frames() -> None:
    producer, site = RMC.items_for(Frame.ENTERPRISE_SITE), RMC.items_for(Frame.PROJECT)
    assert (len(producer), len(site)) == (30, 27)
    assert not {i.code for i in producer} & {i.code for i in site}
    assert {s.link_in(Frame.PROJECT) for s in RMC.sections_for(Frame.PROJECT)} == {"use"}


def test_items_of_other_regions_are_left_out() -> None:
    green = checklists()["GRN/2025.1"]
    here = {i.code for i in green.items_for(Frame.PROJECT, "441300")}
    there = {i.code for i in green.items_for(Frame.PROJECT, "330211")}
    assert there - here == {"GRN-01-09"}


def test_every_checklist_survives_writing_and_reading() -> None:
    for checklist in checklists().values():
        again = Checklist.from_dict(checklist.to_dict())
        assert again == checklist
        assert again.digest == checklist.digest


def test_digest_changes_with_any_word() -> None:
    assert replace(RMC, title=RMC.title + "。").digest != RMC.digest
    assert len(RMC.digest) == 64


def test_canonical_json_is_sorted_and_bare() -> None:
    assert canonical_json({"乙": 1, "a": {"c": 2, "b": "甲"}}) == '{"a":{"b":"甲","c":2},"乙":1}'


def test_items_and_sections_are_found_by_code() -> None:
    assert RMC.item("RMC-08-01").checks[0].rule.name == "cube_sampling"
    assert RMC.section_of("RMC-08-01").no == "08"
    with pytest.raises(Missing, match="checklist-item-not-found"):
        RMC.item("RMC-99-99")
    with pytest.raises(Missing, match="checklist-item-not-found"):
        RMC.section_of("RMC-99-99")


def test_severities_are_ordered() -> None:
    assert Severity.MINOR.rank < Severity.MAJOR.rank < Severity.CRITICAL.rank


def test_photographs_demanded() -> None:
    assert [PhotoDemand(2, "每组3", 3).required(n) for n in (0, 1, 4)] == [3, 3, 12]
    assert PhotoDemand(2).required(9) == 2


def test_lock_tells_changed_vanished_and_new_versions() -> None:
    lock = read_lock(render_lock([RMC]))
    assert compare_lock(lock, [RMC]) == []
    assert compare_lock(lock, [replace(RMC, scope="改")]) == ["RMC/2025.1 已发布，内容不得再改；请另立版本目录"]
    assert compare_lock(lock, []) == ["RMC/2025.1 已发布，但文件不在了"]
    newer = replace(RMC, version="2026.1")
    assert compare_lock(lock, [RMC, newer]) == ["RMC/2026.1 未登记在 published.lock"]
