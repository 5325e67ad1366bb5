"""作答：计数的口径。"""

from __future__ import annotations

from decimal import Decimal as D

from server.domain.answers import Answer, SampleGroup


def test_counted_prefers_the_stated_count_then_groups_then_readings() -> None:
    group = SampleGroup("S1")
    assert Answer("X", count=0, groups=(group,)).counted == 0
    assert Answer("X", groups=(group, group), readings=(D(1),)).counted == 2
    assert Answer("X", readings=(D(1), D(2), D(3))).counted == 3
    assert Answer("X").counted == 0
