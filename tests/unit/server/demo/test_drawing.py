"""画的照片：读得出位置和时间，两张不相像，同样的话画同样的图。"""

import itertools
from datetime import UTC, datetime
from io import BytesIO

import pytest

from server.demo.drawing import Shot, draw_photo
from server.demo.plan import Chance
from server.formats.images import make_picture, read_facts

TAKEN = datetime(2026, 3, 1, 9, 30, 5)
SIMILAR_BITS = 48


@pytest.mark.parametrize("place", [(121.71663, 29.94891), (-70.123456, -33.654321)])
def test_exif_says_what_was_asked(place: tuple[float, float]) -> None:
    facts = read_facts(BytesIO(draw_photo(Shot(TAKEN, place, "Snapseed 2.0"), Chance("a"))))
    assert (facts.gps.longitude, facts.gps.latitude) == pytest.approx(place, abs=1e-6)
    assert facts.captured_at == datetime(2026, 3, 1, 1, 30, 5, tzinfo=UTC).isoformat()
    assert (facts.zone, facts.orientation, facts.software) == ("+08:00", 1, "Snapseed 2.0")
    assert facts.make
    assert facts.model


def test_no_position_is_written_when_there_is_none() -> None:
    assert read_facts(BytesIO(draw_photo(Shot(TAKEN, None), Chance("a")))).gps.state == "absent"


@pytest.mark.parametrize("small", [True, False])
def test_pictures_are_not_alike(small: bool) -> None:
    photos = [draw_photo(Shot(TAKEN, None, label=f"NO.{n}"), Chance(f"p{n}"), small=small) for n in range(30)]
    hashes = [make_picture(BytesIO(photo), 10**8).phash for photo in photos]
    assert (
        min((int.from_bytes(a) ^ int.from_bytes(b)).bit_count() for a, b in itertools.combinations(hashes, 2))
        > SIMILAR_BITS
    )


def test_same_words_draw_the_same_bytes() -> None:
    shot = Shot(TAKEN, (121.7, 29.9), label="NO.1")
    assert draw_photo(shot, Chance("x")) == draw_photo(shot, Chance("x"))
    assert draw_photo(shot, Chance("x")) != draw_photo(shot, Chance("y"))
