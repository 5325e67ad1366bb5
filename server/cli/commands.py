"""命令一览与参数。

Every command is one small function in `server.cli.operations`; refusals print one Chinese sentence and exit with 2.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from server.cli import operations, public_log
from server.config import SettingsError
from server.domain.checklists import Frame
from server.domain.errors import ZhijianError
from server.domain.permissions import Role

HERE = Path(__file__).parents[2]
REGIONS = HERE / "server" / "data" / "regions.csv"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server.cli", description="质鉴运维命令")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="命令")
    verbs.add_parser("settings", help="列出每个设置的值和来处").set_defaults(run=operations.show_settings)
    verbs.add_parser("migrate", help="把数据库结构迁到当前版本").set_defaults(run=operations.migrate)
    ready = verbs.add_parser("prepare", help="迁移、核对公开日志、装入区划和检查单、建第一个管理员（可以反复运行）")
    ready.set_defaults(run=operations.prepare, folder=HERE / "checklists", file=REGIONS)
    ready.add_argument("--login", default="admin")
    ready.add_argument("--password-file", type=Path, default=None)
    _regions(verbs)
    _checklists(verbs)
    _users(verbs)
    _outbox(verbs)
    _log(verbs)
    openapi = verbs.add_parser("openapi", help="生成接口说明")
    openapi.add_argument("folder", type=Path)
    openapi.set_defaults(run=operations.write_openapi)
    return parser


def _regions(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    regions = verbs.add_parser("regions", help="行政区划").add_subparsers(dest="act", required=True)
    load = regions.add_parser("load", help="装入区划表（code,name,parent,level）")
    load.add_argument("file", type=Path, nargs="?", default=REGIONS)
    load.set_defaults(run=operations.load_regions)


def _checklists(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    acts = verbs.add_parser("checklists", help="检查单").add_subparsers(dest="act", required=True)
    for name, run, words in (
        ("load", operations.load_checklists, "发布目录里的全部检查单版本"),
        ("check", operations.check_checklists, "检查全部检查单和它们的例子"),
        ("export", operations.export_checklist, "把一份检查单导出为 XLSX"),
        ("form", operations.export_form, "把一份检查单导出为 ODK 表单（.xml）或 XLSForm（.xlsx）"),
        ("import", operations.import_checklist, "把 XLSX 读成检查单目录，逐行报错"),
    ):
        act = acts.add_parser(name, help=words)
        act.add_argument("folder", type=Path, nargs="?", default=HERE / "checklists")
        if name in ("export", "form", "import"):
            act.add_argument("--file", type=Path, required=True)
        if name in ("export", "form"):
            act.add_argument("--code", required=True)
        if name == "form":
            act.add_argument("--frame", choices=[f.value for f in Frame], required=True)
        act.set_defaults(run=run)


def _users(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    acts = verbs.add_parser("users", help="用户").add_subparsers(dest="act", required=True)
    acts.add_parser("list", help="列出用户与角色").set_defaults(run=operations.list_users)
    add = acts.add_parser("add", help="新建用户（口令从标准输入读一行）")
    add.add_argument("login")
    add.add_argument("name")
    add.add_argument("--role", choices=[r.value for r in Role], required=True)
    add.add_argument("--region", default="000000")
    add.set_defaults(run=operations.add_user)
    password = acts.add_parser("password", help="重设口令（从标准输入读一行）")
    password.add_argument("login")
    password.set_defaults(run=operations.set_password)
    disable = acts.add_parser("disable", help="停用")
    disable.add_argument("login")
    disable.set_defaults(run=operations.disable_user)
    first = verbs.add_parser("bootstrap", help="没有管理员时建第一个，口令写进文件（只有本人可读）")
    first.add_argument("--login", default="admin")
    first.add_argument("--password-file", type=Path, required=True)
    first.set_defaults(run=operations.bootstrap)


def _outbox(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    acts = verbs.add_parser("outbox", help="待办").add_subparsers(dest="act", required=True)
    acts.add_parser("show", help="未办的、停下的").set_defaults(run=operations.show_outbox)
    acts.add_parser("retry", help="让停下的重新开始").set_defaults(run=operations.retry_outbox)
    again = verbs.add_parser("reprocess", help="重新判定全部照片（规则或设置改变之后）")
    again.set_defaults(run=operations.reprocess)


def _log(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    acts = verbs.add_parser("log", help="公开日志").add_subparsers(dest="act", required=True)
    acts.add_parser("check", help="从头核对全部条目、摘要和检查点").set_defaults(run=public_log.check)
    acts.add_parser("key", help="显示验证公钥").set_defaults(run=public_log.show_key)
    acts.add_parser("checkpoint", help="签名并显示最新的检查点").set_defaults(run=public_log.show_checkpoint)


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except (ZhijianError, SettingsError) as refusal:
        print(getattr(refusal, "detail", str(refusal)), file=sys.stderr)
        for fault in getattr(refusal, "errors", ()):
            print(f"  {fault.pointer}: {fault.reason}", file=sys.stderr)
        return 2
