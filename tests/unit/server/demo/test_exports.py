"""公开数据的核对：条数数得对，摘要、照片、数与记录不符就说出来。"""

import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from server.demo.client import Reply
from server.demo.exports import (
    EXPORTS,
    Gathered,
    _check_figures,
    _check_manifest,
    _check_photos,
    count_rows,
    expected_records,
    slug_of,
)


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("a.json", b"[1, 2]", 2),
        ("a.geojson", b'{"features": [1]}', 1),
        ("a.csv", '\ufeffa,b\r\n1,"x\r\ny"\r\n2,z\r\n'.encode(), 2),
        ("a.atom", b"<feed><entry></entry><at:deleted-entry/></feed>", 2),
    ],
)
def test_rows_are_counted_as_readers_do(name: str, content: bytes, rows: int) -> None:
    assert count_rows(name, content) == rows


def test_slug_has_no_brackets() -> None:
    assert slug_of("示建质通〔2026〕1号") == "示建质通-2026-1号"


@pytest.mark.parametrize(
    ("value", "number"), [({"count": 4}, 4), ({"conforming": 3, "checked": 5}, 5), ({"yuan": "10"}, None)]
)
def test_figure_tells_how_many_records_stand_behind_it(value: dict[str, Any], number: int | None) -> None:
    assert expected_records({"value": value}) == number


def exported(folder: Path, spoil: str = "") -> Gathered:
    content = {
        "cases.json": b"[]",
        "cases.csv": b"a\r\n",
        "cases.geojson": b'{"features": []}',
        "cases.atom": b"<feed/>",
    }
    files = []
    for name in EXPORTS:
        (folder / name).write_bytes(content[name] + (b" " if name == spoil else b""))
        digest = sha256(content[name]).hexdigest()
        files.append({"name": name, "sha256": digest, "bytes": len(content[name]), "rows": 0})
    (folder / "manifest.json").write_text(json.dumps({"files": files}))
    return Gathered(folder, "x")


def test_manifest_is_believed_only_when_it_is_right(tmp_path: Path) -> None:
    whole, spoiled = exported(tmp_path), None
    _check_manifest(whole)
    assert whole.complaints == []
    spoiled = exported(tmp_path, spoil="cases.json")
    _check_manifest(spoiled)
    assert len(spoiled.complaints) == 2


def photo(exif: bool) -> bytes:
    out, picture = io.BytesIO(), Image.new("RGB", (8, 8))
    marks = Image.Exif()
    marks[271] = "HUAWEI"
    picture.save(out, "JPEG", **({"exif": marks} if exif else {}))
    return out.getvalue()


@pytest.mark.parametrize(("exif", "right", "wrong"), [(False, True, 0), (True, True, 1), (False, False, 1)])
def test_public_photo_is_bare_and_hangs_under_its_digest(tmp_path: Path, exif: bool, right: bool, wrong: int) -> None:
    content = photo(exif)

    class Public:
        def call(self, *_: Any, **__: Any) -> Reply:
            return Reply(200, {}, content)

    got = Gathered(tmp_path, "x", cases=[{"photos": [{"sha256": sha256(content).hexdigest() if right else "0" * 64}]}])
    _check_photos(Public(), got)  # type: ignore[arg-type]
    assert (got.photos, len(got.complaints)) == (1, wrong)


def test_figure_with_other_records_is_told(tmp_path: Path) -> None:
    figures = [{"id": "a", "value": {"count": 2}, "filter": {"records": "checks"}}]
    figures.append({"id": "b", "value": {"count": 3}, "filter": {"records": "subjects"}})

    class Console:
        def get(self, path: str, _: Any = None) -> dict[str, Any]:
            return {"total": 2} if "figures" in path else {"content": {"figures": figures}}

    got = Gathered(tmp_path, "x")
    _check_figures(Console(), {"uuid": "u"}, got, 10)  # type: ignore[arg-type]
    assert got.figures == 2
    assert got.complaints == ["数 b 是 3，背后的记录有 2 条"]
