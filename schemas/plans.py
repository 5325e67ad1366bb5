"""年度计划、批次、模拟、完成情况的形状。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields, post_load, validate

from schemas.base import PageQuery, Shape, page_of
from schemas.fields import Calendar, Instant, Integer, Text
from schemas.registers import RegionCode
from server.domain.batches import (
    LEAST_SEATS,
    MOST_RECENT_DAYS,
    MOST_SEATS,
    MOST_WORKDAYS,
    BatchOptions,
    Department,
    DepartmentKind,
    Exclusions,
    StratumRule,
)
from server.domain.checklists import Frame
from server.domain.draw_files import MOST_BALLS
from server.domain.draws import RULES
from server.domain.plans import NewBatch, NewPlan, PlanItem, PlanOptions
from server.domain.register_facts import RISK_TITLES, RiskClass

MOST = 10**6
Few = validate.Length(0, 50)


class Words(fields.List[Any]):
    """几个短词，不重复。"""

    def __init__(self, max_length: int, **kwargs: Any) -> None:
        super().__init__(Text(min_length=1, max_length=max_length), validate=Few, load_default=list, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        return list(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))


class PlanItemShape(Shape):
    """计划表的一行：事项、时间区间、一同检查的部门。"""

    matter = fields.UUID(required=True)
    from_on = Calendar(required=True)
    to_on = Calendar(required=True)
    departments = Words(60)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> PlanItem:
        return PlanItem(str(data["matter"]), data["from_on"], data["to_on"], tuple(data["departments"]))


class NewPlanShape(Shape):
    """拟订或修改一份年度计划。"""

    year = Integer(2020, 2100, required=True)
    title = Text(required=True, min_length=2, max_length=160)
    region_code = Text(required=True, **RegionCode)
    organisation = fields.UUID(required=True)
    annual_cap = Integer(
        0, 366, required=True, metadata={"description": "对同一企业一年最多查几次；0 表示没有公布上限"}
    )
    items = fields.List(fields.Nested(PlanItemShape), required=True, validate=validate.Length(0, 200))
    content = Text(load_default="", max_length=4000)
    use_of_results = Text(load_default="", max_length=2000)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewPlan:
        options = PlanOptions(tuple(data.pop("items")), data.pop("content"), data.pop("use_of_results"))
        return NewPlan(**data, options=options)


class PlanQuery(PageQuery):
    """筛选年度计划。"""

    year = fields.Integer(load_default=0, validate=validate.Range(0, 2100))


class PlanItemView(Shape):
    """计划表的一行。"""

    matter = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    from_on = Calendar(required=True)
    to_on = Calendar(required=True)
    departments = fields.List(fields.String(), required=True)


class PlanShape(Shape):
    """一份年度计划。"""

    uuid = fields.UUID(required=True)
    year = fields.Integer(required=True)
    title = fields.String(required=True)
    region_code = fields.String(required=True)
    organisation = fields.UUID(required=True)
    organisation_name = fields.String(required=True)
    annual_cap = fields.Integer(required=True)
    state = fields.String(required=True)
    items = fields.List(fields.Nested(PlanItemView), required=True)
    content = fields.String(required=True)
    use_of_results = fields.String(required=True)
    created_at = Instant(required=True)
    published_at = Instant(required=True, allow_none=True)


class StratumRuleShape(Shape):
    """一个风险类别抽多少：num/den，至少 minimum 个；1/1 即全查。"""

    risk = fields.Enum(RiskClass, by_value=True, required=True)
    num = Integer(0, MOST, required=True)
    den = Integer(1, MOST, required=True)
    minimum = Integer(0, MOST, load_default=0)
    balls = Integer(1, MOST_BALLS, load_default=1)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> StratumRule:
        return StratumRule(**data)


class ExclusionsShape(Shape):
    """抽签之前剔除谁。"""

    stopped = fields.Boolean(load_default=True)
    finished = fields.Boolean(load_default=True)
    recent_days = Integer(
        0, MOST_RECENT_DAYS, load_default=0, metadata={"description": "几天内就同一事项查过的不再抽；0 不剔除"}
    )
    cap = fields.Boolean(load_default=True, metadata={"description": "达到年度频次上限的不再抽"})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Exclusions:
        return Exclusions(**data)


class DepartmentShape(Shape):
    """一同检查的部门与它派来的人。"""

    name = Text(required=True, min_length=2, max_length=60)
    kind = fields.Enum(DepartmentKind, by_value=True, load_default=DepartmentKind.OTHER)
    people = Words(40)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Department:
        return Department(data["name"], tuple(data["people"]), data["kind"])


OPTIONS = (
    "strata", "checklists", "kinds", "seats", "rule", "skills", "exclusions", "departments", "teams", "due_workdays",
)  # fmt: skip


class BatchShape(Shape):
    """批次的内容。"""

    title = Text(required=True, min_length=2, max_length=160)
    region_code = Text(required=True, **RegionCode)
    frame = fields.Enum(Frame, by_value=True, required=True)
    matters = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 50))
    campaign = Text(load_default=None, allow_none=True, min_length=1, max_length=60)
    strata = fields.List(fields.Nested(StratumRuleShape), required=True, validate=validate.Length(1, len(RISK_TITLES)))
    checklists = Words(20, metadata={"description": "不给则用所选事项的全部检查单"})
    kinds = Words(32, metadata={"description": "不给则为所选事项的全部对象类别"})
    seats = Integer(LEAST_SEATS, MOST_SEATS, load_default=LEAST_SEATS)
    rule = fields.String(load_default="lead", validate=validate.OneOf(RULES))
    skills = Words(40)
    exclusions = fields.Nested(ExclusionsShape, load_default=Exclusions())
    departments = fields.List(fields.Nested(DepartmentShape), load_default=list, validate=Few)
    teams = fields.List(
        fields.UUID(), load_default=list, validate=Few, metadata={"description": "派员入池的其他行政机关（省市联合）"}
    )
    due_workdays = Integer(1, MOST_WORKDAYS, load_default=20)

    @staticmethod
    def command(data: dict[str, Any]) -> NewBatch:
        chosen = {name: data.pop(name) for name in OPTIONS}
        lists = {name: tuple(value) for name, value in chosen.items() if isinstance(value, list)}
        lists["teams"] = tuple(dict.fromkeys(str(team) for team in lists["teams"]))
        return NewBatch(**{**data, "matters": tuple(data["matters"])}, options=BatchOptions(**{**chosen, **lists}))


class NewBatchShape(BatchShape):
    """在一份年度计划下立一个批次。"""

    plan = fields.UUID(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[UUID, NewBatch]:
        return data.pop("plan"), self.command(data)


class EditBatchShape(BatchShape):
    """修改一个批次；revision 是看到的那一版。"""

    revision = Integer(1, MOST, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[int, NewBatch]:
        return data.pop("revision"), self.command(data)


class BatchQuery(PageQuery):
    """筛选批次。"""

    plan = fields.UUID(load_default=None)


class MatterBrief(Shape):
    """一个事项。"""

    uuid = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)


class StratumRuleView(Shape):
    """一个风险类别抽多少；title 是全称。"""

    risk = fields.String(required=True)
    title = fields.Function(lambda rule: RISK_TITLES[RiskClass(rule["risk"])], required=True)
    num = fields.Integer(required=True)
    den = fields.Integer(required=True)
    minimum = fields.Integer(required=True)
    balls = fields.Integer(required=True)


class ExclusionsView(Shape):
    """抽签之前剔除谁。"""

    stopped = fields.Boolean(required=True)
    finished = fields.Boolean(required=True)
    recent_days = fields.Integer(required=True)
    cap = fields.Boolean(required=True)


class DepartmentView(Shape):
    """一同检查的部门。"""

    name = fields.String(required=True)
    kind = fields.String(required=True)
    people = fields.List(fields.String(), required=True)


class AnnouncedShape(Shape):
    """这个批次公告过的一次抽签。"""

    code = fields.String(required=True)
    state = fields.String(required=True)


class BatchView(Shape):
    """一个批次；有了 draws 就不能再改。"""

    uuid = fields.UUID(required=True)
    plan = fields.UUID(required=True)
    plan_title = fields.String(required=True)
    title = fields.String(required=True)
    region_code = fields.String(required=True)
    frame = fields.String(required=True)
    matters = fields.List(fields.Nested(MatterBrief), required=True)
    campaign = fields.String(required=True, allow_none=True)
    strata = fields.List(fields.Nested(StratumRuleView), required=True)
    checklists = fields.List(fields.String(), required=True)
    kinds = fields.List(fields.String(), required=True)
    seats = fields.Integer(required=True)
    rule = fields.String(required=True)
    skills = fields.List(fields.String(), required=True)
    exclusions = fields.Nested(ExclusionsView, required=True)
    departments = fields.List(fields.Nested(DepartmentView), required=True)
    teams = fields.List(fields.UUID(), required=True)
    due_workdays = fields.Integer(required=True)
    revision = fields.Integer(required=True)
    draws = fields.List(fields.Nested(AnnouncedShape), required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class StratumSizeShape(Shape):
    """一层：名单里几个，抽几个，按什么比例。"""

    id = fields.String(required=True)
    title = fields.String(required=True)
    total = fields.Integer(required=True)
    take = fields.Integer(required=True)
    rate = fields.String(required=True)
    minimum = fields.Integer(required=True)


class CountedShape(Shape):
    """一个理由与数目。"""

    code = fields.String(required=True)
    text = fields.String(required=True)
    count = fields.Integer(required=True)


class KindShareShape(Shape):
    """一类对象：名单里几个，会抽几个（期望是 expected_num/expected_den，不少于 least，不多于 most）。"""

    kind = fields.String(required=True)
    total = fields.Integer(required=True)
    expected_num = fields.Integer(required=True)
    expected_den = fields.Integer(required=True)
    least = fields.Integer(required=True)
    most = fields.Integer(required=True)


class CrewShape(Shape):
    """人手：要几席，能派几人，其中具备资格、能主办的几人，有几个科室，示例里每人最多几项。"""

    seats = fields.Integer(required=True)
    available = fields.Integer(required=True)
    able = fields.Integer(required=True)
    leads = fields.Integer(required=True, allow_none=True)
    units = fields.Integer(required=True, allow_none=True)
    max_load = fields.Integer(required=True)
    officers_at_max = fields.Integer(required=True)


class ShortageShape(Shape):
    """缺什么：现有与至少要有的数目。"""

    word = fields.String(required=True)
    text = fields.String(required=True)
    have = fields.Integer(required=True)
    need = fields.Integer(required=True)


class SimulationShape(Shape):
    """按今天的名录演算的数目；没有任何对象的名字。"""

    on = Calendar(required=True)
    due_on = Calendar(required=True)
    due_provisional = fields.Boolean(required=True)
    total = fields.Integer(required=True)
    take = fields.Integer(required=True)
    strata = fields.List(fields.Nested(StratumSizeShape), required=True)
    excluded = fields.List(fields.Nested(CountedShape), required=True)
    kinds = fields.List(fields.Nested(KindShareShape), required=True)
    crew = fields.Nested(CrewShape, required=True)
    absent = fields.List(fields.Nested(CountedShape), required=True)
    shortages = fields.List(fields.Nested(ShortageShape), required=True)
    warnings = fields.List(fields.String(), required=True)
    note = fields.String(required=True)


class PairShape(Shape):
    """一对数：count 与它的底数 of；从不折成百分数。"""

    count = fields.Integer(required=True)
    of = fields.Integer(required=True)


class ProgressRow(Shape):
    """一个事项（region_code 为空）或它在一个区划的完成情况。"""

    matter = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    region_code = fields.String(required=True, allow_none=True)
    region_name = fields.String(required=True, allow_none=True)
    base = fields.Integer(required=True, metadata={"description": "抽查基数"})
    drawn = fields.Nested(PairShape, required=True, metadata={"description": "已抽／应抽"})
    done = fields.Nested(PairShape, required=True, metadata={"description": "查完／已抽"})
    without_check = fields.Nested(PairShape, required=True, metadata={"description": "没查成而结束／已抽"})
    overdue = fields.Nested(PairShape, required=True, metadata={"description": "逾期／未结束"})


class ProgressShape(Shape):
    """一份年度计划的完成情况。"""

    on = Calendar(required=True)
    items = fields.List(fields.Nested(ProgressRow), required=True)


PlanPage = page_of(PlanShape, "PlanPage")
BatchPage = page_of(BatchView, "BatchPage")
