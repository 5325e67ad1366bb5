"""送达的各种样子：先后颠倒、同时五份、重复、半途断开、听不到回答；随后演完一季，账要平。再用真照片演一季。"""

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from server.demo.checks import Field, Photo, Visit, compose_visit
from server.demo.client import Client, Phone, every_item
from server.demo.draws import draw_season
from server.demo.plan import Plan, settle_plan, today
from server.demo.play import Play
from server.demo.season import book_admin, prepare_field, register
from server.demo.sending import SentBook, send_check, send_photo
from tests.journeys.harness import HOST, Instance, running
from tests.photos.real import find_photos

CHECKS, SEED = 8, "送达"
AT_ONCE = 5

pytestmark = pytest.mark.slow


@dataclass
class World:
    """一套真的进程，和登记好的人、对象、手机。"""

    instance: Instance
    play: Play
    field: Field
    phones: dict[str, Phone]
    clients: list[Client] = dataclass_field(default_factory=list)

    def visit(self, number: int) -> tuple[Visit, Client]:
        visit = compose_visit(self.field, number)
        self.clients.append(self.phones[visit.login].client())
        return visit, self.clients[-1]

    def close(self) -> None:
        self.play.close()
        for client in self.clients:
            client.close()

    def book(self) -> SentBook:
        return SentBook(self.play.folder / "sent.jsonl")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("deliveries")
    with running(data) as instance:
        plan = settle_plan(data / "season", Plan(SEED, today(), CHECKS, small=True))
        play = Play(instance.url, data, plan)
        book_admin(play)
        sites, officers, organisations = register(play)
        world = World(instance, play, *prepare_field(play, sites, officers))
        drawing = draw_season(play, world.phones, organisations, sites)
        world.field.drawn = drawing.tasks[: play.plan.checks]
        yield world
        world.close()


def raw_request(client: Client, method: str, path: str, body: bytes, kind: str, length: int) -> bytes:
    head = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", f"Content-Type: {kind}", f"Content-Length: {length}"]
    head += [f"{name}: {value}" for name, value in client.headers.items()]
    return "\r\n".join([*head, "", ""]).encode() + body


