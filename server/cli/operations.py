"""运维命令的做法。"""

from __future__ import annotations

import csv
import os
import secrets
import sys
from argparse import Namespace

from sqlalchemy import select

from schemas.checklist_file import load_checklist, load_vocabulary
from server import migrate as migrations
from server.cli import forms, public_log
from server.cli.unit import open_unit as _unit
from server.config import describe, load_settings
from server.domain.checklists import Checklist, compare_lock, read_lock
from server.domain.errors import Invalid, Missing
from server.domain.permissions import Grant, Role
from server.formats import checklist_files
from server.formats.jsonfile import dump_json
from server.models.evidence import Evidence
from server.models.outbox import OutboxRow
from server.models.regions import ROOT
from server.models.users import User, UserGrant
from server.outbox import Event
from server.services import checklists, odk_forms, outbox, regions, users
from server.uow import UnitOfWork


def show_settings(_: Namespace) -> None:
    rows = describe(load_settings())
    width = max(len(name) for name, _, _ in rows)
    for name, value, origin in rows:
        print(f"{name:<{width}}  {value}  {f'（{origin}）' if origin else ''}")


def migrate(_: Namespace) -> None:
    settings = load_settings()
    migrations.upgrade(settings)
    print("数据库结构已是当前版本。")


def prepare(options: Namespace) -> None:
    """Everything an instance needs before its first request; each step may run again without harm."""
    options.password_file = options.password_file or load_settings().data / "first-admin-password"
    for step in (migrate, public_log.prepare, load_regions, load_checklists, bootstrap):
        step(options)


def load_regions(options: Namespace) -> None:
    with options.file.open(encoding="utf-8", newline="") as file, _unit() as uow:
        print(f"装入区划 {regions.load_regions(uow, csv.DictReader(file))} 条。")


def read_folder(options: Namespace) -> list[Checklist]:
    """Every checklist version below the folder; raises Invalid with the place of the fault."""
    vocabulary = load_vocabulary(checklist_files.read_vocabulary(options.folder))
    return [
        load_checklist(checklist_files.read_checklist(path), vocabulary)
        for path in checklist_files.find_checklists(options.folder)
    ]


def check_checklists(options: Namespace) -> int:
    found = read_folder(options)
    complaints = compare_lock(read_lock(checklist_files.read_lock_text(options.folder)), found)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    print(f"检查单 {len(found)} 份，检查项 {sum(len(list(c.items)) for c in found)} 条。")
    return 1 if forms.check_forms(found) or complaints else 0


def export_form(options: Namespace) -> None:
    forms.export_form(options, read_folder(options))


def load_checklists(options: Namespace) -> None:
    found = read_folder(options)
    with _unit() as uow:
        new = sum(checklists.publish_checklist(uow, checklist) for checklist in found)
        uow.session.flush()
        forms = odk_forms.ensure_forms(uow)
    print(f"检查单 {len(found)} 份，其中新发布 {new} 份；新做 Collect 表单 {forms} 份。")


def export_checklist(options: Namespace) -> None:
    from server.formats.checklist_xlsx import export_checklist as to_xlsx

    chosen = [c for c in read_folder(options) if c.code == options.code]
    if not chosen:
        raise Missing("checklist-not-found", f"没有检查单 {options.code}。")
    options.file.write_bytes(to_xlsx(chosen[-1]))
    print(f"已导出 {options.file}。")


def import_checklist(options: Namespace) -> int:
    from server.formats.checklist_xlsx import import_checklist as from_xlsx

    words = load_vocabulary(checklist_files.read_vocabulary(options.folder))
    with options.file.open("rb") as file:
        found = from_xlsx(file, words)
    faults, checklist = list(found.errors), None
    if not faults:
        try:
            checklist = load_checklist(found.data, words)
        except Invalid as refusal:
            faults = found.explain(refusal.errors)
            if not faults:
                raise
    for fault in faults:
        print(f"{fault.sheet} 第 {fault.row} 行 {fault.column}：{fault.reason}", file=sys.stderr)
    if checklist is None:
        print(f"有 {len(faults)} 处错误，没有导入。", file=sys.stderr)
        return 1
    with _unit() as uow:
        new = checklists.publish_checklist(uow, checklist)
        uow.session.flush()
        odk_forms.ensure_forms(uow)
    print(f"检查单 {checklist.code} {checklist.version}：{'已发布' if new else '内容相同，无需再发布'}。")
    return 0


