"""公开日志的门面：镜像、条目、证明、网页；只有签过名的一段，证明由外人的算法验得过。"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.domain.merkle import Frontier, leaf_hash, verify_consistency, verify_inclusion
from server.domain.notes import Checkpoint, open_note, read_checkpoint, read_verifier
from server.domain.tiles import tile_path, tiles_of, unpack_entries, unpack_hashes
from server.formats.ed25519 import verify
from server.publishing import transparency
from server.services.transparency import append_event, sign_checkpoint
from server.uow import House
from tests.api.desk import make_app, ok, refused
from tests.api.public.conftest import open_house
from tests.api.public.test_pages import Page

API = "/api/v1/public/log"
SIGNED, ALL, EARLIER = 600, 603, 77
DRAWS = 20


def digest(n: int) -> str:
    return sha256(str(n).encode()).hexdigest()


def write(house: House, start: int, end: int) -> None:
    with house.unit() as uow:
        for n in range(start, end):
            kind = ("draw.announced", "draw.sealed", "draw.opened")[n % 3]
            draw = f"441300-2026-{n % DRAWS:02d}"
            append_event(uow, kind, agency="441300", draw=draw, digest=digest(n), role="supervisor")


@pytest.fixture(scope="module")
def log_house(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """600 signed entries (an earlier checkpoint at 77) and three that no checkpoint covers yet."""
    with open_house(kind, tmp_path_factory.mktemp("log")) as house:
        for start, end in ((0, EARLIER), (EARLIER, SIGNED)):
            write(house, start, end)
            with house.unit() as uow:
                sign_checkpoint(uow)
        write(house, SIGNED, ALL)
        yield house


@pytest.fixture(scope="module")
def log_app(log_house: House) -> Flask:
    return make_app(log_house)


@pytest.fixture
def client(log_app: Flask) -> FlaskClient:
    return log_app.test_client()


def head(client: FlaskClient) -> Checkpoint:
    """The checkpoint, opened as a stranger would, with the published key."""
    verifier = read_verifier(client.get("/log/key").text.strip())
    return read_checkpoint(open_note(client.get("/log/checkpoint").text, verifier, verify))


def lines(reply: TestResponse) -> list[bytes]:
    assert reply.status_code == 200
    return reply.get_data().splitlines()


# ------------------------------------------------------------------------------------------------ mirrors


def test_a_stranger_rebuilds_the_signed_root_from_the_entries(client: FlaskClient) -> None:
    point, frontier = head(client), Frontier()
    for line in lines(client.get("/log/entries.jsonl")):
        frontier.append(leaf_hash(line))
    assert (point.origin, point.size) == ("zhijian.example/log", SIGNED)
    assert (frontier.size, frontier.root()) == (point.size, point.root)


def test_a_stranger_rebuilds_the_signed_root_from_the_tiles(client: FlaskClient) -> None:
    point, frontier, hashes, entries = head(client), Frontier(), list[bytes](), list[bytes]()
    for tile in tiles_of(point.size):
        data = client.get(f"/log/tile/{tile_path(tile)}").get_data()
        if tile.level is None:
            entries += unpack_entries(data)
        elif tile.level == 0:
            hashes += unpack_hashes(data)
        else:
            below = Frontier()
            for leaf in hashes[:256]:
                below.append(leaf)
            assert unpack_hashes(data)[0] == below.root()
            assert len(unpack_hashes(data)) == tile.width == 2
    for leaf in hashes:
        frontier.append(leaf)
    assert frontier.root() == point.root
    assert [leaf_hash(entry) for entry in entries] == hashes


def test_what_never_changes_may_be_kept(client: FlaskClient) -> None:
    def kept(path: str) -> str:
        return str(client.get(f"/log/{path}").headers["Cache-Control"])

    for path in (
        "tile/0/000",
        "tile/entries/001",
        "proof?index=1&size=5",
        "consistency?from=1&to=5",
        "entries.jsonl?to=5",
    ):
        assert "immutable" in kept(path), path
    for path in ("tile/0/002.p/88", "tile/1/000.p/2", "key"):
        assert "immutable" not in kept(path), path
    for path in ("checkpoint", "entries.jsonl", "proof?index=1", "consistency?from=1"):
        assert kept(path) == "no-cache", path


def test_a_checkpoint_already_held_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/log/checkpoint")
    assert first.mimetype == "text/plain"
    again = client.get("/log/checkpoint", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["0/003", "0/002", "0/002.p/89", "1/000", "1/000.p/3", "2/000.p/1", "entries/002.p/92", "entries/002", "0/2", "x", "0/x000/001", "64/000"],
)  # fmt: skip
def test_tiles_beyond_the_checkpoint_do_not_exist(client: FlaskClient, path: str) -> None:
    refused(client.get(f"/log/tile/{path}"), 404, "tile-not-found")


def test_unsigned_entries_are_not_shown(client: FlaskClient) -> None:
    assert len(lines(client.get("/log/entries.jsonl"))) == SIGNED
    assert ok(client.get(f"{API}/entries"))["items"][0]["seq"] == SIGNED - 1
    assert ok(client.get(f"{API}/entries?q={digest(ALL - 1)}"))["items"] == []
    assert ok(client.get(f"{API}/entries?q={ALL - 1}"))["items"] == []
    assert ok(client.get(API))["size"] == SIGNED
    refused(client.get(f"/log/proof?index={SIGNED}"), 422, "log-range-invalid")
    refused(client.get(f"/log/entries.jsonl?to={ALL}"), 422, "log-range-invalid")


def test_a_range_of_entries(client: FlaskClient) -> None:
    everything = lines(client.get("/log/entries.jsonl"))
    assert lines(client.get("/log/entries.jsonl?from=250&to=260")) == everything[250:260]
    assert lines(client.get("/log/entries.jsonl?from=599")) == everything[599:]
    assert lines(client.get("/log/entries.jsonl?from=5&to=5")) == []
    refused(client.get("/log/entries.jsonl?from=6&to=5"), 422, "log-range-invalid")


# ------------------------------------------------------------------------------------------------ proofs


def raw(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


@pytest.mark.parametrize("base", ["/log", API])
@pytest.mark.parametrize(("index", "size"), [(0, 600), (599, 600), (255, 256), (256, 300), (0, 1), (3, None)])
def test_proofs_of_inclusion_verify(client: FlaskClient, base: str, index: int, size: int | None) -> None:
    told = ok(client.get(f"{base}/proof?index={index}" + (f"&size={size}" if size else "")))
    assert (told["index"], told["size"], told["algorithm"]) == (index, size or SIGNED, "sha256")
    leaf, root = bytes.fromhex(told["leaf"]), bytes.fromhex(told["root"])
    assert leaf == leaf_hash(lines(client.get(f"/log/entries.jsonl?from={index}&to={index + 1}"))[0])
    assert verify_inclusion(index, told["size"], leaf, raw(told["path"]), root)
    assert size or root == head(client).root


@pytest.mark.parametrize("base", ["/log", API])
@pytest.mark.parametrize(("older", "newer"), [(1, 600), (77, 600), (77, None), (256, 512), (599, 600), (600, 600)])
def test_proofs_of_extension_verify(client: FlaskClient, base: str, older: int, newer: int | None) -> None:
    told = ok(client.get(f"{base}/consistency?from={older}" + (f"&to={newer}" if newer else "")))
    assert (told["from"], told["to"], told["algorithm"]) == (older, newer or SIGNED, "sha256")
    first, second = bytes.fromhex(told["from_root"]), bytes.fromhex(told["to_root"])
    assert verify_consistency(older, told["to"], first, second, raw(told["path"]))


@pytest.mark.parametrize("base", ["/log", API])
@pytest.mark.parametrize(
    "question", ["proof?index=5&size=5", "proof?index=0&size=0", "proof?index=1&size=601", "consistency?from=0", "consistency?from=6&to=5", "consistency?from=1&to=601"],
)  # fmt: skip
def test_impossible_proofs_are_refused(client: FlaskClient, base: str, question: str) -> None:
    refused(client.get(f"{base}/{question}"), 422, "log-range-invalid")


@pytest.mark.parametrize("base", ["/log", API])
@pytest.mark.parametrize(
    "question", ["proof", "proof?index=-1", "proof?index=x", "consistency", "consistency?from=9" + "0" * 30]
)
def test_questions_that_make_no_sense_are_refused(client: FlaskClient, base: str, question: str) -> None:
    refused(client.get(f"{base}/{question}"), 422, "validation-failed")


def test_a_draw_s_copy_of_the_log_stands_by_itself(client: FlaskClient, log_house: House) -> None:
    with log_house.unit(writing=False) as uow:
        copy = transparency.log_copy(uow, "441300-2026-07")
        entries = b"".join(transparency.entries_jsonl(uow, 0, copy.size)).splitlines()
    verifier = read_verifier(copy.key.decode().strip())
    point = read_checkpoint(open_note(copy.checkpoint.decode(), verifier, verify))
    proof = json.loads(copy.proof)
    assert (proof["size"], proof["root"]) == (point.size, point.root.hex()) == (len(entries), head(client).root.hex())
    assert [row["index"] for row in proof["proofs"]] == list(range(7, SIGNED, DRAWS))
    for row in proof["proofs"]:
        entry = json.loads(entries[row["index"]])
        assert (entry["type"], entry["draw"]) == (row["type"], "441300-2026-07")
        assert leaf_hash(entries[row["index"]]).hex() == row["leaf"]
        assert verify_inclusion(row["index"], point.size, bytes.fromhex(row["leaf"]), raw(row["path"]), point.root)


# ------------------------------------------------------------------------------------------------ finding and reading


def test_entries_are_found_by_draw_digest_and_number(client: FlaskClient) -> None:
    def seqs(words: str) -> list[int]:
        return [
            row["seq"] for row in ok(client.get(f"{API}/entries", query_string={"q": words, "limit": 200}))["items"]
        ]

    assert seqs("441300-2026-03") == list(range(583, 0, -DRAWS))
    assert seqs(digest(41)) == seqs(digest(41).upper()) == seqs(" 41 ") == [41]
    grouped = " ".join(digest(41)[start : start + 4] for start in range(0, 64, 4))
    assert seqs(grouped) == [41]
    assert seqs("441300-2026-0") == seqs("%") == seqs("九") == seqs("9" * 60) == []


def test_pages_of_entries_leave_nothing_out(client: FlaskClient) -> None:
    found, before = list[int](), None
    while True:
        page = ok(client.get(f"{API}/entries", query_string={"limit": 200, **({"before": before} if before else {})}))
        found += [row["seq"] for row in page["items"]]
        if (before := page["next"]) is None:
            break
    assert found == list(range(SIGNED - 1, -1, -1))


@pytest.mark.parametrize("address", ["/log", "/log?before=60", "/log?q=441300-2026-03", "/log?q=nothing"])
def test_the_page_is_well_built_and_its_links_lead_somewhere(client: FlaskClient, address: str) -> None:
    reply = client.get(address)
    assert (reply.status_code, reply.mimetype) == (200, "text/html")
    page = Page(reply.text)
    assert (page.count("h1"), page.count("main")) == (1, 1)
    assert not {"script", "style"} & {tag for tag, _ in page.tags}
    for link in sorted({link.split("#")[0] for link in page.values("a", "href")} - {""}):
        with client.get(link) as followed:
            assert followed.status_code == 200, link
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    assert {str(attrs["aria-labelledby"]) for _, attrs in page.tags if "aria-labelledby" in attrs} <= ids


def test_the_page_shows_the_checkpoint_and_the_way_back(client: FlaskClient) -> None:
    text = client.get("/log").text
    assert f"共 {SIGNED} 条" in text
    assert client.get("/log/checkpoint").text.splitlines()[2] in text.replace("&#43;", "+")
    assert f"before={SIGNED - 20}" in text
    assert "回到最新" in client.get("/log?before=60").text
    assert "没有找到" in client.get("/log?q=nothing").text


def test_the_program_on_the_page_gives_the_root(client: FlaskClient, tmp_path: Path) -> None:
    import html
    import re
    import subprocess
    import sys

    program = html.unescape(re.findall(r"<pre[^>]*>(import base64.*?)</pre>", client.get("/log").text, re.S)[0])
    data = client.get("/log/entries.jsonl").get_data()
    told = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=True, cwd=tmp_path)
    assert told.stdout.decode().strip() == client.get("/log/checkpoint").text.splitlines()[2]


# ------------------------------------------------------------------------------------------------ before the first entry


def test_an_empty_log_says_so(empty_portal: FlaskClient) -> None:
    assert "还没有条目" in empty_portal.get("/log").text
    refused(empty_portal.get("/log/checkpoint"), 404, "log-empty")
    refused(empty_portal.get("/log/tile/0/000.p/1"), 404, "tile-not-found")
    refused(empty_portal.get("/log/proof?index=0"), 422, "log-range-invalid")
    assert lines(empty_portal.get("/log/entries.jsonl")) == []
    state = ok(empty_portal.get(API))
    assert (state["size"], state["at"], state["note"]) == (0, None, "")
    assert read_verifier(empty_portal.get("/log/key").text.strip()).name == "zhijian.example/log"


def test_nobody_writes_through_the_public_door(client: FlaskClient) -> None:
    for path in ("/log", "/log/checkpoint", "/log/entries.jsonl", API):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert client.open(path, method=method).status_code == 405
