"""Counts, sizes and digests computed while the files stream."""

import hashlib
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from server.formats.csvfile import write_csv
from server.formats.jsonfile import write_json
from server.formats.manifest import CountedRows, MeasuredFile, build_manifest

AT = datetime(2026, 10, 12, 2, tzinfo=UTC)


def test_the_manifest_tells_what_was_written() -> None:
    rows = CountedRows({"a": number} for number in range(3))
    file = MeasuredFile("cases.json", "application/json", rows, write_json(rows))
    data = b"".join(file)
    facts = file.facts()
    assert (facts.rows, facts.size) == (3, len(data))
    assert facts.sha256 == hashlib.sha256(data).hexdigest()
    manifest = json.loads(
        build_manifest([facts], generated_at=AT, snapshot="s-1", title="公开案例", licence="CC-BY-4.0")
    )
    assert manifest["format"] == "manifest/1"
    assert manifest["files"] == [
        {
            "name": "cases.json",
            "media_type": "application/json",
            "rows": 3,
            "bytes": len(data),
            "sha256": facts.sha256,
        }
    ]


def test_files_are_in_order_of_name() -> None:
    facts = []
    for name in ("b", "a"):
        rows: CountedRows[dict[str, int]] = CountedRows([])
        file = MeasuredFile(name, "text/csv", rows, write_csv([("a", "a")], rows))
        b"".join(file)
        facts.append(file.facts())
    built = [
        build_manifest(files, generated_at=AT, snapshot="s", title="t", licence="l") for files in (facts, facts[::-1])
    ]
    assert built[0] == built[1]


def test_a_file_read_half_has_no_facts() -> None:
    rows = CountedRows([{"a": 1}])
    file = MeasuredFile("x", "text/csv", rows, write_csv([("a", "a")], rows))
    next(iter(file))
    with pytest.raises(RuntimeError, match="end"):
        file.facts()


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(count: int) -> int:
        def source() -> Iterator[dict[str, str]]:
            for number in range(count):
                yield {"a": f"{number:0100d}"}

        rows = CountedRows(source())
        file = MeasuredFile("x", "text/csv", rows, write_csv([("a", "a")], rows))
        tracemalloc.start()
        for _ in file:
            pass
        reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return reached

    assert peak(40_000) < peak(2_000) + 200_000
