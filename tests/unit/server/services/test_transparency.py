"""公开日志：编号连续，只签延续，坏了就说坏在哪里；两种数据库各跑一遍。"""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from server.config import Settings
from server.db import Database
from server.domain.errors import Conflict, NotReady, ZhijianError
from server.domain.merkle import Frontier, leaf_hash
from server.domain.notes import open_note, read_checkpoint
from server.formats.ed25519 import make_key_file, verify
from server.models.transparency import LogCheckpoint, LogEntry, LogNode
from server.queries import transparency as queries
from server.services.transparency import (
    append_event,
    check_log,
    has_grown,
    sign_checkpoint,
    verifier_of,
)
from server.storage.null import NullStorage
from server.uow import House, UnitOfWork
from tests.factories.databases import KINDS, drop_postgres, migrated
from tests.factories.world import Clock

MOMENT = "2026-09-21T02:00:00Z"


@pytest.fixture(scope="module", params=KINDS)
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = migrated(request.param, tmp_path_factory.mktemp("log"))
    yield made
    if request.param == "postgis":
        drop_postgres(made.database.url)


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    made = House(settings, Database(settings), NullStorage(), clock=Clock())
    with made.unit() as uow:
        for table in (LogCheckpoint, LogNode, LogEntry):
            uow.session.execute(delete(table))
    yield made
    made.database.dispose()


def digest(word: str) -> str:
    return sha256(word.encode()).hexdigest()


def say(uow: UnitOfWork, word: str = "x", type: str = "draw.announced") -> int:
    return append_event(uow, type, agency="441300", draw=f"441300-2026-{word}", digest=digest(word), role="supervisor")


def fill(house: House, count: int) -> None:
    with house.unit() as uow:
        for n in range(count):
            assert say(uow, str(n)) == n


def sign(house: House) -> None:
    with house.unit() as uow:
        assert sign_checkpoint(uow) is not None


def tampered(house: House, change: Callable[[UnitOfWork], object]) -> None:
    with house.unit() as uow:
        change(uow)


def refusal(house: House, act: Callable[[UnitOfWork], object]) -> ZhijianError:
    with pytest.raises(ZhijianError) as told, house.unit() as uow:
        act(uow)
    return told.value


# ------------------------------------------------------------------------------------------------ writing


def test_an_entry_is_canonical_and_hashed_as_it_stands(house: House) -> None:
    with house.unit() as uow:
        append_event(uow, "draw.void", agency="441300", draw="d", digest=digest("d"), role="supervisor", reason="原因")
    with house.unit(writing=False) as uow:
        row = uow.session.scalars(select(LogEntry)).one()
    told = f'"agency":"441300","at":"{MOMENT}","digest":"{digest("d")}","draw":"d","reason":"原因","role":"supervisor"'
    assert row.entry == "{" + told + ',"type":"draw.void"}'
    assert row.leaf_sha256 == leaf_hash(row.entry.encode()).hex()
    assert (row.seq, row.prev_sha256, row.draw, row.digest) == (0, "0" * 64, "d", digest("d"))
    assert json.loads(row.entry)["at"] == MOMENT


def test_numbers_follow_each_other_over_units(house: House) -> None:
    fill(house, 3)
    with house.unit() as uow:
        assert [say(uow), say(uow)] == [3, 4]
    with house.unit(writing=False) as uow:
        rows = list(uow.session.scalars(select(LogEntry).order_by(LogEntry.seq)))
    assert [row.seq for row in rows] == list(range(5))
    assert [row.prev_sha256 for row in rows[1:]] == [row.leaf_sha256 for row in rows[:-1]]


def test_an_entry_lives_and_dies_with_the_unit(house: House) -> None:
    fill(house, 2)
    with pytest.raises(RuntimeError), house.unit() as uow:
        say(uow)
        raise RuntimeError
    with house.unit() as uow:
        assert say(uow) == 2


