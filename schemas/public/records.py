"""通报所数的逐条记录的形状：对象、条目和结果，没有人。"""

from __future__ import annotations

from marshmallow import Schema, fields

OUTCOME_WORDS = {"conforming": "符合", "failing": "不符合", "not_applicable": "不适用", "needs_review": "需复核"}
FRAME_WORDS = {"project": "工程项目", "enterprise_site": "企业场所"}


class PublicRecordSchema(Schema):
    """One answer of one check; `check` is the same for all answers of a check, `liable` are party codes."""

    check = fields.String(required=True)
    subject = fields.String(required=True)
    region_code = fields.String(required=True)
    region = fields.String(required=True)
    frame = fields.String(required=True)
    checked_on = fields.Date(required=True)
    checklist = fields.String(required=True)
    section = fields.String(required=True)
    section_name = fields.String(required=True)
    item = fields.String(required=True)
    item_text = fields.String(required=True)
    link = fields.String(required=True)
    liable = fields.List(fields.String(), required=True)
    outcome = fields.String(required=True)


class PublicRecordPage(Schema):
    """One page: `total` is the count of the whole list, `next` the cursor of the next page (null at the end)."""

    total = fields.Integer(required=True)
    items = fields.List(fields.Nested(PublicRecordSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


RECORD_COLUMNS = (
    ("check", "检查"),
    ("subject", "受检对象"),
    ("region_code", "区划代码"),
    ("region", "区域"),
    ("frame", "对象类别"),
    ("checked_on", "检查日期"),
    ("checklist", "检查表"),
    ("section", "检查内容代码"),
    ("section_name", "检查内容"),
    ("item", "检查项代码"),
    ("item_text", "检查项"),
    ("link", "环节"),
    ("liable", "责任主体"),
    ("outcome", "结果"),
)
