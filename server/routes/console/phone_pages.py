"""手机：应用的地址与二维码、Collect 凭据、转不成检查的 Collect 记录。"""

from __future__ import annotations

from server.domain.permissions import Permission
from server.formats.qr import qr_svg
from server.queries import submissions as queries
from server.queries.registers import users
from server.routes.console.odk_keys import site
from server.routes.console.page_frame import page_room, show
from server.routes.endpoint import endpoint
from server.services import odk_keys, sessions
from server.uow import UnitOfWork

pages = page_room("phone-pages")
P = Permission
PEOPLE = 500


@pages.get("/phones")
@endpoint(P.CONSOLE_SESSION_OWN, door="console")
def phones(uow: UnitOfWork) -> str:
    """装应用、给 Collect 发凭据。"""
    address = f"{site(uow)}/app/"
    manages = uow.actor.may(P.CONSOLE_USER_MANAGE)
    people = users(uow.session, uow.actor.scope(P.CONSOLE_USER_MANAGE), 0, PEOPLE, "").items if manages else ()
    may_check = uow.actor.may(P.FIELD_CHECK_SUBMIT)
    return show(
        "phones.html",
        uow,
        "phones",
        address=address,
        qr=qr_svg(address, "手机应用的地址"),
        keys=odk_keys.keys_of(uow, sessions.own_user(uow)),
        people=people,
        may_make=may_check or manages,
        may_check=may_check,
    )


@pages.get("/submissions")
@endpoint(P.CONSOLE_CHECK_READ, door="console")
def stuck(uow: UnitOfWork) -> str:
    """转不成检查、文件不齐的 Collect 记录。"""
    return show("submissions.html", uow, "phones", rows=queries.unfinished(uow.session, uow.scope))
