"""与清单对照：差一点也看得出，不该有的位置也看得出。"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from server.demo.client import Reply
from server.demo.field_photos import capture_instant, compare_with_manifest, probe_empty_files, usable_files

TOLD = {
    "file": "a.jpg",
    "gps_state": "ok",
    "lat": "47.62716667",
    "lon": "-122.33733333",
    "datetime_original": "2012:09:29 16:11:25",
    "offset_time_original": "-07:00",
    "orientation": "3",
    "cross_check": "pillow: agrees",
}
SEEN = {
    "latitude": 47.6271666667,
    "longitude": -122.3373333333,
    "reason": None,
    "facts": {"captured": "2012:09:29 16:11:25", "captured_at": "2012-09-29T23:11:25+00:00", "orientation": 3},
}


class Console:
    def __init__(self, row: dict[str, Any]) -> None:
        self.row = row

    def get(self, _: str) -> dict[str, Any]:
        return self.row


def compare(folder: Path, told: dict[str, str], seen: dict[str, Any]) -> list[str]:
    (folder / "a.jpg").write_bytes(b"x")
    lines = [",".join(told), ",".join(told.values())]
    (folder / "MANIFEST.csv").write_text("\n".join(lines), encoding="utf-8")
    return compare_with_manifest(Console(seen), folder, {("photo", "u"): {"name": "a.jpg"}})  # type: ignore[arg-type]


def test_agreement_has_no_complaint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(tmp_path, TOLD, SEEN) == []
    assert "不一致 0 张" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("told", "seen", "word"),
    [
        ({}, {"latitude": 47.62717}, "位置应为"),
        ({}, {"latitude": None, "longitude": None}, "应有位置"),
        ({"gps_state": "zero"}, {}, "不应有位置"),
        ({}, {"facts": SEEN["facts"] | {"captured_at": "2012-09-29T08:11:25+00:00"}}, "拍摄时间"),
        ({"datetime_original": ""}, {}, "拍摄时间"),
        ({}, {"facts": SEEN["facts"] | {"orientation": None}}, "方向应为 3"),
        ({"cross_check": "pillow: cannot read (OSError)"}, {}, "没有注明"),
    ],
)
def test_each_difference_is_told(tmp_path: Path, told: dict[str, str], seen: dict[str, Any], word: str) -> None:
    complaints = compare(tmp_path, TOLD | told, SEEN | seen)
    assert len(complaints) == 1
    assert word in complaints[0]


def test_time_without_offset_is_taken_as_beijing_time() -> None:
    told = TOLD | {"offset_time_original": ""}
    assert capture_instant(told) == datetime(2012, 9, 29, 8, 11, 25, tzinfo=UTC)
    assert capture_instant(TOLD | {"datetime_original": "0000:00:00 00:00:00"}) is None


def test_folder_without_manifest_is_not_compared(tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_bytes(b"x")
    (tmp_path / "empty.jpg").write_bytes(b"")
    assert compare_with_manifest(Console({}), tmp_path, {}) == []  # type: ignore[arg-type]
    assert [p.name for p in usable_files(tmp_path)] == ["b.jpg"]


@pytest.mark.parametrize(("code", "wrong"), [("upload-empty", 0), ("internal-error", 1)])
def test_empty_file_must_be_refused_for_being_empty(tmp_path: Path, code: str, wrong: int) -> None:
    body = f'{{"code": "{code}", "detail": "空"}}'.encode()

    class Phone:
        def client(self) -> "Phone":
            return self

        def call(self, *_: Any, **__: Any) -> Reply:
            return Reply(422, {"content-type": "application/problem+json"}, body)

        def close(self) -> None:
            pass

    (tmp_path / "empty.jpg").write_bytes(b"")
    assert len(probe_empty_files(tmp_path, Phone())) == wrong  # type: ignore[arg-type]
