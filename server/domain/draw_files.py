"""抽签冻结的名单：制表符分隔、逐字节排序、没有重复；写出来是什么，读回来就只认什么。"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import is_normalized

from server.domain.errors import Invalid

MOST_BALLS = 20
_FORBIDDEN = "|\t\n\r"
# Besides those, what no eye can see and what some programs take for the end of a line.
_UNSEEN = re.compile("[\\x00-\\x1f\\x7f-\\x9f|\\u2028\\u2029\\ufeff\\ud800-\\udfff]")

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrawFiles:
    """The frozen lists of one draw, as rows; optional ones are None when the plan does not use them.

    objects (stratum, object, balls); officers (officer,); recusals (object, officer); excluded (object, reason);
    leads (officer,); units (officer, unit); skills (officer, skill); needs (object, skill).
    """

    objects: tuple[tuple[str, str, int], ...]
    officers: tuple[str, ...]
    recusals: tuple[tuple[str, str], ...] = ()
    excluded: tuple[tuple[str, str], ...] | None = None
    leads: tuple[str, ...] | None = None
    units: tuple[tuple[str, str], ...] | None = None
    skills: tuple[tuple[str, str], ...] | None = None
    needs: tuple[tuple[str, str], ...] | None = None

    def to_bytes(self) -> dict[str, bytes]:
        """File name -> bytes, the optional ones only when used. Raises Invalid `draw-file-invalid`."""
        found = {
            "objects.tsv": _write("objects.tsv", (_object_row(o, n) for n, o in enumerate(self.objects, 1))),
            "officers.tsv": _write("officers.tsv", ((o,) for o in self.officers)),
            "recusals.tsv": _write("recusals.tsv", self.recusals),
        }
        _distinct("objects.tsv", (row[1] for row in self.objects))
        if self.excluded is not None:
            found["excluded.tsv"] = _write("excluded.tsv", self.excluded)
        if self.leads is not None:
            found["leads.tsv"] = _write("leads.tsv", ((o,) for o in self.leads))
        for name, rows in (("units", self.units), ("skills", self.skills), ("needs", self.needs)):
            if rows is not None:
                found[f"{name}.tsv"] = _write(f"{name}.tsv", rows)
        return found

    @classmethod
    def from_bytes(cls, files: dict[str, bytes]) -> DrawFiles:
        """Read strictly what `to_bytes` writes. Raises Invalid `draw-file-invalid` with file and line in the facts."""

        def pairs(name: str) -> tuple[tuple[str, str], ...] | None:
            return tuple((a, b) for a, b in read(name, files[name], 2)) if name in files else None

        def singles(name: str) -> tuple[str, ...]:
            return tuple(row[0] for row in read(name, files[name], 1))

        objects = tuple(_object(row, n) for n, row in enumerate(read("objects.tsv", files["objects.tsv"], 3), 1))
        _distinct("objects.tsv", (row[1] for row in objects))
        return cls(
            objects,
            singles("officers.tsv"),
            pairs("recusals.tsv") or (),
            pairs("excluded.tsv"),
            singles("leads.tsv") if "leads.tsv" in files else None,
            pairs("units.tsv"),
            pairs("skills.tsv"),
            pairs("needs.tsv"),
        )


def check_id(text: str) -> str | None:
    """Why `text` can't stand in a frozen list, in Chinese; None when it can."""
    if not text or text != text.strip():
        return "为空或首尾有空白"
    if _UNSEEN.search(text):
        return "含有竖线、制表符或换行" if any(sign in text for sign in _FORBIDDEN) else "含有不可见的字符"
    if not is_normalized("NFC", text):
        return "不是规范的 Unicode（NFC）写法"
    return None


def read(name: str, data: bytes, columns: int) -> Iterator[Row]:
    """Rows of a list. Raises Invalid `draw-file-invalid` for anything that `to_bytes` would not have written."""
    if data and not data.endswith(b"\n"):
        raise _invalid(name, data.count(b"\n") + 1, "最后一行没有换行")
    before = None
    for n, line in enumerate(data.split(b"\n")[:-1], 1):
        if before is not None and line <= before:
            raise _invalid(name, n, "没有按字节升序排列，或有重复")
        before = line
        try:
            row = tuple(line.decode("utf-8").split("\t"))
        except UnicodeDecodeError:
            raise _invalid(name, n, "不是 UTF-8") from None
        _check_row(name, n, row, columns)
        yield row


def _check_row(name: str, n: int, row: Row, columns: int) -> None:
    if len(row) != columns:
        raise _invalid(name, n, f"应有{columns}列，实有{len(row)}列")
    for text in row:
        if fault := check_id(text):
            raise _invalid(name, n, fault)


def _write(name: str, rows: Iterable[Sequence[str]]) -> bytes:
    lines = []
    for n, row in enumerate(rows, 1):
        _check_row(name, n, tuple(row), len(row))
        lines.append("\t".join(row).encode())
    lines.sort()
    for n, (one, other) in enumerate(pairwise(lines), 1):
        if one == other:
            raise _invalid(name, n + 1, "重复")
    return b"".join(line + b"\n" for line in lines)


def _object_row(row: tuple[str, str, int], n: int) -> Row:
    _check_balls(str(row[2]), n)
    return row[0], row[1], str(row[2])


def _object(row: Row, n: int) -> tuple[str, str, int]:
    stratum, name, balls = row
    _check_balls(balls, n)
    return stratum, name, int(balls)


def _check_balls(balls: str, n: int) -> None:
    if balls not in _BALLS:
        raise _invalid("objects.tsv", n, f"号球应为1到{MOST_BALLS}个")


_BALLS = frozenset(str(n) for n in range(1, MOST_BALLS + 1))


def _distinct(name: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for n, one in enumerate(ids, 1):
        if one in seen:
            raise _invalid(name, n, f"{one} 出现了两次")
        seen.add(one)


def _invalid(name: str, line: int, why: str) -> Invalid:
    return Invalid("draw-file-invalid", f"{name} 第{line}行有误：{why}。", facts={"file": name, "line": line})
