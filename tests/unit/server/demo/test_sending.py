"""送：先后随意、有的两遍，收讫才记账，送不成就停。"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from server.demo.checks import compose_visit
from server.demo.client import Phone, Reply, Unanswered
from server.demo.sending import Mismatch, SentBook, Tally, read_sent, send_check, send_photo, send_season, send_visit
from tests.unit.server.demo.world import PLAN, field_of


class Listener:
    """Stands for a client: keeps what it is told and answers with a receipt of exactly that."""

    retries = 0

    def __init__(self, spoil: bool = False) -> None:
        self.heard: list[str] = []
        self.spoil = spoil

    def call(self, method: str, path: str, *, content: Any = None, body: bytes = b"", **_: Any) -> Reply:
        self.heard.append(path)
        digest = hashlib.sha256(body if content is None else rfc8785.dumps(content)).hexdigest()
        told = "0" * 64 if self.spoil else digest
        return Reply(201, {}, json.dumps({"digest_sha256": told, "sha256": told}).encode())

    def close(self) -> None:
        self.heard.append("closed")


def test_whole_visit_is_acknowledged_and_written_down(tmp_path: Path) -> None:
    visit, client, tally = compose_visit(field_of(PLAN), 1), Listener(), Tally()
    send_visit(client, visit, SentBook(tmp_path / "sent.jsonl"), PLAN.chance("o"), tally)  # type: ignore[arg-type]
    sent = read_sent(tmp_path / "sent.jsonl")
    assert {uuid for kind, uuid in sent if kind == "photo"} == {str(p.uuid) for p in visit.photos}
    assert sent[("check", str(visit.uuid))]["outcomes"] == visit.outcomes
    assert (tally.checks, tally.photos) == (1, len(visit.photos))
    assert len(client.heard) == 1 + len(visit.photos) + tally.repeats


def test_order_differs_between_visits() -> None:
    firsts = set()
    for number in range(12):
        client = Listener()
        book = SentBook(Path("/dev/null"))
        send_visit(client, compose_visit(field_of(PLAN), number), book, PLAN.chance("order", number), Tally())  # type: ignore[arg-type]
        firsts.add("checks" in client.heard[0])
    assert firsts == {True, False}


def test_receipt_for_other_content_is_not_written_down(tmp_path: Path) -> None:
    visit, book = compose_visit(field_of(PLAN), 1), SentBook(tmp_path / "sent.jsonl")
    with pytest.raises(Mismatch):
        send_check(Listener(spoil=True), visit, book)  # type: ignore[arg-type]
    with pytest.raises(Mismatch):
        send_photo(Listener(spoil=True), visit.photos[0], visit, book)  # type: ignore[arg-type]
    assert read_sent(tmp_path / "sent.jsonl") == {}


def test_first_failure_stops_the_season_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Deaf(Listener):
        def call(self, *_: Any, **__: Any) -> Reply:
            raise Unanswered("没有回答")

    monkeypatch.setattr(Phone, "client", lambda _: Deaf())
    visits = [lambda n=n: compose_visit(field_of(PLAN), n) for n in range(12)]
    phones = {p.login: Phone("", p.login, "", "") for crew in field_of(PLAN).inspectors.values() for p, _ in crew}
    tally = send_season(visits, phones, SentBook(tmp_path / "sent.jsonl"), PLAN, lambda _: None)
    assert tally.failures
    assert "没有回答" in tally.failures[0]
    assert tally.checks == 0
