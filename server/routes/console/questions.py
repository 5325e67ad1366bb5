"""合并的疑问：科室负责人看两人各怎么说，必要时决定。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from schemas.merging import DecisionOnQuestionShape, QuestionListShape, QuestionShape
from server.domain.permissions import Permission
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import checks, packages, questions
from server.uow import UnitOfWork

blp = Rooms("console-questions", __name__, url_prefix="/api/v1/console", description="合并的疑问")


@blp.route("/checks/<uuid:check>/questions", methods=["GET"])
@endpoint(Permission.CONSOLE_CHECK_READ, door="console", refuses=(404,))
@blp.response(200, QuestionListShape)
def list_questions(check: UUID, uow: UnitOfWork) -> Any:
    """一次检查里两人说法不一的各项，和合并摘要的签署情况。"""
    return packages.merge_of(uow, checks.find_check(uow, check))


@blp.route("/questions/<uuid:question>/decision", methods=["POST"])
@endpoint(Permission.CONSOLE_VIOLATION_DECIDE, door="console", writes=True, refuses=(404, 409))
@blp.arguments(DecisionOnQuestionShape)
@blp.response(200, QuestionShape)
def decide(body: dict[str, Any], question: UUID, uow: UnitOfWork) -> Any:
    """采用一方的说法并写明理由；随后照常判定。"""
    row = questions.decide_question(uow, question, body["sha256"], body["reason"])
    return packages.tell_questions(uow, [row])[0]
