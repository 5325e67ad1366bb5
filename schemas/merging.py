"""合并的形状：一人的部分、疑问、答复、对合并结果的签署、科室的决定。"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from schemas.answers import AnswerSchema
from schemas.base import Shape
from schemas.checks import MAX_ANSWERS, MAX_PHOTOS, ChecklistRef, ExpectedPhotoShape
from schemas.fields import Instant, Sha256, Text


class PartShape(Shape):
    """一名执法人员的部分；`check` 是封存那份记录的编号，部分先到后到都可以。"""

    check = fields.UUID(required=True)
    checklist = fields.Nested(ChecklistRef, required=True)
    sealed_at = Instant(required=True, metadata={"description": "封存时手机的钟"})
    answers = fields.List(fields.Nested(AnswerSchema), required=True, validate=validate.Length(0, MAX_ANSWERS))
    photos = fields.List(fields.Nested(ExpectedPhotoShape), load_default=list, validate=validate.Length(0, MAX_PHOTOS))
    stamp = Text(load_default="", max_length=2000, metadata={"description": "资料包里的时间戳"})
    note = Text(load_default="", max_length=2000)

    @post_load
    def flatten(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        checklist = data["checklist"]
        return {
            "check": data["check"],
            "checklist_code": checklist["code"],
            "checklist_version": checklist["version"],
            "sealed_at": data["sealed_at"],
            "answers": tuple(data["answers"]),
            "photos": tuple((photo.uuid, photo.sha256) for photo in data["photos"]),
        }


class ReplyShape(Shape):
    """对一个疑问的答复：整份作答，与检查里的写法相同。"""

    question = fields.UUID(required=True)
    answer = fields.Nested(AnswerSchema, required=True)
    note = Text(load_default="", max_length=2000)


class MergeSignatureShape(Shape):
    """对合并结果的签署：签的是服务器给出的合并摘要，摘要变了要重签。"""

    check = fields.UUID(required=True)
    merged_sha256 = Sha256(required=True)
    signed_at = Instant(required=True, metadata={"description": "手机的钟"})


class SideShape(Shape):
    """一方的说法。"""

    officer = fields.UUID(required=True)
    name = fields.String(required=True)
    answer = fields.Dict(keys=fields.String(), required=True)
    sha256 = fields.String(required=True)
    replied = fields.Boolean(required=True, metadata={"description": "是答复，而不是原来的作答"})


class FieldQuestionShape(Shape):
    """给手机的一个疑问：两人对同一项说法不一。"""

    id = fields.UUID(required=True)
    check = fields.UUID(required=True)
    title = fields.String(required=True)
    item = fields.String(required=True)
    requirement = fields.String(required=True)
    sides = fields.List(fields.Nested(SideShape), required=True)
    asked_at = Instant(required=True)
    answered = fields.Boolean(required=True, metadata={"description": "我已答复过"})


class FieldMergeShape(Shape):
    """一次合并过的检查：`merged_sha256` 是两人签署所覆盖的摘要。"""

    check = fields.UUID(required=True)
    title = fields.String(required=True)
    merged_sha256 = fields.String(required=True)
    questions = fields.Integer(required=True, metadata={"description": "还没有一致的疑问数；为 0 才能签"})
    signed = fields.Boolean(required=True, metadata={"description": "我已签过这个摘要"})


class QuestionShape(FieldQuestionShape):
    """给科室负责人的一个疑问。`state`: open（待两人答复）、settled（说法一致）、decided（科室已决定）。"""

    state = fields.String(required=True)
    state_title = fields.String(required=True)
    settled_at = Instant(required=True, allow_none=True)
    settlement = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    decided_by = fields.String(required=True, allow_none=True)


class QuestionListShape(Shape):
    """一次检查的全部疑问。"""

    merged_sha256 = fields.String(required=True, allow_none=True)
    signed_by = fields.List(fields.UUID(), required=True)
    items = fields.List(fields.Nested(QuestionShape), required=True)


class DecisionOnQuestionShape(Shape):
    """科室负责人的决定：采用哪一方的说法（它的摘要），并写明理由。"""

    sha256 = Sha256(required=True)
    reason = Text(required=True, min_length=1, max_length=1000)
