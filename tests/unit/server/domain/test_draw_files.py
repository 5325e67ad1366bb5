"""Frozen lists: what is written is read back, and nothing else is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.draw_files import DrawFiles, check_id, read
from server.domain.errors import Invalid

FILES = DrawFiles(
    objects=(("甲类", "GD-001", 1), ("甲类", "GD-002", 20), ("乙类", "GD-010", 2)),
    officers=("F001", "F002", "F003"),
    recusals=(("GD-001", "F002"),),
    excluded=(("GD-900", "stopped"),),
    leads=("F001",),
    units=(("F001", "质安一站"), ("F002", "质安二站")),
    skills=(("F001", "混凝土"),),
    needs=(("GD-001", "混凝土"),),
)
ids = st.text(min_size=1, max_size=12).filter(lambda text: check_id(text) is None)


def test_written_bytes() -> None:
    written = FILES.to_bytes()
    assert written["objects.tsv"] == "乙类\tGD-010\t2\n甲类\tGD-001\t1\n甲类\tGD-002\t20\n".encode()
    assert written["officers.tsv"] == b"F001\nF002\nF003\n"
    assert list(written) == [
        "objects.tsv", "officers.tsv", "recusals.tsv", "excluded.tsv", "leads.tsv", "units.tsv", "skills.tsv", "needs.tsv",
    ]  # fmt: skip


def test_optional_lists_are_absent_when_not_used() -> None:
    plain = DrawFiles(FILES.objects, FILES.officers)
    assert sorted(plain.to_bytes()) == ["objects.tsv", "officers.tsv", "recusals.tsv"]
    assert plain.to_bytes()["recusals.tsv"] == b""
    assert DrawFiles.from_bytes(plain.to_bytes()).leads is None


def test_an_empty_optional_list_is_not_the_same_as_none() -> None:
    found = DrawFiles.from_bytes(replace(FILES, leads=()).to_bytes())
    assert found.leads == ()


@given(st.sets(st.tuples(ids, ids), min_size=1, max_size=20), st.integers(1, 20))
def test_what_is_written_is_read_back(pairs: set[tuple[str, str]], balls: int) -> None:
    names = {name: stratum for stratum, name in pairs}
    files = DrawFiles(tuple((s, n, balls) for n, s in names.items()), tuple(names), tuple(pairs))
    written = files.to_bytes()
    again = DrawFiles.from_bytes(written)
    assert again.to_bytes() == written
    assert set(again.objects) == set(files.objects)


@pytest.mark.parametrize("lines", [b"a\tX\t1\nb\tY\t1\n", b""])
def test_order_of_input_does_not_matter(lines: bytes) -> None:
    rows = DrawFiles.from_bytes({"objects.tsv": lines, "officers.tsv": b"", "recusals.tsv": b""}).objects
    assert DrawFiles(tuple(reversed(rows)), ()).to_bytes()["objects.tsv"] == lines


@pytest.mark.parametrize(
    ("data", "line", "why"),
    [
        (b"a\tX\t1", 1, "没有换行"),
        (b"a\tX\t1\na\tY\t1", 2, "没有换行"),
        (b"b\tX\t1\na\tY\t1\n", 2, "升序"),
        (b"a\tX\t1\na\tX\t1\n", 2, "重复"),
        (b"a\tX\t1\n\n", 2, "升序"),
        (b"a\tX\n", 1, "应有3列，实有2列"),
        (b"a\tX\t1\t2\n", 1, "应有3列，实有4列"),
        (b"\xff\tX\t1\n", 1, "UTF-8"),
        (b"a\tX|Y\t1\n", 1, "竖线"),
        (b"a\tX \t1\n", 1, "首尾有空白"),
        (b"a\t\t1\n", 1, "为空"),
        (b"a\tX\r\t1\n", 1, "首尾有空白"),
        ("a\te\u0301\t1\n".encode(), 1, "NFC"),
        ("\ufeffa\tX\t1\n".encode(), 1, "不可见"),
        (b"a\tX\t0\n", 1, "1到20"),
        (b"a\tX\t21\n", 1, "1到20"),
        (b"a\tX\t01\n", 1, "1到20"),
        ("a\tX\t１\n".encode(), 1, "1到20"),
        (b"a\tX\t1\nb\tX\t1\n", 2, "出现了两次"),
    ],
)
def test_anything_else_is_refused_with_its_line(data: bytes, line: int, why: str) -> None:
    with pytest.raises(Invalid) as caught:
        DrawFiles.from_bytes({"objects.tsv": data, "officers.tsv": b"", "recusals.tsv": b""})
    assert caught.value.code == "draw-file-invalid"
    assert caught.value.facts == {"file": "objects.tsv", "line": line}
    assert why in caught.value.detail


@pytest.mark.parametrize(
    "files",
    [
        replace(FILES, objects=(*FILES.objects, ("丙类", "GD-001", 1))),
        replace(FILES, objects=(("甲类", "GD|1", 1),)),
        replace(FILES, officers=("F001", "F001")),
        replace(FILES, recusals=((" GD-001", "F001"),)),
        replace(FILES, units=(("F001", ""),)),
        replace(FILES, leads=("F\t1",)),
        replace(FILES, needs=(("GD-001", "e\u0301"),)),
    ],
)
def test_what_can_not_be_read_is_not_written(files: DrawFiles) -> None:
    with pytest.raises(Invalid) as caught:
        files.to_bytes()
    assert caught.value.code == "draw-file-invalid"


@pytest.mark.parametrize("balls", [0, 21, -1])
def test_balls_out_of_range_are_not_written(balls: int) -> None:
    with pytest.raises(Invalid, match="号球"):
        replace(FILES, objects=(("甲类", "GD-001", balls),)).to_bytes()


def test_a_mark_of_byte_order_is_part_of_no_id() -> None:
    with pytest.raises(Invalid, match="不可见"):
        list(read("officers.tsv", "\ufeffF001\n".encode(), 1))
