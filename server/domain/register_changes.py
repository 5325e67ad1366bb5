"""名录变更：改了什么、还是不是那一版、责任主体的起止。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from server.domain.errors import Conflict, FieldError, Invalid

Values = Mapping[str, Any]
DAY = timedelta(days=1)
# 质量管理条例第三十五条：监理单位与施工单位不得有隶属或其他利害关系，更不能是同一家。
NOT_BOTH = frozenset({"contractor", "supervisor_firm"})


def differences(before: Values, after: Values) -> dict[str, list[Any]]:
    """{field: [old, new]} of two flat records; a field that one side lacks counts as None."""
    names = [*before, *(name for name in after if name not in before)]
    return {n: [before.get(n), after.get(n)] for n in names if before.get(n) != after.get(n)}


def check_revision(current: int, expected: int | None) -> None:
    """Raise Conflict `stale-version` when the editor saw another revision; None means: whatever it is now."""
    if expected is not None and expected != current:
        raise Conflict(
            "stale-version",
            f"这条记录已被他人改过（现为第 {current} 版，您看到的是第 {expected} 版），请刷新后再改。",
            facts={"revision": current, "expected": expected},
            errors=[FieldError("/revision", f"现为第 {current} 版", "stale-version")],
        )


def check_fields(changes: Values, editable: frozenset[str]) -> None:
    """Raise Invalid `field-not-editable` for names that are fixed once registered, or unknown."""
    fixed = [name for name in changes if name not in editable]
    if fixed:
        raise Invalid(
            "field-not-editable",
            f"{'、'.join(fixed)} 登记后不能修改。",
            errors=[FieldError(f"/{name}", "登记后不能修改", "field-not-editable") for name in fixed],
        )


def check_dates(from_on: date | None, to_on: date | None, at: str = "") -> None:
    """Raise Invalid `dates-reversed` when the last day lies before the first."""
    if from_on is not None and to_on is not None and to_on < from_on:
        raise Invalid(
            "dates-reversed",
            "结束日期早于开始日期。",
            errors=[FieldError(f"{at}/to_on", "早于开始日期", "dates-reversed")],
        )


def overlaps(a: tuple[date | None, date | None], b: tuple[date | None, date | None]) -> bool:
    """Whether two spans share a day; both ends count, None is open."""
    (a_from, a_to), (b_from, b_to) = a, b
    return (a_to is None or b_from is None or b_from <= a_to) and (b_to is None or a_from is None or a_from <= b_to)


@dataclass(frozen=True, slots=True)
class PartySpan:
    """一个责任主体：角色、单位、起止日期（首尾两天都算）。`id` is the row's own, None while it has none."""

    party: str
    organisation_id: int
    from_on: date | None
    to_on: date | None
    id: int | None = None

    @property
    def span(self) -> tuple[date | None, date | None]:
        return self.from_on, self.to_on

    def ended(self, on: date) -> bool:
        """Over before this day."""
        return self.to_on is not None and self.to_on < on


def check_parties(parties: Sequence[PartySpan]) -> None:
    """Raise Invalid for reversed dates, a party named twice, or one firm building and supervising the same project."""
    for n, party in enumerate(parties):
        check_dates(party.from_on, party.to_on, f"/parties/{n}")
        for other in parties[:n]:
            if party.organisation_id == other.organisation_id and overlaps(party.span, other.span):
                _check_pair(party, other, n)


def _check_pair(party: PartySpan, other: PartySpan, n: int) -> None:
    if party.party == other.party:
        raise Invalid(
            "party-repeated",
            "同一单位以同一角色列了两次。",
            errors=[FieldError(f"/parties/{n}", "重复", "party-repeated")],
        )
    if {party.party, other.party} == NOT_BOTH:
        raise Invalid(
            "parties-conflict",
            "同一家单位不能既是施工单位又是监理单位（《建设工程质量管理条例》第三十五条）。",
            errors=[FieldError(f"/parties/{n}/organisation", "既是施工又是监理", "parties-conflict")],
        )


@dataclass(frozen=True, slots=True)
class PartyPlan:
    """What a new list does to the rows: keep (id → new dates), end (id → last day), and add."""

    keep: dict[int, tuple[date | None, date | None]]
    end: dict[int, date]
    add: tuple[PartySpan, ...]


def plan_parties(rows: Sequence[PartySpan], wanted: Sequence[PartySpan], today: date) -> PartyPlan:
    """How to make `wanted` the list while every old row stays.

    A wanted party takes the row of the same role, firm and first day, else an open row of the same role and firm. An open
    row nobody took ends the day before its successor in the same role begins, or today.
    """
    free = {row.id: row for row in rows if row.id is not None}
    keep: dict[int, tuple[date | None, date | None]] = {}
    rest = _take(wanted, free, keep, lambda row, p: row.from_on == p.from_on)
    rest = _take(rest, free, keep, lambda row, _: not row.ended(today))
    end = {number: _last_day(row, wanted, today) for number, row in free.items() if not row.ended(today)}
    return PartyPlan(keep, end, tuple(rest))


def _take(
    wanted: Sequence[PartySpan],
    free: dict[int, PartySpan],
    keep: dict[int, tuple[date | None, date | None]],
    fits: Any,
) -> list[PartySpan]:
    left = []
    for party in wanted:
        same = (party.party, party.organisation_id)
        found = next((n for n, r in free.items() if (r.party, r.organisation_id) == same and fits(r, party)), None)
        if found is None:
            left.append(party)
            continue
        del free[found]
        keep[found] = party.span
    return left


def _last_day(row: PartySpan, wanted: Sequence[PartySpan], today: date) -> date:
    """A relation that had not begun yet gets an empty span: the row stays, no day has it."""
    begins = [p.from_on for p in wanted if p.party == row.party and p.from_on is not None]
    last = min((on - DAY for on in begins if row.from_on is None or on > row.from_on), default=today)
    return last if row.from_on is None or row.from_on <= last else row.from_on - DAY
