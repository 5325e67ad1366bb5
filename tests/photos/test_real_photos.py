"""Every photo of the real set against its manifest, through the same guarded examination as in service."""

import functools
import io
import itertools
import os

import pytest
from PIL import Image

from server.formats.exif import ExifFacts
from server.formats.guard import Examination, Limits, examine_photo
from server.formats.images import read_facts
from server.formats.perceptual import THRESHOLD, hamming
from tests.photos.real import REAL, Row, find_photos

LIMITS = Limits(patience=12)  # a busy machine must not change what is found; the five seconds are the processor's
UNDECODED = {
    "samsung-200mp-zero-over-zero.heic": "too-many-pixels",
    "truncated.jpg": "truncated",
    "tiny-32-bytes-exif-dos.jpg": "unreadable",
    "corrupted.heic": "unreadable",
    "empty-file.heic": "not-a-photo",
    "jpeg-17737x7680-in-33kb.jpg": "unreadable",
    "png-309x15403836-in-454-bytes.png": "unreadable",
    "jpeg-index-error.jpg": "unreadable",
    "tiff-index-error.tif": "unreadable",
}
each_photo = pytest.mark.parametrize("row", REAL.rows, ids=[row["file"] for row in REAL.rows])


@functools.cache
def examined(name: str) -> Examination:
    return examine_photo(REAL.path(name), LIMITS)


@functools.cache
def facts(name: str) -> ExifFacts:
    with REAL.path(name).open("rb") as file:
        return read_facts(file)


def test_the_real_photos_are_whole_or_absent_for_a_stated_reason() -> None:
    """Absent is right only when nobody named a folder and none lies beside the repository; then nothing below is collected."""
    assert not REAL.fault, f"the real photos cannot be used: {REAL.fault}"
    if not REAL.rows:
        assert "ZHIJIAN_PHOTOS" not in os.environ or not os.environ["ZHIJIAN_PHOTOS"]
        assert not REAL.folder.exists()
    assert TestRealPhotos.__test__ is bool(REAL.rows)


def test_a_named_folder_that_is_not_there_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("ZHIJIAN_PHOTOS", str(tmp_path_factory.mktemp("photos") / "nowhere"))
    assert "MANIFEST.csv" in find_photos().fault


def test_a_photo_with_other_bytes_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("photos")
    (folder / "MANIFEST.csv").write_text("file,sha256\na.jpg,00\n", encoding="utf-8")
    (folder / "a.jpg").write_bytes(b"x")
    monkeypatch.setenv("ZHIJIAN_PHOTOS", str(folder))
    assert find_photos().fault == "a.jpg: other bytes than the manifest says"


def written(value: str) -> float | None:
    return float(value) if value.strip() else None


class TestRealPhotos:
    __test__ = bool(REAL.rows)

    @each_photo
    def test_position(self, row: Row) -> None:
        found = facts(row["file"]).gps
        assert found.state == row["gps_state"]
        if row["gps_state"] != "ok":
            assert (found.latitude, found.longitude) == (None, None)
            return
        assert found.latitude == pytest.approx(float(row["lat"]), abs=1e-6)
        assert found.longitude == pytest.approx(float(row["lon"]), abs=1e-6)

    @each_photo
    def test_capture_time_and_orientation(self, row: Row) -> None:
        found = facts(row["file"])
        assert (found.captured or "") == row["datetime_original"]
        assert str(found.orientation or "") == row["orientation"]
        assert (found.zone or "") == row["offset_time_original"].strip()
        assert (found.subsec or "") == row["subsec_original"].strip()

    @each_photo
    def test_camera_and_software(self, row: Row) -> None:
        found = facts(row["file"])
        assert [found.make or "", found.model or "", found.software or "", found.modified or ""] == [
            row[name].strip() for name in ("make", "model", "software", "datetime_modify")
        ]

    @each_photo
    def test_the_smaller_gps_facts(self, row: Row) -> None:
        found = facts(row["file"]).gps
        for value, name in (
            (found.altitude_m, "altitude_m"),
            (found.direction, "img_direction"),
            (found.dop, "dop"),
            (found.error_m, "h_pos_error_m"),
        ):
            assert value == (None if written(row[name]) is None else pytest.approx(written(row[name]), abs=1e-3)), name
        assert (found.date or "") == row["gps_date_utc"].strip()
        undefined = row["gps_state"] == "undefined"  # the manifest's reader prints 0/0 hours as midnight
        assert (found.time or "") == ("" if undefined else row["gps_time_utc"].strip())

    @each_photo
    def test_examined_within_five_seconds_and_500_megabytes(self, row: Row) -> None:
        found = examined(row["file"])
        assert found.seconds < 5
        assert found.peak_mb <= LIMITS.resident_mb  # a worker itself holds about 95 MB
        assert found.reason == UNDECODED.get(row["file"])
        assert found.facts["gps"]["state"] == row["gps_state"]
        assert (found.facts["captured"] or "") == row["datetime_original"]

    @each_photo
    def test_previews_stand_upright(self, row: Row) -> None:
        found = examined(row["file"])
        if found.reason is not None:
            assert found.large is found.small is found.phash is None
            return
        assert found.large is not None
        width, height = int(row["width"]), int(row["height"])
        decoded = row["format"] in ("HEIC", "HEIF")  # its decoder has turned the picture already
        turned = not decoded and row["orientation"] in ("5", "6", "7", "8")
        if not decoded:
            assert (found.width, found.height) == (width, height)
        shape = (found.width or 0, found.height or 0) if decoded else (height, width) if turned else (width, height)
        with Image.open(io.BytesIO(found.large)) as preview:
            assert preview.width / preview.height == pytest.approx(shape[0] / shape[1], rel=0.02)
            assert max(preview.size) == min(1600, max(shape))

    def test_the_eight_orientations_show_one_scene(self) -> None:
        hashes = [examined(f"orientation-landscape-{n}.jpg").phash for n in range(1, 9)]
        assert max(hamming(a, b) for a, b in itertools.combinations(hashes, 2) if a and b) <= THRESHOLD

    @pytest.mark.parametrize("family", ["iphone6-flowers", "htc-desire", "reagan", "c2pa-stripes"])
    def test_families_are_close(self, family: str) -> None:
        names = [row["file"] for row in REAL.rows if row["family"] == family]
        assert len(names) >= 2
        for one, other in itertools.combinations(names, 2):
            a, b = examined(one).phash, examined(other).phash
            assert a is not None
            assert b is not None
            assert hamming(a, b) <= THRESHOLD, (one, other)

    def test_unrelated_photos_are_far_apart(self) -> None:
        known = [
            (row["file"], row["family"] or row["file"], found.phash)
            for row in REAL.rows
            if (found := examined(row["file"])).phash is not None and min(found.width or 0, found.height or 0) >= 64
        ]
        near = [
            (one[0], other[0], hamming(one[2], other[2]))
            for one, other in itertools.combinations(known, 2)
            if one[1] != other[1] and one[2] and other[2] and hamming(one[2], other[2]) <= THRESHOLD
        ]
        assert near == []