@pytest.mark.parametrize("value", ["", "ab", "A" * 64, "g" * 64, "0" * 63, "0" * 65])
def test_a_digest_is_a_digest(house: House, value: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"), house.unit() as uow:
        append_event(uow, "draw.sealed", agency="1", draw="d", digest=value, role="system")


def test_members_are_not_given_twice_and_entries_stay_small(house: House) -> None:
    with pytest.raises(ValueError, match="twice"), house.unit() as uow:
        append_event(uow, "draw.sealed", agency="1", draw="d", digest=digest(""), role="system", at="2020")
    with pytest.raises(ValueError, match="64 KiB"), house.unit() as uow:
        append_event(uow, "draw.sealed", agency="1", draw="d", digest=digest(""), role="system", note="长" * 22_000)


def test_stored_subtrees_are_those_of_the_tree(house: House) -> None:
    fill(house, 21)
    with house.unit(writing=False) as uow:
        entries = list(uow.session.scalars(select(LogEntry.entry).order_by(LogEntry.seq)))
        grown = Frontier()
        for entry in entries:
            grown.append(leaf_hash(entry.encode()))
        stored = queries.frontier_of(uow.session)
        count = uow.session.scalar(select(func.count()).select_from(LogNode))
    assert (stored.size, stored.peaks, stored.root()) == (21, grown.peaks, grown.root())
    assert count == 21 - (21).bit_count()


def test_appenders_side_by_side_take_turns(house: House) -> None:
    """Four threads, ten entries each, two to a unit: numbers stay without a gap and the tree whole."""
    numbers: list[int] = []
    failures: list[BaseException] = []
    start = threading.Barrier(4)

    def add(name: int) -> None:
        try:
            start.wait(10)
            for n in range(5):
                with house.unit() as uow:
                    pair = [say(uow, f"{name}.{n}.a"), say(uow, f"{name}.{n}.b")]
                assert pair[1] == pair[0] + 1
                numbers.extend(pair)
                with house.unit() as uow:
                    sign_checkpoint(uow)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=add, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert sorted(numbers) == list(range(40))
    with house.unit(writing=False) as uow:
        assert (check_log(uow).size, check_log(uow).signed) == (40, 40)


# ------------------------------------------------------------------------------------------------ signing


def test_an_empty_log_is_not_signed(house: House) -> None:
    with house.unit() as uow:
        assert sign_checkpoint(uow) is None
        assert not has_grown(uow)


def test_a_checkpoint_says_size_and_root_under_the_log_s_name(house: House) -> None:
    with house.unit() as uow:
        say(uow, "a")
        assert has_grown(uow)
        point = sign_checkpoint(uow)
        assert not has_grown(uow)
        row = uow.session.scalars(select(LogCheckpoint)).one()
        verifier = verifier_of(uow)
    assert point == read_checkpoint(open_note(row.note, verifier, verify))
    assert point is not None
    assert (point.origin, point.size, point.root.hex()) == ("zhijian.example/log", 1, row.root_sha256)


def test_signing_again_without_growth_adds_nothing(house: House) -> None:
    fill(house, 3)
    sign(house)
    sign(house)
    fill_more = 5
    with house.unit() as uow:
        for _ in range(fill_more):
            say(uow)
            sign_checkpoint(uow)
        assert list(queries.signed_roots(uow.session)) == [3, 4, 5, 6, 7, 8]


def test_a_shorter_tree_is_not_signed(house: House) -> None:
    fill(house, 8)
    sign(house)
    tampered(house, lambda uow: uow.session.execute(delete(LogEntry).where(LogEntry.seq >= 4)))
    assert refusal(house, sign_checkpoint).code == "log-not-extension"


def test_a_rewritten_tree_is_not_signed_even_when_it_fits_together(house: House) -> None:
    """The whole log is written anew with one other entry: every stored hash agrees, only the signed root does not."""
    fill(house, 6)
    sign(house)
    tampered(house, lambda uow: [uow.session.execute(delete(table)) for table in (LogNode, LogEntry)])
    with house.unit() as uow:
        for n in range(9):
            say(uow, "other" if n == 2 else str(n))
    told = refusal(house, sign_checkpoint)
    assert isinstance(told, Conflict)
    assert (told.code, told.facts) == ("log-not-extension", {"size": 9, "signed": 6})
    assert "前 6 条的根与检查点不符" in refusal(house, check_log).detail


def test_a_rewritten_tree_of_equal_size_is_not_signed(house: House) -> None:
    fill(house, 4)
    sign(house)
    tampered(house, lambda uow: [uow.session.execute(delete(table)) for table in (LogNode, LogEntry)])
    with house.unit() as uow:
        for n in range(4):
            say(uow, f"other {n}")
    assert refusal(house, sign_checkpoint).code == "log-not-extension"


def test_a_checkpoint_changed_in_the_database_is_noticed(house: House) -> None:
    fill(house, 4)
    sign(house)
    tampered(house, lambda uow: uow.session.execute(update(LogCheckpoint).values(root_sha256="0" * 64)))
    assert refusal(house, sign_checkpoint).code == "log-damaged"
    assert refusal(house, check_log).code == "log-damaged"


def test_another_name_or_key_does_not_go_on_with_the_log(house: House) -> None:
    fill(house, 2)
    sign(house)
    security = replace(house.settings.security, log_key=b64encode(bytes(32)).decode())
    publishing = replace(house.settings.publishing, log_origin="other.example/log")
    for changed in (replace(house.settings, security=security), replace(house.settings, publishing=publishing)):
        other = House(changed, house.database, house.storage, clock=house.clock)
        assert refusal(other, sign_checkpoint).code == "log-key-changed"
        assert refusal(other, check_log).code == "log-key-changed"


def test_a_key_in_a_file_signs_too(house: House, tmp_path: Path) -> None:
    security = replace(house.settings.security, log_key="")
    keyless = House(replace(house.settings, data=tmp_path, security=security), house.database, house.storage)
    fill(house, 1)
    assert refusal(keyless, sign_checkpoint).code == "log-key-missing"
    make_key_file(keyless.settings.log_key_file)
    sign(keyless)


# ------------------------------------------------------------------------------------------------ checking


def test_a_sound_log_is_counted(house: House) -> None:
    fill(house, 5)
    sign(house)
    fill_after = [5, 6]
    with house.unit() as uow:
        assert [say(uow), say(uow)] == fill_after
    with house.unit(writing=False) as uow:
        state = check_log(uow)
        assert (state.size, state.signed, state.root) == (7, 5, queries.frontier_of(uow.session).root())


def test_an_empty_log_is_sound(house: House) -> None:
    with house.unit(writing=False) as uow:
        assert (check_log(uow).size, check_log(uow).signed) == (0, 0)


def test_a_log_longer_than_a_batch_is_sound(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "BATCH", 7)
    fill(house, 30)
    sign(house)
    with house.unit(writing=False) as uow:
        assert check_log(uow).size == 30


DAMAGE: list[tuple[str, Callable[[UnitOfWork], object], str]] = [
    ("cut", lambda uow: uow.session.execute(delete(LogEntry).where(LogEntry.seq >= 9)), "只有 9 条，不到已签名的 12 条"),
    ("gap", lambda uow: uow.session.execute(delete(LogEntry).where(LogEntry.seq == 5)), "缺少第 5 条"),
    ("gap-at-0", lambda uow: uow.session.execute(delete(LogEntry).where(LogEntry.seq == 0)), "缺少第 0 条"),
    (
        "text",
        lambda uow: uow.session.execute(update(LogEntry).where(LogEntry.seq == 3).values(entry="{}")),
        "第 3 条与它的摘要不符",
    ),
    (
        "text-and-leaf",
        lambda uow: uow.session.execute(
            update(LogEntry).where(LogEntry.seq == 11).values(entry="{}", leaf_sha256=leaf_hash(b"{}").hex())
        ),
        "前 12 条的根与检查点不符",
    ),
    (
        "chain",
        lambda uow: uow.session.execute(update(LogEntry).where(LogEntry.seq == 4).values(prev_sha256="1" * 64)),
        "第 4 条没有接在前一条之后",
    ),
    ("node", lambda uow: uow.session.execute(update(LogNode).where(LogNode.level == 2, LogNode.index == 1).values(sha256="2" * 64)), "第 2 层第 1 个摘要不对"),
    ("node-gone", lambda uow: uow.session.execute(delete(LogNode).where(LogNode.level == 3)), "缺少第 3 层第 0 个摘要"),
    ("node-over", lambda uow: uow.session.add(LogNode(level=1, index=6, sha256="3" * 64)), "有摘要超出现有的 12 条"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), [row[1:] for row in DAMAGE], ids=[row[0] for row in DAMAGE])
def test_damage_is_named(house: House, change: Callable[[UnitOfWork], object], words: str) -> None:
    fill(house, 12)
    sign(house)
    tampered(house, change)
    told = refusal(house, check_log)
    assert isinstance(told, NotReady)
    assert told.code == "log-damaged"
    assert words in told.detail


def test_nothing_is_appended_to_a_tree_without_its_edge(house: House) -> None:
    fill(house, 12)
    tampered(house, lambda uow: uow.session.execute(delete(LogNode)))
    assert refusal(house, say).code == "log-damaged"
