"""公开的抽签的形状：只有列在这里的字段可以离开；开封之前没有一个字段随抽中了谁而变。"""

from __future__ import annotations

from marshmallow import Schema, fields

from server.domain.draw_states import VOID_REASONS

STATE_WORDS = {
    "announced": "已公告，等数字",
    "numbers": "数字已出",
    "sealed": "结果已封存",
    "opened": "已公开",
    "void": "已作废",
}
VOID_WORDS = VOID_REASONS
RULE_WORDS = {"lead": "其中至少一名可以带队", "apart": "同一单位的不同组"}
KIND_WORDS = {"subject-replaced": "替换检查对象", "officer-replaced": "替换检查人员"}
ENTRY_WORDS = {
    "draw.announced": "公布计划，冻结名单",
    "draw.numbers": "数字录入，另一人核对",
    "draw.sealed": "封存结果",
    "draw.changed": "按计划定好的理由替换一次",
    "draw.opened": "开封",
    "draw.void": "作废",
    "draw.closed": "公布码链起点，结束",
}


class PublicStratumSchema(Schema):
    """One stratum: `objects` stand in the frozen list, `take` are drawn; `rate` like 1/4."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    objects = fields.Integer(required=True)
    take = fields.Integer(required=True)
    rate = fields.String(required=True, allow_none=True)
    minimum = fields.Integer(required=True, allow_none=True)


class PublicDrawLineSchema(Schema):
    """One line of the public list; `open` tells whether the result is public, `objects` and `take` count all strata."""

    code = fields.String(required=True)
    series = fields.String(required=True)
    round = fields.Integer(required=True)
    title = fields.String(required=True)
    agency = fields.String(required=True)
    agency_code = fields.String(required=True)
    region_code = fields.String(required=True)
    region = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "、".join(STATE_WORDS)})
    open = fields.Boolean(required=True)
    void_reason = fields.String(required=True, allow_none=True)
    objects = fields.Integer(required=True)
    take = fields.Integer(required=True)
    strata = fields.List(fields.Nested(PublicStratumSchema), required=True)
    announced_at = fields.AwareDateTime(required=True)
    numbers_due_at = fields.AwareDateTime(required=True)
    typed_at = fields.AwareDateTime(required=True, allow_none=True)
    sealed_at = fields.AwareDateTime(required=True, allow_none=True)
    opened_at = fields.AwareDateTime(required=True, allow_none=True)
    voided_at = fields.AwareDateTime(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)


class PublicDrawPage(Schema):
    """One page, newest first: `total` that match, the items, the cursor of the next page (null at the end)."""

    total = fields.Integer(required=True)
    items = fields.List(fields.Nested(PublicDrawLineSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


class PublicBallsSchema(Schema):
    """One group of numbers that the plan asks for: `count` integers from `low` to `high`; `distinct` is 1 or 0."""

    count = fields.Integer(required=True)
    low = fields.Integer(required=True)
    high = fields.Integer(required=True)
    distinct = fields.Integer()


class PublicEntropySchema(Schema):
    """Where the numbers come from: a named public lottery, or numbers asked of people on site."""

    kind = fields.String(required=True, allow_none=True)
    game = fields.String(required=True, allow_none=True)
    issue = fields.String(required=True, allow_none=True)
    fallback = fields.String(required=True, allow_none=True)
    ask = fields.String(required=True, allow_none=True)
    at = fields.String(required=True, allow_none=True)
    groups = fields.List(fields.Nested(PublicBallsSchema), required=True)


class PublicReasonSchema(Schema):
    """A reason fixed in the plan."""

    code = fields.String(required=True)
    text = fields.String(required=True)


class PublicDrawFileSchema(Schema):
    """One file of the draw that is public now."""

    name = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class PublicLogEntrySchema(Schema):
    """One entry of the log about this draw; `signed` once a checkpoint covers it."""

    type = fields.String(required=True)
    at = fields.String(required=True)
    digest = fields.String(required=True)
    index = fields.Integer(required=True)
    leaf = fields.String(required=True)
    signed = fields.Boolean(required=True)


class PublicDrawLogSchema(Schema):
    """The draw's entries, and size and root of the last checkpoint."""

    size = fields.Integer(required=True)
    root = fields.String(required=True, allow_none=True)
    entries = fields.List(fields.Nested(PublicLogEntrySchema), required=True)


class PublicChangeSchema(Schema):
    """A substitution after the draw, as opening.json tells it; `text` is the plan's wording of the reason.

    A subject gives way to the subject `by` with `officers`; or `officer` of `object` gives way to the officer `by`.
    """

    n = fields.Integer(required=True)
    kind = fields.String(required=True)
    reason = fields.String(required=True)
    text = fields.String(required=True, allow_none=True)
    object = fields.String(required=True)
    by = fields.String(required=True)
    officer = fields.String(required=True, allow_none=True)
    officers = fields.List(fields.String(), required=True)
    salt = fields.String(required=True)


class PublicOpeningSchema(Schema):
    """What the opening brought; a draw void before it had numbers or a result has null there."""

    one_time_code = fields.String(required=True)
    entropy = fields.String(required=True, allow_none=True)
    result_sha256 = fields.String(required=True, allow_none=True)
    changes = fields.List(fields.Nested(PublicChangeSchema), required=True)


class PublicDrawSchema(PublicDrawLineSchema):
    """One draw, everything public of it now; `opening` is null until it is opened."""

    replaces = fields.String(required=True, allow_none=True)
    replaced_by = fields.String(required=True, allow_none=True)
    seats = fields.Integer(required=True)
    rule = fields.String(required=True, allow_none=True)
    commitment = fields.String(required=True)
    commitment_steps = fields.Integer(required=True)
    plan_sha256 = fields.String(required=True)
    sealed_sha256 = fields.String(required=True, allow_none=True)
    entropy = fields.Nested(PublicEntropySchema, required=True)
    reasons = fields.List(fields.Nested(PublicReasonSchema), required=True)
    exclusion_reasons = fields.List(fields.Nested(PublicReasonSchema), required=True)
    agency_draws = fields.Integer(required=True)
    agency_voids = fields.Integer(required=True)
    files = fields.List(fields.Nested(PublicDrawFileSchema), required=True)
    log = fields.Nested(PublicDrawLogSchema, required=True)
    opening = fields.Nested(PublicOpeningSchema, required=True, allow_none=True)


class PublicOfficerSchema(Schema):
    """Who was drawn to inspect: the pseudonym of this draw; name and certificate only where the policy says names."""

    id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    certificate_no = fields.String(required=True, allow_none=True)


class PublicResultLineSchema(Schema):
    """One drawn subject; `name` as the register has it now."""

    stratum = fields.String(required=True)
    rank = fields.Integer(required=True)
    object = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    ticket = fields.String(required=True)
    officers = fields.List(fields.Nested(PublicOfficerSchema), required=True)


class PublicResultPage(Schema):
    """One page of the result in the order of the tickets; `next` is the cursor of the next page (null at the end)."""

    items = fields.List(fields.Nested(PublicResultLineSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)
