"""只有一个家的东西：提交、时钟、环境、请求、名字。"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from server.bell import DRAIN_QUEUE, DRAIN_TASK
from server.models import tables
from server.models.base import Base
from tests.house.source import name_of, walk
from workers.queues import Queue, Task

Match = Callable[[ast.AST], bool]

# Whose clock, environment or request it is: a season plays a person with a watch, a launcher is a program of its own.
OWN_WORLD = ("server/demo/", "server/embedded/", "server/cli/")


def places(match: Match, *homes: str) -> list[str]:
    """Where something is done outside its homes."""
    return [f"{path}:{node.lineno}" for path, node in walk() if match(node) and not _at_home(path, homes)]  # type: ignore[attr-defined]


def _at_home(path: Path, homes: tuple[str, ...]) -> bool:
    return any(str(path) == home or (home.endswith("/") and str(path).startswith(home)) for home in homes)


def calls(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and any(
        name_of(node.func) == n or name_of(node.func).endswith("." + n) for n in names
    )


def test_commit_is_said_in_the_unit_of_work_alone() -> None:
    def commits(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"

    assert places(commits, "server/uow.py") == []


def test_system_clock_is_read_in_the_unit_of_work_alone() -> None:
    def reads(node: ast.AST) -> bool:
        return calls(node, "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "utc_now")

    # The sweep compares with times the file system wrote, not with times of records.
    assert places(reads, "server/uow.py", "server/storage/disk.py", *OWN_WORLD) == []


def test_environment_is_read_in_config_alone() -> None:
    def reads(node: ast.AST) -> bool:
        return (isinstance(node, ast.Attribute) and name_of(node) in ("os.environ", "os.environb")) or calls(
            node, "os.getenv"
        )

    # db.py hands a library the name of its own extension, which that library reads from the environment and nowhere else.
    assert places(reads, "server/config.py", "server/db.py", *OWN_WORLD) == []


def test_randomness_is_drawn_in_the_unit_of_work_alone() -> None:
    def draws(node: ast.AST) -> bool:
        return calls(
            node, "uuid.uuid4", "uuid4", "secrets.token_urlsafe", "random.random", "random.choice", "os.urandom"
        )

    # Names of temporary files and request numbers are no part of any record.
    assert places(draws, "server/uow.py", "server/storage/disk.py", "server/storage/null.py", "server/routes/endpoint.py", *OWN_WORLD) == []  # fmt: skip


def test_request_is_known_to_routes_alone() -> None:
    def imports(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.ImportFrom)
            and node.module == "flask"
            and bool({a.name for a in node.names} & {"g", "request", "session", "current_app"})
        )

    assert places(imports, "server/routes/") == []


def test_names_of_queues_and_tasks_have_one_home() -> None:
    names = {q.value for q in Queue} | {t.value for t in Task}

    def spells(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.keyword)
            and node.arg in ("queue", "name", "task")
            and (isinstance(node.value, ast.Constant) and node.value.value in names)
        )

    tasks = {t.value for t in Task}

    def speaks(node: ast.AST) -> bool:
        return isinstance(node, ast.Constant) and node.value in tasks

    assert places(spells, "workers/queues.py") == []
    assert places(speaks, "workers/queues.py", "server/bell.py") == []
    assert (Task.DRAIN.value, Queue.OUTBOX.value) == (DRAIN_TASK, DRAIN_QUEUE)


def test_no_backref() -> None:
    assert places(lambda node: isinstance(node, ast.keyword) and node.arg == "backref") == []


@pytest.mark.parametrize("room", tables.ROOMS, ids=lambda room: room.__name__)
def test_shares_are_kept_as_pairs_never_as_percentages(room: object) -> None:
    banned = re.compile(r"percent|rate\b|_rate|ratio")
    found = [f"{t.name}.{c.name}" for t in Base.metadata.tables.values() for c in t.columns if banned.search(c.name)]
    assert not found


def test_nothing_is_left_to_do() -> None:
    from tests.house.source import HERE, modules

    marks = re.compile(r"\b(TODO|FIXME|HACK)\b|breakpoint\(|raise NotImplementedError")
    found = [str(p) for p in modules() if marks.search((HERE / p).read_text(encoding="utf-8"))]
    assert not found
