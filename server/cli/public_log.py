"""公开日志的运维命令：备好私钥、核对、看公钥、签名。"""

from __future__ import annotations

from argparse import Namespace

from server.cli.unit import open_unit
from server.config import load_settings
from server.formats.ed25519 import make_key_file
from server.queries.transparency import last_checkpoint
from server.services import transparency


def prepare(options: Namespace) -> None:
    """Make the key where it may be a file and nothing was signed yet, then refuse to go on with a damaged log."""
    settings = load_settings()
    with open_unit(writing=False) as uow:
        begun = last_checkpoint(uow.session) is not None
    if not (begun or settings.production or settings.security.log_key) and make_key_file(settings.log_key_file):
        print(f"已建公开日志的签名私钥 {settings.log_key_file}，请与数据一同备份。")
    with open_unit(writing=False) as uow:
        transparency.verifier_of(uow)  # a key that cannot be used must be heard of before the first entry
    check(options)


def check(_: Namespace) -> None:
    """Raises NotReady `log-damaged` and Conflict `log-key-changed`, which end the command with their sentence."""
    with open_unit(writing=False) as uow:
        state = transparency.check_log(uow)
    print(f"公开日志 {state.size} 条，已签名 {state.signed} 条，根 {state.root.hex()}。")


def show_key(_: Namespace) -> None:
    with open_unit(writing=False) as uow:
        print(transparency.verifier_of(uow))


def show_checkpoint(_: Namespace) -> None:
    with open_unit() as uow:
        transparency.sign_checkpoint(uow)
        last = last_checkpoint(uow.session)
    print(last.note if last else "公开日志还没有条目。", end="" if last else "\n")
