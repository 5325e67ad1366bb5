"""How spans and distances are spoken."""

from datetime import timedelta

import pytest

from server.domain.witnesses import Flag, Level, spoken, spoken_metres


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), " 59 秒"),
        (timedelta(minutes=12, seconds=40), " 12 分钟"),
        (timedelta(hours=5, minutes=59), " 5 小时"),
        (timedelta(days=3, hours=23), " 3 天"),
    ],
)
def test_spans_in_the_largest_unit(span: timedelta, words: str) -> None:
    assert spoken(span) == words


@pytest.mark.parametrize(
    ("metres", "words"), [(0.4, " 0 米"), (320.4, " 320 米"), (4210.0, " 4.2 公里"), (9_100_000.0, " 9100 公里")]
)
def test_metres(metres: float, words: str) -> None:
    assert spoken_metres(metres) == words


def test_a_flag_as_plain_values() -> None:
    flag = Flag("fix-stale", Level.INFO, "手机定位是 3 分钟前的", {"seconds": 180})
    assert flag.as_dict() == {
        "code": "fix-stale",
        "level": "info",
        "words": "手机定位是 3 分钟前的",
        "facts": {"seconds": 180},
    }
