"""接线：每条路由有门卫，每个队列有人收，每个事件有人办，每个代码有说明。"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from flask import Flask

from schemas.public import bulletins, cases, draws, receipts, records, transparency
from server.app import create_app
from server.domain.permissions import ROLE_PERMISSIONS, Permission, Role
from server.outbox import Event
from server.routes.endpoint import Guard
from server.routes.problems import TITLES
from tests.factories.databases import settings_for
from tests.house.refusals import raised_codes
from tests.house.source import HERE, name_of, walk, words
from workers.handlers import HANDLERS
from workers.outbox import QUEUE_OF
from workers.queues import Queue, Task
from workers.schedule import beat_schedule

PAGES = HERE / "docs" / "problems"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("app")
    return create_app(settings_for(f"sqlite:///{folder / 'unused.db'}", folder))


def test_every_route_has_a_guard_or_a_reason(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue  # static files and the API document: no data of anybody
        view = app.view_functions[rule.endpoint]
        reason = getattr(view, "unguarded", None)
        assert isinstance(getattr(view, "guard", None), Guard) or (reason and len(reason) > 5), rule.rule


def test_doors_lie_where_their_paths_say(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "guard", None)
        if guard is not None and rule.rule.startswith("/api/v1/"):
            assert rule.rule.split("/")[3] == guard.door, rule.rule
            assert guard.permission.value.split(":")[0] == guard.door, rule.rule


def test_views_that_change_something_open_a_writing_unit(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "guard", None)
        changes = (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
        assert guard is None or not changes or guard.writes, rule.rule


def test_every_permission_is_asked_for_and_held(app: Flask) -> None:
    asked = {g.permission for v in app.view_functions.values() if (g := getattr(v, "guard", None))}
    held = {p for permissions in ROLE_PERMISSIONS.values() for p in permissions}
    assert asked == set(Permission)
    assert held | {Permission.PUBLIC_READ} == set(Permission)
    assert set(ROLE_PERMISSIONS) == set(Role)


def test_every_event_has_one_handler_and_one_queue() -> None:
    assert set(HANDLERS) == set(Event)
    assert set(QUEUE_OF) == set(Event)
    assert len(set(HANDLERS.values())) == len(HANDLERS)


def test_every_event_is_promised_somewhere() -> None:
    said = {
        name_of(node.args[0]).split(".")[-1]
        for _, node in walk()
        if isinstance(node, ast.Call) and name_of(node.func).endswith(".promise") and node.args
    }
    assert said == {event.name for event in Event}


def test_every_queue_is_consumed() -> None:
    settings = settings_for("sqlite:///unused.db", Path("unused"))
    from celery import Celery

    from workers.app import configure

    celery = Celery("test", set_as_current=False)
    configure(celery, settings)
    assert {q.name for q in celery.conf.task_queues} == {q.value for q in Queue}
    used = set(QUEUE_OF.values()) | {Queue(row["options"]["queue"]) for row in beat_schedule(settings).values()}
    assert used == set(Queue)
    assert celery.conf.accept_content == ["json"]
    assert celery.conf.task_acks_late


def test_every_scheduled_task_exists() -> None:
    settings = settings_for("sqlite:///unused.db", Path("unused"))
    rooms = ("outbox", "storage", "transparency", "deadlines", "uploads")
    homes = tuple(f"workers/{room}.py" for room in rooms)
    named = {t for path in homes for t in re.findall(r"name=Task\.(\w+)", words(path))}
    assert named == {t.name for t in Task}
    assert {Task(row["task"]).name for row in beat_schedule(settings).values()} <= named


def test_every_problem_code_has_its_page_and_every_page_its_code() -> None:
    assert {p.stem for p in PAGES.glob("*.md")} == set(raised_codes())


def test_problem_pages_tell_the_status_the_meaning_and_what_to_do() -> None:
    for code, statuses in raised_codes().items():
        text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
        stated = "、".join(f"{s} {TITLES[s]}" for s in sorted(statuses))
        assert f"代码 `{code}`，HTTP 状态 {stated}\n" in text, code
        for heading in ("是什么意思", "怎么办"):
            part = text.split(f"## {heading}\n\n", 1)[1].split("\n\n")[0]
            assert len(part.strip()) >= 5, code


def test_problem_codes_are_kebab_case() -> None:
    assert [c for c in raised_codes() if not re.fullmatch(r"[a-z]+(-[a-z]+)*", c)] == []


def test_what_may_leave_equals_the_committed_list() -> None:
    from marshmallow import Schema

    found = []
    for module in (bulletins, cases, draws, receipts, records, transparency):
        for name, cls in sorted(vars(module).items()):
            if isinstance(cls, type) and issubclass(cls, Schema) and cls.__module__ == module.__name__:
                found += [f"{module.__name__.split('.')[-1]}.{name}.{field}" for field in sorted(cls._declared_fields)]
    listed = (HERE / "tests" / "house" / "public_fields.txt").read_text(encoding="utf-8").split()
    assert found == listed


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads(words("pyproject.toml"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = [re.split(r"[<>=\[]", line)[0] for line in wanted]
    told = re.findall(r"^\| ([a-z0-9-]+) \|", words("docs/decisions/0007-dependencies.md"), re.M)
    assert told == names


def test_documents_name_real_commands() -> None:
    targets = set(re.findall(r"^([a-z-]+):", words("Makefile"), re.M))
    for page in [HERE / "README.md", *sorted((HERE / "docs").rglob("*.md")), HERE / "checklists" / "README.md"]:
        named = set(re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")))
        assert named <= targets, f"{page.name}: {named - targets}"


def test_makefile_help_and_phony_agree() -> None:
    text = words("Makefile")
    phony = set(re.search(r"^\.PHONY: (.+)$", text, re.M).group(1).split())  # type: ignore[union-attr]
    assert phony == set(re.findall(r"^([a-z-]+):", text, re.M)) - {"demo serve settings db worker"}


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(p.name[:4]) for p in (HERE / "docs" / "decisions").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_cited_decisions_exist() -> None:
    for path, node in walk():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for name in re.findall(r"docs/decisions/([\w-]+\.md)", node.value):
                assert (HERE / "docs" / "decisions" / name).is_file(), f"{path}: {name}"


def test_the_product_speaks_of_itself_alone() -> None:
    """Paths of somebody's machine have no place in the repository."""
    banned = re.compile(r"/work/(?!\w*\.py)|/home/\w+/|/Users/\w+")
    made = {".venv", "node_modules", "build"}
    for path in [p for p in HERE.rglob("*.py") if not made.intersection(p.relative_to(HERE).parts)]:
        assert path.name == Path(__file__).name or not banned.search(path.read_text(encoding="utf-8")), path
