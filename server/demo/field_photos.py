"""用一个文件夹里的真照片演一季；旁边有 MANIFEST.csv 的，逐张与它对照。"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from server.demo.client import Client, Phone
from server.embedded.progress import say

MANIFEST = "MANIFEST.csv"
TOLERANCE_DEG = 1e-6
NAME_WIDTH = 44
_TIME = re.compile(r"\A[1-9]\d{3}:\d\d:\d\d \d\d:\d\d:\d\d")
Document = dict[str, Any]


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_file() and p.name != MANIFEST and not p.name.startswith("."))


def usable_files(folder: Path) -> tuple[Path, ...]:
    """Every photo of the folder in order of name; a phone would not list an empty file in a check."""
    return tuple(p for p in _files(folder) if p.stat().st_size)


def probe_empty_files(folder: Path, phone: Phone) -> list[str]:
    """Offer the empty files: each must be refused with a reason. Returns complaints."""
    complaints = []
    client = phone.client()
    for path in _files(folder):
        if path.stat().st_size:
            continue
        target = f"/api/v1/field/photos/{uuid5(NAMESPACE_URL, path.name)}"
        reply = client.call("PUT", target, body=b"", query={"name": path.name}, expect=tuple(range(200, 600)))
        say(f"  {path.name} 是空文件：{reply.status} {reply.problem()}")
        if reply.code != "upload-empty":
            complaints.append(f"空文件 {path.name} 没有被说明理由地拒收")
    client.close()
    return complaints


@dataclass(frozen=True, slots=True)
class Line:
    """一张照片的对照：清单说的、读出来的、不同之处。"""

    file: str
    place: str
    taken: str
    orientation: str
    reason: str
    faults: tuple[str, ...]

    def text(self) -> str:
        verdict = "；".join(self.faults) or "一致"
        seen = f"  {self.reason}" if self.reason else ""
        return f"  {self.file:<{NAME_WIDTH}}{self.place:<26}{self.taken:<21}{self.orientation:<3}{verdict}{seen}"


def compare_with_manifest(console: Client, folder: Path, sent: dict[tuple[str, str], Document]) -> list[str]:
    """Print the table and return the complaints; [] and nothing printed when the folder has no manifest."""
    if not (folder / MANIFEST).is_file():
        return []
    with (folder / MANIFEST).open(encoding="utf-8", newline="") as file:
        told = {row["file"]: row for row in csv.DictReader(file)}
    stored = {line["name"]: uuid for (kind, uuid), line in sent.items() if kind == "photo"}
    lines = [_compare(console, told[p.name], stored[p.name]) for p in usable_files(folder) if p.name in told]
    _print_table(lines)
    return [f"{line.file}：{'；'.join(line.faults)}" for line in lines if line.faults]


def _print_table(lines: Sequence[Line]) -> None:
    say(f"  与 {MANIFEST} 对照（位置、拍摄时间、方向，由服务器读出）")
    for line in lines:
        say(line.text())
    wrong = sum(bool(line.faults) for line in lines)
    say(f"  对照 {len(lines)} 张，不一致 {wrong} 张，读不出画面 {sum(bool(line.reason) for line in lines)} 张")


def _compare(console: Client, told: dict[str, str], uuid: str) -> Line:
    row = console.get(f"/api/v1/console/evidence/{uuid}")
    facts = row["facts"] or {}
    checks = (
        _place_fault(told, row),
        _time_fault(told, facts),
        _orientation_fault(told, facts),
        _reason_fault(told, row),
    )
    place = f"{row['latitude']:.6f}, {row['longitude']:.6f}" if row["latitude"] is not None else told["gps_state"]
    return Line(
        told["file"],
        place,
        facts.get("captured") or "-",
        str(facts.get("orientation") or "-"),
        f"（{row['reason']}）" if row["reason"] else "",
        tuple(fault for fault in checks if fault),
    )


def _place_fault(told: dict[str, str], row: Document) -> str:
    seen = (row["latitude"], row["longitude"])
    if told["gps_state"] != "ok":
        return "" if seen == (None, None) else f"不应有位置，却有 {seen}"
    if None in seen:
        return "应有位置，却没有"
    wanted = (float(told["lat"]), float(told["lon"]))
    off = max(abs(a - b) for a, b in zip(wanted, seen, strict=True))
    return "" if off <= TOLERANCE_DEG else f"位置应为 {wanted}，相差 {off:.7f} 度"


def capture_instant(told: dict[str, str]) -> datetime | None:
    """The instant that the manifest's capture time means; without an offset Asia/Shanghai is taken."""
    text, offset = told["datetime_original"], told["offset_time_original"]
    if not _TIME.match(text):
        return None
    zone = timezone(timedelta(hours=8))
    if re.fullmatch(r"[+-]\d\d:\d\d", offset):
        minutes = int(offset[1:3]) * 60 + int(offset[4:])
        zone = timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
    year, month, day, hour, minute, second = (int(part) for part in re.split("[: ]", text[:19]))
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def _time_fault(told: dict[str, str], facts: Document) -> str:
    wanted = capture_instant(told)
    seen = facts.get("captured_at")
    if wanted is None or seen is None:
        return "" if wanted is None and seen is None else f"拍摄时间应为 {wanted}，读得 {seen}"
    same = datetime.fromisoformat(seen) == wanted and facts["captured"][:19] == told["datetime_original"][:19]
    return "" if same else f"拍摄时间应为 {wanted.isoformat()}，读得 {seen}"


def _orientation_fault(told: dict[str, str], facts: Document) -> str:
    wanted, seen = told["orientation"], facts.get("orientation")
    return "" if (str(seen) if seen is not None else "") == wanted else f"方向应为 {wanted or '无'}，读得 {seen}"


def _reason_fault(told: dict[str, str], row: Document) -> str:
    """What independent readers cannot open must be marked with a reason."""
    return "没有注明读不出的原因" if "pillow: cannot read" in told["cross_check"] and not row["reason"] else ""
