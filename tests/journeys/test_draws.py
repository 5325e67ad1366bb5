"""抽签的每一步都被 kill -9 打断：要么接着走完，要么分毫未动；结果与照冻结名单重算的一字不差。几个进程同时按，只有一次抽签。"""

import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from server.demo.client import Client, every_item, sign_in_console
from server.demo.people import REGIONS, create_people
from server.demo.places import register_officers, register_organisations, register_sites
from server.demo.plan import Plan as SeasonPlan
from server.demo.plan import today
from server.demo.play import Play
from server.demo.season import ADMIN, book_admin
from server.domain.draw_files import DrawFiles
from server.domain.draws import Plan, run_draw
from server.domain.register_facts import RiskClass
from server.embedded.ports import answers_ready
from tests.journeys import harness
from tests.journeys.harness import HOST, ROOT, Instance, running

CONSOLE = "/api/v1/console"
HERE = REGIONS[0]
HEAD, SECOND, LEGAL = f"kezhang.{HERE.short}", "zhijianke", "fazhike"
NUMBERS = [[3, 14, 15, 22, 41, 58, 67, 70]]
#: A worker killed with the computing in its hands is replaced after this many seconds instead of thirty.
LEASE = {"ZHIJIAN_WORKERS__LEASE_S": "4"}
VICTIMS = ("web", "worker")
PATIENCE_S = 90.0
CHAIN = ["draw.announced", "draw.numbers", "draw.sealed", "draw.opened"]
#: Keeps the commit of a seal busy for many seconds, so that a kill lands inside it.
SLOW = """CREATE TRIGGER slow_seal BEFORE INSERT ON assignments BEGIN
SELECT count(*) FROM regions a, regions b, regions c WHERE a.name < b.name AND b.name <> c.name; END"""

pytestmark = pytest.mark.slow


@dataclass
class Hall:
    """一套真的进程、登记好的名录、公布了的年度计划。"""

    instance: Instance
    play: Play
    plan: str
    matter: str

    @property
    def database(self) -> Path:
        return self.instance.data / "zhijian.db"

    @property
    def head(self) -> Client:
        return self.play.console(HEAD)

    @property
    def second(self) -> Client:
        return self.play.console(SECOND)

    def new_batch(self, title: str) -> str:
        """A batch of one's own: half of every risk class of the region's projects."""
        content = {
            "plan": self.plan,
            "title": f"{title}（示例）",
            "region_code": HERE.code,
            "frame": "project",
            "matters": [self.matter],
            "strata": [{"risk": risk.value, "num": 1, "den": 2} for risk in RiskClass],
            "exclusions": {"cap": False},
        }
        return str(self.head.call("POST", f"{CONSOLE}/batches", content=content, expect=(201,)).json()["uuid"])


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    data = tmp_path_factory.mktemp("draws")
    with patch.dict(harness.QUICK, LEASE), running(data) as instance:
        play = Play(instance.url, data, SeasonPlan("抽签", today(), 1))
        book_admin(play)
        yield Hall(instance, play, *_register(play))
        play.close()


def _register(play: Play) -> tuple[str, str]:
    """The registers, one matter and a published annual plan; returns the ids of plan and matter."""
    create_people(play.console(ADMIN), play.logins, {})
    registrar = play.console("mingluguan")
    organisations = register_organisations(registrar)
    register_officers(registrar, organisations)
    register_sites(registrar, organisations)
    authority = next(uuid for (region, name), uuid in organisations.items() if name.startswith(HERE.authority))
    basis = {"code": "construction_quality", "confidence": "V:S01"}
    matter = {
        "code": "示-抽签", "name": "工程实体质量抽查（示例）", "frame": "project", "region_code": HERE.code,
        "organisation": authority, "legal_bases": [basis], "checklists": ["CQI"], "share_num": 1, "share_den": 2,
        "times_a_year": 1,
    }  # fmt: skip
    made = registrar.call("POST", f"{CONSOLE}/matters", content=matter, expect=(201,)).json()
    year = today().year
    plan = {
        "year": year, "title": "年度抽查计划（示例）", "region_code": HERE.code, "organisation": authority,
        "annual_cap": 0, "items": [{"matter": made["uuid"], "from_on": f"{year}-01-01", "to_on": f"{year}-12-31"}],
    }  # fmt: skip
    head = play.console(HEAD)
    uuid = head.call("POST", f"{CONSOLE}/plans", content=plan, expect=(201,)).json()["uuid"]
    head.call("POST", f"{CONSOLE}/plans/{uuid}/publish", expect=(200,))
    return uuid, made["uuid"]


