"""公开案例的形状：只有列在这里的字段可以离开。"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from server.domain.disclosed_cases import DisclosedCase


class PublicPartySchema(Schema):
    """A responsible firm."""

    role = fields.String(required=True)
    name = fields.String(required=True)
    credit_code = fields.String(required=True)


class PublicPenaltySchema(Schema):
    """A penalty in force; `name` is empty for a natural person, `yuan` is decimal text."""

    party = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    yuan = fields.String(required=True)


class _CaseWords(Schema):
    """What both dumps of a case share: everything but its dates."""

    number = fields.String(required=True)
    title = fields.String(required=True)
    region_code = fields.String(required=True)
    region = fields.String(required=True)
    checklist = fields.String(required=True)
    stage = fields.String(required=True)
    parties = fields.List(fields.Nested(PublicPartySchema), required=True)
    findings = fields.List(fields.String(), required=True)
    basis = fields.String(required=True)
    decision_number = fields.String(required=True)
    penalties = fields.List(fields.Nested(PublicPenaltySchema), required=True)
    text = fields.List(fields.String(), required=True)


class PublicCaseSchema(_CaseWords):
    """One disclosed case, dumped from its domain value."""

    checked_on = fields.Date(required=True)
    decided_on = fields.Date(required=True, allow_none=True)


class PublicPhotoSchema(Schema):
    """One public copy: `sha256` is its address and its check value, `size` in bytes."""

    item = fields.String(required=True, allow_none=True)
    sha256 = fields.String(required=True)
    size = fields.Integer(required=True)


class PublishedCaseSchema(_CaseWords):
    """One disclosed case as published: photos, the bulletin (slug) that tells it, when, and its check value.

    It is dumped from the object that `public_case` made, in which dates are text already.
    """

    checked_on = fields.String(required=True, metadata={"format": "date"})
    decided_on = fields.String(required=True, allow_none=True, metadata={"format": "date"})
    photos = fields.List(fields.Nested(PublicPhotoSchema), required=True)
    bulletin = fields.String(required=True)
    published_at = fields.String(required=True, metadata={"format": "date-time"})
    sha256 = fields.String(required=True)


class PublishedCasePage(Schema):
    """One page, newest first: `total` that match, the items, the cursor of the next page (null at the end)."""

    total = fields.Integer(required=True)
    items = fields.List(fields.Nested(PublishedCaseSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


CSV_COLUMNS = (
    ("number", "案例编号"),
    ("title", "受检对象"),
    ("region", "区域"),
    ("region_code", "区划代码"),
    ("checklist", "检查表"),
    ("checked_on", "检查日期"),
    ("stage", "状态"),
    ("parties", "责任单位"),
    ("credit_codes", "统一社会信用代码"),
    ("findings", "问题"),
    ("basis", "依据"),
    ("decision_number", "决定书文号"),
    ("decided_on", "决定日期"),
    ("penalties", "处罚"),
)
PUBLISHED_COLUMNS = (*CSV_COLUMNS, ("bulletin", "所在通报"), ("published_at", "发布时间"), ("sha256", "校验值"))


def public_case(case: DisclosedCase) -> dict[str, Any]:
    """Return one case as the JSON object of the public export (positions leave through GeoJSON only)."""
    dumped: dict[str, Any] = PublicCaseSchema().dump(case)
    return dumped


def csv_row(case: DisclosedCase) -> dict[str, Any]:
    """Return one case as a flat row for `CSV_COLUMNS`."""
    row = public_case(case)
    row["parties"] = [f"{party.role}：{party.name}" for party in case.parties]
    row["credit_codes"] = [party.credit_code for party in case.parties if party.credit_code]
    row["penalties"] = [
        f"{penalty.party}{penalty.name}{penalty.kind}{penalty.yuan and penalty.yuan + '元'}"
        for penalty in case.penalties
    ]
    return row
