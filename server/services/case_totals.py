"""通报要数的案件数：一遍数过去，内存不随案件多少增长。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from server.domain.bulletin_data import Handling
from server.domain.cases import Case, PenaltyKind, Stage, stage_on
from server.domain.statistics import NoticeCount
from server.queries.bulletin_cases import CaseLine


@dataclass(slots=True)
class CaseTotals:
    """Running sums over the cases of one bulletin, as they stand on the day it is dated."""

    on: date
    notices: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    latest_due: date | None = None
    handling: Handling = field(default_factory=lambda: Handling(0, 0, 0, Decimal(0), Decimal(0), 0))

    def add(self, line: CaseLine) -> None:
        for notice in line.notices:
            self.notices[(notice["kind"], line.region_code, line.frame)] += 1
            self._see_due(notice)
        self._handle(line.value)

    def notice_counts(self) -> list[NoticeCount]:
        return [NoticeCount(*key, number) for key, number in sorted(self.notices.items())]

    def _see_due(self, notice: dict[str, Any]) -> None:
        if notice["due_on"]:
            due = date.fromisoformat(notice["due_on"])
            self.latest_due = max(due, self.latest_due or due)

    def _handle(self, case: Case) -> None:
        sums = self.handling
        decision = case.decision if stage_on(case, self.on) is Stage.DECIDED else None
        fines = [p for p in decision.penalties if p.kind is PenaltyKind.FINE] if decision else []
        points = decision.points if decision else Decimal(0)
        self.handling = Handling(
            filed=sums.filed + (case.filed_on is not None),
            decided=sums.decided + (decision is not None),
            fined_parties=sums.fined_parties + len(fines),
            fines=sums.fines + sum((p.amount or Decimal(0) for p in fines), Decimal(0)),
            points=sums.points + points,
            deducted_parties=sums.deducted_parties + bool(points),
        )


def total_cases(lines: Iterable[CaseLine], on: date) -> CaseTotals:
    totals = CaseTotals(on)
    for line in lines:
        totals.add(line)
    return totals
