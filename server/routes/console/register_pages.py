"""名录的网页：检查对象、单位、执法检查人员、抽查事项；列表、一条记录与变更、修改、导入。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from schemas.base import PageQuery
from schemas.imports import RowsQuery
from schemas.matters import MatterQuery
from schemas.register_edits import OrganisationQuery, RegisterQuery, SubjectQuery
from server.domain.permissions import Permission
from server.domain.register_columns import KIND_TITLES, ROOM_TITLES, RegisterRoom
from server.domain.register_facts import RISK_TITLES, STATUS_TITLES, Register
from server.queries import imports as import_queries
from server.queries import registers
from server.queries.console_pages import region_names
from server.queries.register_history import history
from server.routes.console.page_frame import FRAME_TITLES, page_room, query_of, show
from server.routes.endpoint import endpoint
from server.services import imports, matters, officers, subjects
from server.uow import UnitOfWork

pages = page_room("register-pages")
P = Permission
CHANGES = 200
KINDS = {kind.value: title for kind, title in KIND_TITLES.items()}
STATUSES = {status.value: title for status, title in STATUS_TITLES.items()}
RISKS = {risk.value: title for risk, title in RISK_TITLES.items()}
TITLES = {"subjects": "检查对象", "officers": "执法检查人员", "organisations": "单位", "matters": "抽查事项"}
WORDS = {
    "frame": FRAME_TITLES,
    "status": STATUSES,
    "risk_class": RISKS,
    "may_lead": {True: "能", False: "不能"},
}
VERDICTS = {"new": "新增", "update": "更新", "same": "相同", "fault": "有错"}
IMPORT_STATES = {
    "examining": "试读中",
    "examined": "已试读，未写入",
    "applying": "写入中",
    "applied": "已写入",
    "refused": "整份拒收",
}


@dataclass(frozen=True, slots=True)
class Book:
    """How one register is shown: `columns` of the list, `facts` of a record, `edits` as (field, title, kind of field)."""

    name: str
    register: Register
    read: Permission
    write: str
    shape: Any
    rows: Callable[..., Any]
    find: Callable[[UnitOfWork, UUID], Any]
    columns: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    edits: tuple[tuple[str, str, str], ...]
    words: dict[str, dict[Any, str]]


_PLACE = (("region_code", "区划"), ("address", "地址"))
BOOKS = {
    "subjects": Book(
        "subjects", Register.SUBJECT, P.CONSOLE_SUBJECT_READ, "subject:write", SubjectQuery, registers.subjects,
        subjects.find_subject,
        (("frame", "抽样框"), ("kind", "类别"), ("region_code", "区划"), ("status", "状态"), ("risk_class", "风险分类")),
        (("code", "编号"), ("frame", "抽样框"), ("kind", "类别"), *_PLACE, ("status", "状态"), ("risk_class", "风险分类"),
         ("stage", "形象进度"), ("permit_no", "施工许可证号"), ("contract_price", "合同价（元，不公开）")),
        (("name", "名称", "text"), ("address", "地址", "text"), ("status", "状态", "status"),
         ("risk_class", "风险分类", "risk_class"), ("stage", "形象进度", "null"), ("permit_no", "施工许可证号", "null")),
        WORDS,
    ),
    "officers": Book(
        "officers", Register.OFFICER, P.CONSOLE_OFFICER_READ, "officer:write", RegisterQuery, registers.officers,
        officers.find_officer,
        (("certificate_no", "执法证号"), ("certificate_expires_on", "有效期至"), ("unit", "科室"), ("region_code", "区划"),
         ("may_lead", "主办")),
        (("certificate_no", "执法证号"), ("certificate_expires_on", "有效期至"), ("issuer", "发证机关"), ("unit", "科室"),
         ("skills", "专业"), ("may_lead", "主办"), ("region_code", "区划")),
        (("name", "姓名", "text"), ("certificate_expires_on", "有效期至", "date"), ("unit", "科室", "null"),
         ("skills", "专业", "words"), ("may_lead", "能主办", "bool")),
        WORDS,
    ),
    "organisations": Book(
        "organisations", Register.ORGANISATION, P.CONSOLE_SUBJECT_READ, "subject:write", OrganisationQuery,
        registers.organisations, subjects.find_organisation_in_scope,
        (("kind", "类别"), ("credit_code", "统一社会信用代码"), ("region_code", "区划")),
        (("kind", "类别"), ("credit_code", "统一社会信用代码"), ("legal_representative", "法定代表人"), *_PLACE),
        (("name", "名称", "text"), ("kind", "类别", "kind"), ("credit_code", "统一社会信用代码", "null"),
         ("legal_representative", "法定代表人", "null"), ("address", "地址", "null")),
        WORDS | {"kind": KINDS},
    ),
    "matters": Book(
        "matters", Register.MATTER, P.CONSOLE_MATTER_READ, "matter:write", MatterQuery, registers.matters,
        matters.find_matter,
        (("code", "编号"), ("frame", "抽样框"), ("times_a_year", "每年次数"), ("region_code", "区划")),
        (("code", "编号"), ("frame", "抽样框"), ("kinds", "对象类别"), ("checklists", "检查单"), ("share_num", "年度比例，抽"),
         ("share_den", "年度比例，每"), ("times_a_year", "每年次数"), ("method", "方式"), ("content", "内容"), ("note", "备注")),
        (("name", "名称", "text"), ("times_a_year", "每年次数", "int"), ("method", "方式", "keep"), ("content", "内容", "keep"),
         ("note", "备注", "keep")),
        WORDS,
    ),
}  # fmt: skip


def _list(book: Book, uow: UnitOfWork) -> str:
    asked = query_of(book.shape)
    page = book.rows(uow.session, uow.scope, **asked)
    names = region_names(uow.session, [row.region_code for row in page.items])
    kept = {name: value for name, value in asked.items() if value not in (None, "", 0) and name != "limit"}
    return show(
        "register.html", uow, "registers", book=book, titles=TITLES, page=page, asked=kept, regions=names,
        tabs=[b for b in BOOKS.values() if uow.actor.may(b.read)], statuses=STATUSES, risks=RISKS,
    )  # fmt: skip


def _record(book: Book, uow: UnitOfWork, uuid: UUID) -> str:
    row = book.find(uow, uuid)
    return show(
        "record.html", uow, "registers", book=book, titles=TITLES, row=row,
        regions=region_names(uow.session, [row.region_code]),
        changes=history(uow.session, book.register, row.id, 0, CHANGES).items,
        labels=dict([*book.facts, ("name", "名称")]),
    )  # fmt: skip


@pages.get("/registers/subjects")
@endpoint(P.CONSOLE_SUBJECT_READ, door="console")
def subject_list(uow: UnitOfWork) -> str:
    """检查对象名录。"""
    return _list(BOOKS["subjects"], uow)


@pages.get("/registers/subjects/<uuid:uuid>")
@endpoint(P.CONSOLE_SUBJECT_READ, door="console", refuses=(404,))
def subject_page(uuid: UUID, uow: UnitOfWork) -> str:
    """一个检查对象。"""
    return _record(BOOKS["subjects"], uow, uuid)


@pages.get("/registers/officers")
@endpoint(P.CONSOLE_OFFICER_READ, door="console")
def officer_list(uow: UnitOfWork) -> str:
    """执法检查人员名录。"""
    return _list(BOOKS["officers"], uow)


@pages.get("/registers/officers/<uuid:uuid>")
@endpoint(P.CONSOLE_OFFICER_READ, door="console", refuses=(404,))
def officer_page(uuid: UUID, uow: UnitOfWork) -> str:
    """一名执法检查人员。"""
    return _record(BOOKS["officers"], uow, uuid)


@pages.get("/registers/organisations")
@endpoint(P.CONSOLE_SUBJECT_READ, door="console")
def organisation_list(uow: UnitOfWork) -> str:
    """单位名录。"""
    return _list(BOOKS["organisations"], uow)


@pages.get("/registers/organisations/<uuid:uuid>")
@endpoint(P.CONSOLE_SUBJECT_READ, door="console", refuses=(404,))
def organisation_page(uuid: UUID, uow: UnitOfWork) -> str:
    """一家单位。"""
    return _record(BOOKS["organisations"], uow, uuid)


@pages.get("/registers/matters")
@endpoint(P.CONSOLE_MATTER_READ, door="console")
def matter_list(uow: UnitOfWork) -> str:
    """随机抽查事项清单。"""
    return _list(BOOKS["matters"], uow)


@pages.get("/registers/matters/<uuid:uuid>")
@endpoint(P.CONSOLE_MATTER_READ, door="console", refuses=(404,))
def matter_page(uuid: UUID, uow: UnitOfWork) -> str:
    """一条抽查事项。"""
    return _record(BOOKS["matters"], uow, uuid)


@pages.get("/imports")
@endpoint(P.CONSOLE_SUBJECT_WRITE, door="console")
def import_list(uow: UnitOfWork) -> str:
    """导入：上传试读，看自己上传过的。"""
    asked = query_of(PageQuery)
    rooms = tuple(room.value for room in RegisterRoom if uow.actor.may(imports.PERMISSIONS[room]))
    page = import_queries.own_imports(uow.session, uow.actor.user_id, rooms, asked["after"], asked["limit"])
    titles = {room.value: title for room, title in ROOM_TITLES.items()}
    return show("imports.html", uow, "registers", page=page, rooms=rooms, room_titles=titles, states=IMPORT_STATES)


@pages.get("/imports/<uuid:uuid>")
@endpoint(P.CONSOLE_SUBJECT_WRITE, door="console", refuses=(404,))
def import_page(uuid: UUID, uow: UnitOfWork) -> str:
    """一次导入的报告：逐行、逐格；写入。"""
    account = imports.find_import(uow, uuid)
    asked = query_of(RowsQuery)
    verdict = asked["verdict"]
    page = import_queries.rows_of(
        uow.session, account.id, verdict.value if verdict else None, asked["after"], asked["limit"]
    )
    titles = {room.value: title for room, title in ROOM_TITLES.items()}
    return show(
        "import.html", uow, "registers", account=account, page=page, verdict=verdict.value if verdict else "",
        verdicts=VERDICTS, room_titles=titles, states=IMPORT_STATES,
    )  # fmt: skip
