"""取回通报和全部公开数据，存进数据目录，按清单核对摘要和条数，逐个数核对它背后的记录。"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from PIL import Image

from server.demo.client import Client, every_item
from server.demo.waiting import wait_until
from server.embedded.progress import Step

Document = dict[str, Any]
PUBLIC = "/api/v1/public"
EXPORTS = ("cases.json", "cases.csv", "cases.geojson", "cases.atom")
BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Gathered:
    """取到的公开数据：在哪里、有什么、哪里不对。"""

    folder: Path
    slug: str
    records: list[Document] = field(default_factory=list)
    cases: list[Document] = field(default_factory=list)
    photos: int = 0
    figures: int = 0
    complaints: list[str] = field(default_factory=list)


def slug_of(number: str) -> str:
    """The address of a bulletin: 示建质通〔2026〕1号 → 示建质通-2026-1号."""
    return number.replace("〔", "-").replace("〕", "-").strip("-")


def gather(base_url: str, console: Client, bulletin: Document, season: Path, most_figures: int) -> Gathered:
    """Fetch everything public about the released bulletin as anybody could, and check it."""
    public = Client(base_url)
    got = Gathered(season / slug_of(bulletin["number"]), slug_of(bulletin["number"]))
    got.folder.mkdir(parents=True, exist_ok=True)
    address = f"{PUBLIC}/bulletins/{got.slug}"
    wait_until("后台冻结公开快照", lambda: (public.call("GET", address, expect=(200, 404)).status == 200, ""))
    for name, path in (
        ("bulletin.json", address),
        ("bulletin.html", f"{address}.html"),
        ("bulletin.md", f"{address}.md"),
        ("records.csv", f"{address}/records.csv"),
        *((name, f"{PUBLIC}/exports/{name}") for name in (*EXPORTS, "manifest.json")),
    ):
        _keep(got, name, public.call("GET", path, expect=(200,)).body)
    got.records = every_item(public, f"{address}/records")
    got.cases = [c for c in json.loads((got.folder / "cases.json").read_bytes()) if c["bulletin"] == got.slug]
    _check_manifest(got)
    _check_records_file(got)
    _check_photos(public, got)
    _check_figures(console, bulletin, got, most_figures)
    public.close()
    return got


def _keep(got: Gathered, name: str, content: bytes) -> None:
    (got.folder / name).write_bytes(content)


def count_rows(name: str, content: bytes) -> int:
    """Rows of an export file, counted by reading it the way its users do."""
    if name.endswith(".csv"):
        return len(read_csv(content))
    if name.endswith(".geojson"):
        return len(json.loads(content)["features"])
    if name.endswith(".json"):
        return len(json.loads(content))
    return content.count(b"<entry>") + content.count(b"<at:deleted-entry")


def read_csv(content: bytes) -> list[list[str]]:
    """The rows below the heading."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1:]


def _check_manifest(got: Gathered) -> None:
    manifest = json.loads((got.folder / "manifest.json").read_bytes())
    listed = {entry["name"]: entry for entry in manifest["files"]}
    if set(listed) != set(EXPORTS):
        got.complaints.append(f"清单列的文件是 {sorted(listed)}")
    for name, entry in listed.items():
        content = (got.folder / name).read_bytes()
        seen = {"sha256": sha256(content).hexdigest(), "bytes": len(content), "rows": count_rows(name, content)}
        got.complaints += [
            f"{name} 的 {what} 与清单不符：{entry[what]}，实为 {value}"
            for what, value in seen.items()
            if entry[what] != value
        ]


def _check_records_file(got: Gathered) -> None:
    content = (got.folder / "records.csv").read_bytes()
    if not content.startswith(BOM):
        got.complaints.append("records.csv 没有 BOM")
    if len(read_csv(content)) != len(got.records):
        got.complaints.append(f"records.csv 有 {len(read_csv(content))} 行，逐条查询有 {len(got.records)} 条")


def _check_photos(public: Client, got: Gathered) -> None:
    """Each public photo hangs under its own digest and carries pixels only."""
    for photo in (p for case in got.cases for p in case["photos"]):
        content = public.call("GET", f"{PUBLIC}/photos/{photo['sha256']}.jpg", expect=(200,)).body
        _keep(got, f"{photo['sha256'][:12]}.jpg", content)
        got.photos += 1
        with Image.open(io.BytesIO(content)) as picture:
            bare = not picture.getexif() and not {"exif", "xmp", "comment", "icc_profile"} & set(picture.info)
        if sha256(content).hexdigest() != photo["sha256"] or not bare:
            got.complaints.append(f"公开照片 {photo['sha256'][:12]} 的摘要不符或带有元数据")


def _check_figures(console: Client, bulletin: Document, got: Gathered, most: int) -> None:
    """The list behind each figure holds exactly as many records as the figure says; over `most`, every so many-th one."""
    step = Step("逐个数核对记录")
    path = f"/api/v1/console/bulletins/{bulletin['uuid']}"
    figures = console.get(path)["content"]["figures"]
    figures = figures[:: -(-len(figures) // most)]
    totals: dict[str, int] = {}
    for n, figure in enumerate(figures):
        step.pulse(f"{n}/{len(figures)}")
        expected = expected_records(figure)
        if expected is None:
            continue
        asked = json.dumps(figure["filter"], sort_keys=True)
        if asked not in totals:
            totals[asked] = console.get(f"{path}/figures/{figure['id']}", {"limit": 1})["total"]
        got.figures += 1
        if totals[asked] != expected:
            got.complaints.append(f"数 {figure['id']} 是 {expected}，背后的记录有 {totals[asked]} 条")


def expected_records(figure: Document) -> int | None:
    """How many records must stand behind a figure: the count itself, or the whole of a pair; None for sums."""
    value = figure["value"]
    for name in ("count", "checked", "whole"):
        if name in value:
            return int(value[name])
    return None
