"""一次抽签的验证包：名单、计划、日志与证明、各次抽签的结局，开封之后加上结果；同样的数据得到同样的字节。

Lists are deflated, everything that carries check values is stored: the length of a bundle is decided by what is public
already and never by a digest, so it tells nothing about a draw that is not opened.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from server.domain.errors import Missing
from server.formats.jsonfile import dump_json
from server.models.draws import Draw
from server.publishing.draw_files import FROZEN, list_files, read_file, require_allowed
from server.publishing.exports import site_address
from server.publishing.transparency import entries_jsonl, log_copy, signed_log
from server.uow import UnitOfWork

SCRIPT = Path(__file__).parents[2] / "web" / "draws" / "verify_draw.py"
SCRIPT_NAME = "verify_draw.py"
NO_TIME = (1980, 1, 1, 0, 0, 0)
_OUTCOMES = {"sealed": "sealed", "opened": "opened", "void": "void"}
Chunks = Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a bundle: its path inside, and how to read it."""

    path: str
    read: Callable[[], Chunks]

    @property
    def deflated(self) -> bool:
        return self.path in FROZEN


def list_members(uow: UnitOfWork, draw: Draw) -> list[Member]:
    """Every file of the bundle as it stands now, in its fixed order; all log files belong to one checkpoint."""
    made: list[tuple[str, Callable[[], Chunks]]] = [("README.txt", lambda: iter((_readme(uow, draw),)))]
    if SCRIPT.is_file():
        made.append((SCRIPT_NAME, lambda: iter((SCRIPT.read_bytes(),))))
    made += [(str(file["name"]), partial(read_file, uow, draw, file["name"])) for file in list_files(uow, draw)]
    made.append(("outcomes.json", lambda: iter((dump_json(outcomes(uow, draw.agency_code)),))))
    made += _log_members(uow, draw)
    return [Member(path, read) for path, read in made]


def _log_members(uow: UnitOfWork, draw: Draw) -> list[tuple[str, Callable[[], Chunks]]]:
    """The log's files; none before its first checkpoint."""
    if not signed_log(uow).size:
        return []
    return [
        ("log/checkpoint", lambda: iter((log_copy(uow, draw.code).checkpoint,))),
        ("log/entries.jsonl", lambda: entries_jsonl(uow, 0, signed_log(uow).size)),
        ("log/key", lambda: iter((log_copy(uow, draw.code).key,))),
        ("log/proof.json", lambda: iter((log_copy(uow, draw.code).proof,))),
    ]


def read_member(uow: UnitOfWork, draw: Draw, path: str) -> Chunks:
    """One file of the bundle by its path. Raises Missing `draw-not-open`, `draw-file-not-found`."""
    for member in list_members(uow, draw):
        if member.path == path:
            return member.read()
    require_allowed(draw, path)
    raise Missing("draw-file-not-found", "这次抽签没有这个文件。")


def read_script() -> bytes:
    """The checker, one file. Raises Missing `draw-file-not-found` where it was not installed."""
    if not SCRIPT.is_file():
        raise Missing("draw-file-not-found", "本站没有安装验证程序。")
    return SCRIPT.read_bytes()


def outcomes(uow: UnitOfWork, agency: str) -> dict[str, Any]:
    """What the portal claims became of every draw of an agency, and how many of them are void."""
    rows = select(Draw.code, Draw.state, Draw.void_reason).where(Draw.agency_code == agency).order_by(Draw.code)
    draws = [
        {"draw_id": code, "outcome": _OUTCOMES.get(state, "announced")}
        | ({"reason": reason} if state == "void" else {})
        for code, state, reason in uow.session.execute(rows).tuples()
    ]
    return {"agency_code": agency, "draws": draws, "voids": sum(draw["outcome"] == "void" for draw in draws)}


# ------------------------------------------------------------------------------------------------ zip


class _Drain(io.RawIOBase):
    """Takes what the zip writer writes and gives it away piece by piece; it cannot be sought in."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held.append(bytes(data))
        return len(self._held[-1])

    def taken(self) -> bytes:
        held, self._held = b"".join(self._held), []
        return held


def bundle(uow: UnitOfWork, draw: Draw) -> Chunks:
    """The zip as it is made: the memory needed does not grow with the lists."""
    drain = _Drain()
    with zipfile.ZipFile(drain, "w", allowZip64=True) as archive:
        for member in list_members(uow, draw):
            with archive.open(_entry(member), "w", force_zip64=True) as inside:
                for chunk in member.read():
                    inside.write(chunk)
                    yield drain.taken()
            yield drain.taken()
    yield drain.taken()


def _entry(member: Member) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(member.path, NO_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED if member.deflated else zipfile.ZIP_STORED
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry


# ------------------------------------------------------------------------------------------------ words

_README = """\
抽签验证包

抽签编号 {code}
抽签名称 {title}
下载地址 {address}

一、一条命令
在这个文件夹里运行（任何装有 Python 3 的电脑，不用联网，不用装别的东西）：
    python3 verify_draw.py .
程序逐步重算，每一步说明相符还是不相符。程序只有一个文件，可以先请懂行的人读一遍。

二、这里有什么
plan.json      抽签之前公布的计划，它的 SHA-256 先记进公开日志
*.tsv          抽签之前冻结的名单：对象、人员、回避等，计划里写着每份的 SHA-256
opening.json   开封时公布的一次性码和数字（开封之后才有）
result.tsv     抽中的对象和检查人员（开封之后才有）
reserve.tsv    候补的次序（开封之后才有）
outcomes.json  本机关每次抽签的结局，作废的也在内
log/           公开日志全文、签了名的检查点、验证公钥、本次抽签各条目的在列证明

三、为什么可信
名单先冻结、先公布，再等一个谁也定不了的数字；机关手里的一次性码先交出摘要，换不了；结果出来立即封存摘要，改不了。
少了哪一样都算不出结果，事后改哪一样都对不上。
"""


def _readme(uow: UnitOfWork, draw: Draw) -> bytes:
    address = f"{site_address(uow)}/draws/{draw.code}"
    return _README.format(code=draw.code, title=draw.title, address=address).encode()
