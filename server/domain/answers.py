"""作答：检查员对一个检查项记录的事实，以及判定所需的条件。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from server.domain.checklists import Severity
from server.domain.limits import InputValue

#: Bounds on hostile input, shared by the phone's shapes and imports.
MAX_READINGS = 200
MAX_PHOTOS = 50
MAX_TEXT = 2000
MAX_INPUTS = 40
MAX_GROUPS = 40
MAX_GROUP_VALUES = 40
MAX_COUNT = 1_000_000


class Verdict(StrEnum):
    """检查员的判定：符合、不符合、不适用。"""

    CONFORMING = "conforming"
    FAILING = "failing"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class SampleGroup:
    """样品组: number of the test sample, of the spare sample ('' = none), of the seal; values in the
    item's unit.
    """

    sample_no: str
    spare_no: str = ""
    seal_no: str = ""
    values: tuple[Decimal, ...] = ()


def _no_inputs() -> Mapping[str, InputValue]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """What was recorded for one item. `inputs` are named conditions (use, grade, env, production date
    ...).
    """

    item_code: str
    verdict: Verdict | None = None
    reason: str = ""
    value: Decimal | None = None
    inputs: Mapping[str, InputValue] = field(default_factory=_no_inputs)
    count: int | None = None
    text: str = ""
    on: date | None = None
    choice: str = ""
    readings: tuple[Decimal, ...] = ()
    groups: tuple[SampleGroup, ...] = ()
    photos: tuple[UUID, ...] = ()
    severity: Severity | None = None
    severity_reason: str = ""
    note: str = ""

    @property
    def counted(self) -> int:
        """How many places, groups or points there are, for photographs demanded per place."""
        if self.count is not None:
            return self.count
        return len(self.groups) or len(self.readings)
