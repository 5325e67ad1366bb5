"""压缩的 Shapefile：.prj 说了算，投影的、旧坐标系的、几个图层的不收。"""

from __future__ import annotations

import io
import zipfile

import pytest
import shapefile

from server.domain.errors import Invalid
from server.domain.registers import Datum
from server.formats.boundary_files import read_boundary
from server.formats.shapefile_zip import read_shapefile_zip
from tests.factories.drawings import (
    BEIJING54,
    CGCS2000,
    EAST,
    PROJECTED,
    SQUARE,
    clockwise,
    shape_parts,
    zipped,
)

ONE = ("一号地", [clockwise(SQUARE)])


def refusal(data: bytes, declared: Datum | None = None) -> Invalid:
    with pytest.raises(Invalid) as refused:
        read_boundary(data, declared)
    return refused.value


def test_the_prj_tells_the_datum() -> None:
    assert read_boundary(zipped(shape_parts(ONE))).datum is Datum.WGS84
    assert read_boundary(zipped(shape_parts(ONE, prj=CGCS2000))).datum is Datum.CGCS2000
    assert read_boundary(zipped(shape_parts(ONE, prj=CGCS2000)), Datum.WGS84).datum is Datum.WGS84
    assert refusal(zipped(shape_parts(ONE)), Datum.GCJ02).code == "boundary-datum-conflict"


def test_without_a_prj_the_sender_has_to_say() -> None:
    data = zipped(shape_parts(ONE, prj=""))
    assert refusal(data).code == "datum-unknown"
    assert read_boundary(data, Datum.BD09).datum is Datum.BD09


@pytest.mark.parametrize(
    ("prj", "code"), [(PROJECTED, "boundary-projected"), (BEIJING54, "boundary-datum-unsupported")]
)
def test_metres_and_old_datums_are_refused(prj: str, code: str) -> None:
    assert refusal(zipped(shape_parts(ONE, prj=prj)), Datum.CGCS2000).code == code


def test_a_layer_with_heights_and_a_folder_is_read() -> None:
    parts = shape_parts(ONE, kind=shapefile.POLYGONZ, stem="导出/工地")
    found = read_boundary(zipped({**parts, "__MACOSX/工地.shp": b"x"}))
    assert (found.source, set(found.ring)) == ("shapefile", set(SQUARE))


def test_lines_and_several_layers_are_refused() -> None:
    assert refusal(zipped(shape_parts(ONE, kind=shapefile.POLYLINE))).code == "boundary-no-polygon"
    both = shape_parts(ONE) | shape_parts(ONE, stem="二")
    assert refusal(zipped(both)).code == "boundary-several-layers"


def test_two_rings_side_by_side_are_two_parts() -> None:
    data = zipped(shape_parts(("地", [clockwise(SQUARE), clockwise(EAST)])))
    assert refusal(data).facts["parts"] == ["地（1）", "地（2）"]


def test_without_a_table_shapes_are_numbered() -> None:
    parts = {n: d for n, d in shape_parts(ONE).items() if not n.endswith((".dbf", ".cpg"))}
    with zipfile.ZipFile(io.BytesIO(zipped(parts))) as archive:
        found, told = read_shapefile_zip(archive)
    assert ([p.name for p in found], told) == (["第 1 个图形"], Datum.WGS84)


@pytest.mark.parametrize("cut", [0, 20, 101, 120, 150])
def test_a_broken_layer_is_a_refusal(cut: int) -> None:
    parts = shape_parts(ONE)
    parts["工地.shp"] = parts["工地.shp"][:cut]
    assert refusal(zipped(parts)).code in ("boundary-file-unreadable", "boundary-no-polygon")


@pytest.mark.parametrize("at", range(100, 160, 4))
def test_a_layer_with_absurd_counts_is_a_refusal_or_a_shape(at: int) -> None:
    parts = shape_parts(ONE)
    raw = bytearray(parts["工地.shp"])
    raw[at : at + 4] = b"\x7f\xff\xff\x7f"
    parts["工地.shp"] = bytes(raw)
    assert outcome(zipped(parts)) in (
        "shapefile",
        "boundary-file-unreadable",
        "boundary-no-polygon",
        "position-invalid",
    )


def outcome(data: bytes) -> str:
    """What a layer was taken for, or the code it was refused with."""
    try:
        return read_boundary(data).source
    except Invalid as refused:
        return refused.code
