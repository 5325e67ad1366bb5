"""Files of a draw: pieces, windows and pages of any size give the same bytes, and no list is held whole."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from hashlib import sha256

import pytest
from sqlalchemy import update

from server.domain.errors import Missing
from server.models.draws import Draw, DrawFile
from server.publishing import draw_bundle, draw_files
from server.publishing.draws import find_draw
from server.uow import House, UnitOfWork
from tests.factories import draws as made
from tests.factories.published import Season

SHEET = made.sheet("441300-2026-0101-1")
MOST_MEMORY = 12 << 20


@pytest.fixture(scope="module", autouse=True)
def announced(house: House, season: Season) -> None:
    made.announce(house, SHEET)
    made.seal(house, SHEET)


@pytest.fixture
def draw(uow: UnitOfWork) -> Draw:
    return find_draw(uow, SHEET.code)


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_pieces_make_the_file(uow: UnitOfWork, draw: Draw, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw_files, "PIECE", piece)
    monkeypatch.setattr(draw_files, "_COUNTED", {})
    for name, data in SHEET.files.items():
        assert b"".join(draw_files.read_file(uow, draw, name)) == data, name
    assert draw_files.count_strata(uow, draw) == {"credit-ordinary": 18, "credit-high": 6}


@pytest.mark.parametrize("window", [64, 1 << 16])
@pytest.mark.parametrize("limit", [1, 5, 200])
def test_pages_make_the_list(
    uow: UnitOfWork, draw: Draw, limit: int, window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draw_files, "WINDOW", window)
    found: list[list[str]] = []
    at: int | None = 0
    while at is not None:
        page = draw_files.read_lines(uow, draw, "objects.tsv", at, limit)
        assert 0 < len(page.lines) <= limit
        found += page.lines
        at = page.next
    assert ["\t".join(line) for line in found] == SHEET.files["objects.tsv"].decode().splitlines()


def test_any_place_is_answered_with_whole_lines(uow: UnitOfWork, draw: Draw) -> None:
    whole = SHEET.files["objects.tsv"].decode().splitlines()
    for at in range(len(SHEET.files["objects.tsv"]) + 3):
        page = draw_files.read_lines(uow, draw, "objects.tsv", at, 3)
        assert all("\t".join(line) in whole for line in page.lines), at


def test_columns_that_are_not_public_cannot_be_read(draw: Draw) -> None:
    for name in ("summary", "failure", "void_note", "entropy", "by", "opening"):
        with pytest.raises(Exception, match=r"raiseload|is not available"):
            getattr(draw, name)


@pytest.mark.parametrize("name", ["result.tsv", "reserve.tsv", "opening.json"])
def test_what_the_opening_brings_waits_for_it(uow: UnitOfWork, draw: Draw, name: str) -> None:
    with pytest.raises(Missing) as refusal:
        draw_files.read_file(uow, draw, name)
    assert refusal.value.code == "draw-not-open"
    with pytest.raises(Missing):
        draw_files.read_lines(uow, draw, name, 0, 5)


def test_a_bundle_of_a_long_list_takes_little_memory(uow: UnitOfWork, draw: Draw) -> None:
    data = b"".join(b"credit-high\tSZ%09d\t1\n" % number for number in range(1_000_000))
    values = {"content": data, "size": len(data), "sha256": sha256(data).hexdigest()}
    chosen = (DrawFile.draw_id == draw.id, DrawFile.name == "objects.tsv")
    uow.session.execute(update(DrawFile).where(*chosen).values(**values))
    uow.session.expire_all()
    size, told = len(data), values["sha256"]
    del data, values
    draw = find_draw(uow, SHEET.code)
    tracemalloc.start()
    kept = io.BytesIO()
    peak = 0
    for chunk in draw_bundle.bundle(uow, draw):
        peak = max(peak, tracemalloc.get_traced_memory()[1] - kept.tell())
        kept.write(chunk)
    tracemalloc.stop()
    assert size > 25_000_000
    assert peak < MOST_MEMORY
    with zipfile.ZipFile(kept) as bundle:
        assert sha256(bundle.read("objects.tsv")).hexdigest() == told
