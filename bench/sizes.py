"""量多少：完整的一次，和只看通不通的一次。"""

from __future__ import annotations

from dataclasses import dataclass

EVERY_TASK = (
    "draft",
    "bare count",
    "publish",
    "cases.json",
    "cases.csv",
    "cases.geojson",
    "cases.atom",
    "records.csv",
    "bare csv",
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much each section measures.

    `checks` and `photos` are requests per round; `uploads_mb` are the sizes sent while the server's memory is watched;
    `answers` are the totals in the database for each step of growth, multiples of 1000.
    """

    rounds: int
    checks: int
    photos: tuple[tuple[int, int], ...]
    uploads_mb: tuple[int, ...]
    pictures: int
    picture_size: tuple[int, int]
    answers: tuple[int, ...]
    growth_repeats: int
    tasks: tuple[str, ...]
    draws: tuple[int, ...]
    pairings: tuple[tuple[int, int], ...]
    imports: tuple[int, ...]
    #: Records posted per round: photos each, their size, how many at concurrency 8 (an eighth of it at concurrency 1).
    posts: tuple[tuple[int, int, int], ...]


FULL = Sizes(
    rounds=5,
    checks=80,
    photos=((200_000, 60), (3_000_000, 16)),
    uploads_mb=(1, 20, 100, 500),
    pictures=4,
    picture_size=(4000, 3000),
    answers=(10_000, 100_000, 1_000_000),
    growth_repeats=3,
    tasks=EVERY_TASK,
    draws=(10_000, 100_000, 1_000_000),
    pairings=((300, 60), (1000, 120), (3000, 200)),
    imports=(5_000, 50_000),
    posts=((0, 0, 1600), (1, 200_000, 800), (3, 200_000, 400), (1, 3_000_000, 160)),
)
QUICK = Sizes(
    rounds=2,
    checks=12,
    photos=((200_000, 6),),
    uploads_mb=(1, 8),
    pictures=1,
    picture_size=(1600, 1200),
    answers=(2_000,),
    growth_repeats=1,
    tasks=("draft", "publish", "cases.csv", "records.csv"),
    draws=(10_000,),
    pairings=((300, 60),),
    imports=(500,),
    posts=((0, 0, 64), (1, 200_000, 32)),
)