# ------------------------------------------------------------------------------------------------ kills


def strike(hall: Hall) -> None:
    """SIGKILL web and worker with all they have started, and wait until others stand in their places."""
    before = {name: hall.instance.pid(name) for name in VICTIMS}
    assert all(before.values())
    for pid in before.values():
        os.killpg(pid, signal.SIGKILL)
    assert comes_true(lambda: all(hall.instance.pid(name) not in (0, pid) for name, pid in before.items()))
    assert comes_true(lambda: answers_ready(HOST, hall.instance.port))


def comes_true(fact: Callable[[], bool], within_s: float = PATIENCE_S, pause_s: float = 0.05) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if fact():
            return True
        time.sleep(pause_s)
    return fact()


def press(hall: Hall, client: Client, path: str, content: Any, strike_after_s: float | None) -> None:
    """Press once; with a moment given, kill everything then and let the press be repeated until it is answered."""
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(client.call, "POST", path, content=content, expect=(200, 201, 202, 409))
        if strike_after_s is not None:
            time.sleep(strike_after_s)
            strike(hall)
        reply = asked.result()
    assert reply.status != 409 or strike_after_s is not None, reply.problem()


def kept(hall: Hall, code: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row the database keeps about a draw, in one look."""
    tables = ("draw_files", "draw_numbers", "draw_officers", "assignments")
    with closing(sqlite3.connect(f"file:{hall.database}?mode=ro", uri=True, isolation_level=None)) as db:
        db.execute("BEGIN")
        found = {"draws": db.execute("SELECT * FROM draws WHERE code = ?", (code,)).fetchall()}
        for table in tables:
            rows = f"SELECT t.* FROM {table} t JOIN draws d ON d.id = t.draw_id WHERE d.code = ? ORDER BY 1, 2"
            found[table] = db.execute(rows, (code,)).fetchall()
        found["log"] = db.execute("SELECT entry FROM log_entries WHERE draw = ? ORDER BY seq", (code,)).fetchall()
    return found


def logged(rows: dict[str, list[tuple[Any, ...]]]) -> list[str]:
    return [json.loads(entry)["type"] for (entry,) in rows["log"]]


def one_or_the_other(rows: dict[str, list[tuple[Any, ...]]], state: str) -> None:
    """Either nothing of the seal is there or all of it."""
    sealed = state != "drawing"
    assert ("draw.sealed" in logged(rows)) == sealed
    assert bool(rows["assignments"]) == sealed


def stays(hall: Hall, code: str, rhythm: "Rhythm") -> None:
    """A kill between two steps changes nothing at all."""
    if rhythm is not Rhythm.BETWEEN:
        return
    before = kept(hall, code)
    strike(hall)
    assert kept(hall, code) == before


# ------------------------------------------------------------------------------------------------ one draw


def on_site(ahead_s: float) -> dict[str, Any]:
    at = datetime.now(UTC) + timedelta(seconds=ahead_s)
    groups = [{"count": 8, "low": 1, "high": 80, "distinct": True}]
    return {"kind": "on_site", "ask": "请在场的见证人报八个数（示例）", "at": at.isoformat(), "groups": groups}


def only_draw(hall: Hall, batch: str) -> dict[str, Any]:
    (draw,) = every_item(hall.head, f"{CONSOLE}/draws", {"batch": batch})
    return dict(draw)


def typed() -> dict[str, Any]:
    return {"groups": NUMBERS, "witnesses": ["见证人甲（示例）", "见证人乙（示例）"], "source_note": "现场叫号（示例）"}


def state_of(hall: Hall, code: str) -> str:
    return str(hall.head.get(f"{CONSOLE}/draws/{code}")["state"])


def finish_tasks(hall: Hall, code: str) -> None:
    """Every task of the draw ends: nobody could be reached, as two officers sign."""
    for task in every_item(hall.head, f"{CONSOLE}/draws/{code}/drawn"):
        path = f"{CONSOLE}/assignments/{task['assignment']}"
        crew = [officer["uuid"] for officer in hall.head.get(path)["officers"]]
        told = {"outcome": "unreachable", "note": "登记住所无人（示例）", "signers": crew}
        hall.head.call("POST", f"{path}/outcome", content=told, expect=(200,))


def bundle_of(hall: Hall, code: str) -> dict[str, bytes]:
    with Client(hall.instance.url) as public:
        body = public.call("GET", f"/draws/{code}/bundle.zip", expect=(200,)).body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def replay(files: dict[str, bytes]) -> tuple[bytes, bytes]:
    """Result and reserve as the pure rule makes them from what was frozen."""
    opening = json.loads(files["opening.json"])
    plan, lists = Plan.from_bytes(files["plan.json"]), {n: d for n, d in files.items() if n.endswith(".tsv")}
    code = bytes.fromhex(opening["one_time_code"])
    result = run_draw(plan, DrawFiles.from_bytes(lists), code, opening["entropy"])
    return result.result_bytes(), result.reserve_bytes()


def verdict(files: dict[str, bytes], folder: Path) -> dict[str, Any]:
    """What the verifier of the bundle itself says, in an interpreter that knows nothing of ours."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    words = [sys.executable, "-I", str(folder / "verify_draw.py"), str(folder), "--json"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    told: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode == 0) == told["passed"]
    return told


# ------------------------------------------------------------------------------------------------ kills while it draws


def claimed(hall: Hall, code: str) -> bool:
    """Whether a worker holds the drawing in its hands, or has done it."""
    with closing(sqlite3.connect(f"file:{hall.database}?mode=ro", uri=True)) as db:
        rows = "SELECT attempts FROM outbox WHERE event = 'draw.confirmed' AND json_extract(payload, '$.draw') = ?"
        found = db.execute(rows, (code,)).fetchone()
    return bool(found and found[0])


def being_written(hall: Hall) -> bool:
    """Whether somebody holds the database for writing for a good while."""
    for _ in range(8):
        with closing(sqlite3.connect(hall.database, timeout=0, isolation_level=None)) as db:
            try:
                db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                time.sleep(0.05)
                continue
            db.execute("ROLLBACK")
            return False
    return True


def drag_seals(hall: Hall, words: str) -> None:
    with closing(sqlite3.connect(hall.database, timeout=30, isolation_level=None)) as db:
        db.execute(words)


def kill_in_the_seal(hall: Hall, code: str, confirm: Callable[[], None]) -> None:
    """Kill the worker inside the commit that seals: nothing of it may stay behind."""
    drag_seals(hall, SLOW)
    try:
        confirm()
        assert comes_true(lambda: claimed(hall, code))
        before = kept(hall, code)
        assert comes_true(lambda: being_written(hall))
        os.killpg(hall.instance.pid("worker"), signal.SIGKILL)
        assert comes_true(lambda: not being_written(hall))
        assert kept(hall, code) == before
    finally:
        drag_seals(hall, "DROP TRIGGER slow_seal")


def kill_once_claimed(hall: Hall, code: str, confirm: Callable[[], None]) -> None:
    """Kill the moment a worker has taken the drawing."""
    confirm()
    assert comes_true(lambda: claimed(hall, code), pause_s=0)
    strike(hall)
    rows = kept(hall, code)
    one_or_the_other(rows, "sealed" if "draw.sealed" in logged(rows) else "drawing")


def kill_after(delay_s: float) -> Callable[[Hall, str, Callable[[], None]], None]:
    def kill(hall: Hall, code: str, confirm: Callable[[], None]) -> None:
        confirm()
        time.sleep(delay_s)
        strike(hall)
        rows = kept(hall, code)
        one_or_the_other(rows, "sealed" if "draw.sealed" in logged(rows) else "drawing")

    return kill


class Rhythm(StrEnum):
    """When it is killed besides: after every step, in the middle of every press, or never."""

    BETWEEN = "between"
    AMID = "amid"
    ONCE = "once"


KILLS = [
    pytest.param(kill_in_the_seal, Rhythm.BETWEEN, id="seal"),
    pytest.param(kill_once_claimed, Rhythm.AMID, id="claimed"),
    pytest.param(kill_after(0.0), Rhythm.ONCE, id="at-once"),
    pytest.param(kill_after(0.05), Rhythm.ONCE, id="50ms"),
]


@pytest.mark.parametrize(("while_drawing", "rhythm"), KILLS)
def test_a_draw_killed_at_every_step_comes_to_the_one_result(
    hall: Hall, while_drawing: Callable[..., None], rhythm: Rhythm, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Killed in the rhythm given, and always while it draws and seals."""
    chance, amid = random.Random(request.node.name), rhythm is Rhythm.AMID

    def moment() -> float | None:
        return chance.uniform(0, 0.12) if amid else None

    batch = hall.new_batch(request.node.name)
    announcement = {"batch": batch, "entropy": on_site(20 if amid else 2)}
    press(hall, hall.head, f"{CONSOLE}/draws", announcement, moment())
    code = only_draw(hall, batch)["code"]
    path = f"{CONSOLE}/draws/{code}"
    assert logged(kept(hall, code)) == CHAIN[:1]
    stays(hall, code, rhythm)
    press(hall, hall.head, f"{path}/numbers", typed(), moment())
    assert state_of(hall, code) == "typed"
    assert len(kept(hall, code)["draw_numbers"]) == 1
    stays(hall, code, rhythm)
    while_drawing(hall, code, lambda: press(hall, hall.second, f"{path}/confirmation", {"groups": NUMBERS}, None))
    assert comes_true(lambda: state_of(hall, code) == "sealed", pause_s=0.3), hall.head.get(path)
    sealed = kept(hall, code)
    assert logged(sealed) == CHAIN[:3]
    stays(hall, code, rhythm)
    finish_tasks(hall, code)
    press(hall, hall.head, f"{path}/opening", None, moment())
    stays(hall, code, rhythm)
    assert logged(kept(hall, code)) == CHAIN
    assert kept(hall, code)["draw_files"] == sealed["draw_files"]
    files = bundle_of(hall, code)
    assert replay(files) == (files["result.tsv"], files["reserve.tsv"])
    assert len(sealed["assignments"]) == files["result.tsv"].count(b"\n") > 0
    told = verdict(files, tmp_path)
    assert (told["passed"], told["opened"], told["reasons"]) == (True, True, [])


# ------------------------------------------------------------------------------------------------ many hands


def at_once(hall: Hall, logins: tuple[str, ...], path: str, content: Any) -> list[tuple[int, str]]:
    """The same press from as many processes at the same moment, each with a session of its own."""
    words = [sys.executable, "-m", "tests.journeys.press", hall.instance.url, "POST", path]
    sessions = [sign_in_console(hall.instance.url, login, hall.play.logins.password(login)) for login in logins]
    told = {"content": content, "at": time.time() + 3}

    def hand(session: Client) -> tuple[int, str]:
        words_in = json.dumps(told | {"headers": session.headers})
        done = subprocess.run(words, cwd=ROOT, input=words_in, capture_output=True, text=True, timeout=90, check=False)
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        return said["status"], said["code"]

    with ThreadPoolExecutor(len(sessions)) as pool:
        answers = sorted(pool.map(hand, sessions))
    for session in sessions:
        session.close()
    return answers


def test_people_pressing_at_once_make_one_draw_with_one_result(hall: Hall) -> None:
    batch = hall.new_batch("同时按")
    everybody = (HEAD, SECOND, HEAD, SECOND)
    answers = at_once(hall, everybody, f"{CONSOLE}/draws", {"batch": batch, "entropy": on_site(8)})
    assert answers == [(201, ""), *[(409, "draw-already-announced")] * 3]
    code = only_draw(hall, batch)["code"]
    path = f"{CONSOLE}/draws/{code}"
    press(hall, hall.head, f"{path}/numbers", typed(), None)
    confirmers = (SECOND, LEGAL, SECOND, LEGAL)
    answers = at_once(hall, confirmers, f"{path}/confirmation", {"groups": NUMBERS})
    assert answers == [(202, ""), *[(409, "draw-state-forbids")] * 3]
    assert comes_true(lambda: state_of(hall, code) == "sealed")
    finish_tasks(hall, code)
    answers = at_once(hall, everybody, f"{path}/opening", None)
    assert answers == [(200, ""), *[(409, "draw-state-forbids")] * 3]
    rows = kept(hall, code)
    assert logged(rows) == CHAIN
    assert len(rows["draw_numbers"]) == 1
    files = bundle_of(hall, code)
    assert replay(files) == (files["result.tsv"], files["reserve.tsv"])