def cut_off(world: World, client: Client, path: str, body: bytes, kind: str) -> None:
    """Promise the whole body, send half of it, hang up."""
    with socket.create_connection((HOST, world.instance.port)) as line:
        line.sendall(raw_request(client, "PUT", path, body[: len(body) // 2], kind, len(body)))
        time.sleep(0.2)


def lose_answer(world: World, client: Client, path: str, body: bytes, kind: str) -> None:
    """Send everything and hang up when the answer comes, without reading it.

    Whoever hangs up sooner may not have been heard at all: the server drops a request that it has not begun.
    """
    with socket.create_connection((HOST, world.instance.port), timeout=20) as line:
        line.sendall(raw_request(client, "PUT", path, body, kind, len(body)))
        assert select.select([line], [], [], 20)[0], "没有回答"


def status_of(client: Client, path: str) -> int:
    return client.call("GET", path, expect=(200, 404)).status


def check_path(visit: Visit) -> str:
    return f"/api/v1/field/checks/{visit.uuid}"


def photo_path(photo: Photo) -> str:
    return f"/api/v1/field/photos/{photo.uuid}"


def at_once(phone: Phone, send: Callable[[Client], Any]) -> list[Any]:
    """Call `send` five times at the same moment."""
    barrier, answers = threading.Barrier(AT_ONCE), []

    def one() -> None:
        with phone.client() as client:
            barrier.wait()
            answers.append(send(client))

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize(("number", "order"), [(0, "012c"), (1, "c012"), (2, "0c12"), (3, "ccc001122c0")])
def test_any_order_and_repeats_make_one_check(world: World, number: int, order: str) -> None:
    visit, client = world.visit(number)
    for letter in order:
        if letter == "c":
            send_check(client, visit, world.book())
        else:
            send_photo(client, visit.photos[int(letter)], visit, world.book())
    receipt = client.get(check_path(visit))
    assert {slot["photo"] for slot in receipt["slots"]} == {str(p.uuid) for p in visit.photos}
    assert "expected" not in {slot["state"] for slot in receipt["slots"]}


def test_five_posts_at_once_make_one_check(world: World) -> None:
    visit, _ = world.visit(4)
    answers = at_once(world.phones[visit.login], lambda c: c.call("PUT", check_path(visit), content=visit.body))
    assert sorted(a.status for a in answers) == [200, 200, 200, 200, 201]
    assert len({a.json()["digest_sha256"] for a in answers}) == 1


def test_five_uploads_at_once_make_one_photo(world: World) -> None:
    visit, _ = world.visit(4)
    photo = visit.photos[0]
    path, content, kind = photo_path(photo), photo.load(), {"Content-Type": photo.media_type}
    answers = at_once(world.phones[visit.login], lambda c: c.call("PUT", path, body=content, headers=kind))
    assert sorted(a.status for a in answers) == [200, 200, 200, 200, 201]


def test_body_that_is_cut_off_leaves_nothing(world: World) -> None:
    visit, client = world.visit(5)
    photo = visit.photos[0]
    cut_off(world, client, photo_path(photo), photo.load(), photo.media_type)
    cut_off(world, client, check_path(visit), json.dumps(visit.body).encode(), "application/json")
    assert status_of(client, photo_path(photo)) == 404
    assert status_of(client, check_path(visit)) == 404
    send_photo(client, photo, visit, world.book())
    send_check(client, visit, world.book())
    assert client.get(photo_path(photo))["sha256"] == sha256(photo.load()).hexdigest()


def test_lost_answer_is_found_again(world: World) -> None:
    visit, client = world.visit(6)
    photo = visit.photos[0]
    lose_answer(world, client, photo_path(photo), photo.load(), photo.media_type)
    lose_answer(world, client, check_path(visit), json.dumps(visit.body).encode(), "application/json")
    assert status_of(client, photo_path(photo)) == 200
    assert status_of(client, check_path(visit)) == 200
    again = client.call("PUT", check_path(visit), content=visit.body)
    assert again.status == 200
    assert (
        client.call("PUT", photo_path(photo), body=photo.load(), headers={"Content-Type": photo.media_type}).status
        == 200
    )


def test_other_content_under_a_used_id_is_a_conflict_showing_both(world: World) -> None:
    visit, client = world.visit(7)
    send_check(client, visit, world.book())
    other = {**visit.body, "remarks": "另一份内容"}
    refusal = client.call("PUT", check_path(visit), content=other, expect=(409,))
    assert refusal.code == "submission-differs"
    facts = refusal.json()["facts"]
    assert (facts["stored"]["remarks"], facts["sent"]["remarks"]) == (visit.body["remarks"], "另一份内容")
    assert client.call("PUT", check_path(visit), content=visit.body).status == 200


def test_the_season_goes_on_from_there_and_the_books_balance(world: World) -> None:
    """Everything above is sent once more by the season itself, which must find it all there."""
    season = world.instance.run("server.demo.season", "--checks", str(CHECKS), "--seed", SEED)
    assert season.returncode == 0, season.stdout + season.stderr
    ledger = world.instance.run("server.demo.ledger")
    assert ledger.returncode == 0, ledger.stdout + ledger.stderr
    stored = every_item(world.play.console("zhijianke"), "/api/v1/console/checks")
    assert sorted(c["uuid"] for c in stored) == sorted(str(world.play.plan.id("check", n)) for n in range(CHECKS))


def test_playing_again_changes_nothing(world: World) -> None:
    console = world.play.console("zhijianke")
    before = every_item(console, "/api/v1/console/bulletins")
    season = world.instance.run("server.demo.season", "--checks", str(CHECKS), "--seed", SEED, "--figures", "20")
    assert season.returncode == 0, season.stdout + season.stderr
    assert every_item(console, "/api/v1/console/bulletins") == before


def test_ledger_notices_what_was_acknowledged_and_is_gone(world: World, tmp_path: Path) -> None:
    sent = world.play.folder / "sent.jsonl"
    invented = {"kind": "photo", "uuid": str(uuid4()), "sha256": "0" * 64, "check": "", "name": "", "size": 1}
    copy = tmp_path / "sent.jsonl"
    copy.write_text(sent.read_text(encoding="utf-8") + json.dumps(invented) + "\n", encoding="utf-8")
    ledger = world.instance.run("server.demo.ledger", "--sent", str(copy))
    assert ledger.returncode == 1
    assert invented["uuid"] in ledger.stdout


if (PHOTOS := find_photos()).rows:

    def test_real_photos_read_as_the_manifest_says(world: World) -> None:
        season = world.instance.run("server.demo.season", "--photos", str(PHOTOS.folder), "--figures", "100")
        assert season.returncode == 0, season.stdout + season.stderr
        assert "不一致 0 张" in season.stdout
        ledger = world.instance.run("server.demo.ledger")
        assert ledger.returncode == 0, ledger.stdout + ledger.stderr


def test_photo_that_no_check_mentions_is_kept_and_shown(world: World) -> None:
    """Last, because the books above know nothing of it."""
    visit, client = world.visit(0)
    orphan, content = uuid4(), visit.photos[0].load() + b"\0"
    client.call("PUT", f"/api/v1/field/photos/{orphan}", body=content, headers={"Content-Type": "image/jpeg"})
    head = world.play.console(f"kezhang.{visit.login.split('.')[1]}")
    assert str(orphan) in {p["uuid"] for p in every_item(head, "/api/v1/console/evidence", {"unmatched": "true"})}
