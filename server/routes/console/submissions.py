"""转不成检查的 Collect 记录：改好原因之后再转一次。"""

from __future__ import annotations

from uuid import UUID

from server.domain.permissions import Permission
from server.routes.blueprint import Rooms
from server.routes.endpoint import endpoint
from server.services import submissions
from server.uow import UnitOfWork

blp = Rooms("console-submissions", __name__, url_prefix="/api/v1/console/submissions", description="Collect 记录")


@blp.route("/<uuid:submission>/retry", methods=["POST"])
@endpoint(Permission.CONSOLE_VIOLATION_DECIDE, door="console", writes=True, refuses=(404, 409))
@blp.response(204)
def retry(submission: UUID, uow: UnitOfWork) -> None:
    """再转一次；只对转不成的。"""
    submissions.retry_submission(uow, submission)
