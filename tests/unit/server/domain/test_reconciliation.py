"""Every identity is shown; a broken one stops the bulletin and is named."""

from dataclasses import replace
from datetime import date

import pytest

from server.domain.errors import Conflict
from server.domain.reconciliation import Identity, reconcile
from server.domain.statistics import (
    Control,
    CountRow,
    FindingCount,
    Line,
    NoticeCount,
    Pair,
    Statistics,
    SubjectCount,
    Table,
    Tally,
    tabulate,
)

COUNTED = Control(7, 3, 4, 2, 1)


def season(control: Control | None = COUNTED) -> Statistics:
    rows = [
        CountRow("441302", "project", "use", "RMC", "06", ("client", "contractor"), 4, 1),
        CountRow("441303", "enterprise_site", "production", "RMC", "02", ("concrete_producer",), 3, 2),
    ]
    return tabulate(
        date(2026, 1, 1),
        date(2026, 3, 31),
        rows,
        subjects=[
            SubjectCount("在建项目", "project", "441302", 3, 1, 3),
            SubjectCount("混凝土企业", "enterprise_site", "441303", 1, 1, 1),
        ],
        notices=[NoticeCount("rectification", "441302", "project", 1)],
        findings=[FindingCount("441302", "project", "RMC", "06", "major", 2)],
        control=control,
    )


def test_a_sound_season_shows_what_was_proved() -> None:
    identities = reconcile(season())
    assert all(identity.holds for identity in identities)
    names = {identity.name for identity in identities}
    assert {"符合项与另计总数", "section：检查项合计", "单个责任单位检查项（重复计）"} <= names
    assert len(reconcile(season(control=None))) == len(identities) - 5


@pytest.mark.parametrize(
    "control",
    [
        Control(8, 3, 4, 2, 1),
        Control(7, 2, 4, 2, 1),
        Control(7, 3, 5, 2, 1),
        Control(7, 3, 4, 3, 1),
        Control(7, 3, 4, 2, 0),
    ],
)
def test_a_join_that_doubles_rows_is_caught_by_the_separate_count(control: Control) -> None:
    with pytest.raises(Conflict) as caught:
        reconcile(season(control))
    assert caught.value.code == "figures-do-not-reconcile"
    assert len(caught.value.facts["broken"]) == 1


@pytest.mark.parametrize("name", ["region", "frame", "link", "checklist", "section", "liable_set"])
def test_each_partition_table_is_compared_with_the_total(name: str) -> None:
    stats = season()
    wrong = Table(name, True, (Line(("x",), Pair(1, 1)),))
    tables = tuple(wrong if table.name == name else table for table in stats.tables)
    with pytest.raises(Conflict, match=name):
        reconcile(replace(stats, tables=tables))


@pytest.mark.parametrize("name", ["subjects.region", "notices.frame", "findings.section"])
def test_each_tally_is_compared_with_its_siblings(name: str) -> None:
    stats = season(control=None)
    tallies = tuple(Tally(name, (("x", 9),)) if tally.name == name else tally for tally in stats.tallies)
    with pytest.raises(Conflict, match=name):
        reconcile(replace(stats, tallies=tallies))


def test_more_findings_than_failing_answers_is_impossible() -> None:
    stats = season(control=None)
    tallies = tuple(
        Tally(tally.name, (("x", 9),)) if tally.name.startswith("findings.") else tally for tally in stats.tallies
    )
    with pytest.raises(Conflict, match="问题条数不多于不符合项数"):
        reconcile(replace(stats, tallies=tallies))


def test_an_identity_is_an_equation_or_a_bound() -> None:
    assert Identity("a", 1, 1).holds
    assert not Identity("a", 1, 2).holds
    assert Identity("a", 1, 2, at_most=True).holds