def _find(uow: UnitOfWork, login: str) -> User:
    user = uow.session.scalar(select(User).where(User.login == login))
    if user is None:
        raise Missing("user-not-found", f"没有账号 {login}。")
    return user


def _password_from_input() -> str:
    password = sys.stdin.readline().strip()
    if not password:
        raise Invalid("password-missing", "请从标准输入给出口令。")
    return password


def list_users(_: Namespace) -> None:
    with _unit(writing=False) as uow:
        for user in uow.session.scalars(select(User).order_by(User.login)):
            grants = "、".join(f"{g.role}@{g.region_code}" for g in user.grants)
            print(f"{user.login}\t{user.name}\t{'停用' if user.disabled_at else '在用'}\t{grants}")


def add_user(options: Namespace) -> None:
    grant = Grant(Role(options.role), options.region)
    with _unit() as uow:
        users.create_user(uow, users.NewUser(options.login, options.name, _password_from_input(), (grant,)))
    print(f"已建账号 {options.login}。")


def set_password(options: Namespace) -> None:
    with _unit() as uow:
        users.change_password(uow, _find(uow, options.login), _password_from_input())
    print("口令已重设，原有控制台登录全部结束。")


def disable_user(options: Namespace) -> None:
    with _unit() as uow:
        users.disable_user(uow, _find(uow, options.login))
    print(f"已停用 {options.login}。")


def bootstrap(options: Namespace) -> None:
    with _unit() as uow:
        held = select(UserGrant.id).where(UserGrant.role == Role.ADMINISTRATOR.value)
        if uow.session.scalar(held.limit(1)) is not None:
            print("已有管理员。")
            return
        password = secrets.token_urlsafe(12)
        options.password_file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(options.password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(password + "\n")
        grant = Grant(Role.ADMINISTRATOR, ROOT)
        users.create_user(uow, users.NewUser(options.login, "系统管理员", password, (grant,)))
    print(f"已建第一个管理员 {options.login}，口令在 {options.password_file}。")


def show_outbox(_: Namespace) -> None:
    with _unit(writing=False) as uow:
        rows = list(uow.session.scalars(select(OutboxRow).where(OutboxRow.done_at.is_(None)).order_by(OutboxRow.id)))
    for row in rows[:200]:
        print(f"{row.id}\t{row.event}\t第 {row.attempts} 次\t{row.result or '待办'}\t{row.last_error or ''}")
    print(f"未办 {len(rows)} 件。")


def retry_outbox(_: Namespace) -> None:
    with _unit() as uow:
        print(f"重新开始 {outbox.retry_stuck(uow)} 件。")


def reprocess(_: Namespace) -> None:
    with _unit() as uow:
        found = list(uow.session.scalars(select(Evidence.uuid).where(Evidence.examined_at.is_not(None))))
        for uuid in found:
            uow.promise(Event.EVIDENCE_EXAMINED, {"evidence": str(uuid)})
    print(f"已安排重新判定照片 {len(found)} 张。")


def write_openapi(options: Namespace) -> None:
    from server.app import create_app  # every page and door: a second and more that no other command needs

    app = create_app(load_settings({"ZHIJIAN_ENV": "test", "ZHIJIAN_DATA": str(options.folder / ".unused")}))
    options.folder.mkdir(parents=True, exist_ok=True)
    with app.test_request_context():
        document = app.test_client().get("/api/openapi.json").get_json()
    (options.folder / "openapi.json").write_bytes(dump_json(document) + b"\n")
    print(f"接口 {len(document['paths'])} 条，已写入 {options.folder / 'openapi.json'}。")
