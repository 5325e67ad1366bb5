"""Before the opening nobody can tell who was drawn.

Two houses hold the same draw with the same lists and numbers and differ only in the one-time code, and so in the subjects
and officers drawn. Every public answer of both is fetched and compared byte for byte, sizes included: only check values
may differ. A public route that is not fetched here fails the test.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.uow import House, UnitOfWork
from tests.api.desk import make_app
from tests.api.public.conftest import open_house
from tests.factories import draws as made
from tests.factories.published import SLUG, Season, publish_season
from tests.factories.world import id_maker

CODE = "441300-2026-0007-1"
SHEETS = (made.sheet(CODE, secret=made.SECRET), made.sheet(CODE, secret=made.OTHER_SECRET))
#: Check values in every dress they leave in: whole, in groups of four, shortened, base64 of a hash or of a signature.
DIGESTS = re.compile(
    rb"\b[0-9a-f]{64}\b|\b(?:[0-9a-f]{4} ){15}[0-9a-f]{4}\b|\b[0-9a-f]{4} [0-9a-f]{4} \xe2\x80\xa6 [0-9a-f]{4}\b"
    rb"|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{90,92}={0,2}"
)
#: The number of a request, and how much room the machine has at this moment.
OWN_TO_THE_ASKING = re.compile(rb'"request_id":"[0-9a-f]+"|<code>[0-9a-f]{16}</code>|"free_bytes":[0-9]+')
FILES = (
    "README.txt", "verify_draw.py", "plan.json", "objects.tsv", "officers.tsv", "recusals.tsv", "excluded.tsv",
    "leads.tsv", "units.tsv", "skills.tsv", "needs.tsv", "opening.json", "result.tsv", "reserve.tsv", "outcomes.json",
    "log/checkpoint", "log/entries.jsonl", "log/key", "log/proof.json", "secret", "../draws",
)  # fmt: skip
PROOF, SPAN = "?index=2", "?from=1"
TILES = ("0/000.p/5", "0/000", "1/000", "entries/000.p/5", "entries/000")
#: Addresses by rule: every public rule with a place to fill in or a question to ask.
FILLED: dict[str, tuple[str, ...]] = {
    "/api/v1/public/draws": ("", "?agency=441300", "?year=2026", "?region=441300", "?limit=1", "?after=1"),
    "/api/v1/public/draws/<code>": (CODE, "nothing"),
    "/api/v1/public/draws/<code>/result": (CODE,),
    "/draws": ("", "?agency=441300&year=2026", "?page=2"),
    "/draws/<code>": (
        CODE, f"{CODE}?list=officers.tsv", f"{CODE}?list=recusals.tsv", f"{CODE}?list=result.tsv",
        f"{CODE}?list=reserve.tsv", f"{CODE}?result=1", f"{CODE}?at=40",
    ),
    "/draws/<code>/bundle.zip": (CODE,),
    "/draws/<code>/files/<path:name>": FILES,
    "/log": ("", f"?q={CODE}", "?q=2"),
    "/log/tile/<path:where>": TILES,
    "/log/proof": (PROOF,),
    "/log/consistency": (SPAN,),
    "/log/entries.jsonl": ("", "?from=1&to=3"),
    "/api/v1/public/log/entries": ("", f"?q={CODE}"),
    "/api/v1/public/log/proof": (PROOF,),
    "/api/v1/public/log/consistency": (SPAN,),
    "/api/v1/public/bulletins/<slug>": (SLUG,),
    "/api/v1/public/bulletins/<slug>.html": (SLUG,),
    "/api/v1/public/bulletins/<slug>.md": (SLUG,),
    "/api/v1/public/bulletins/<slug>/records": (SLUG,),
    "/api/v1/public/bulletins/<slug>/records.csv": (SLUG,),
    "/bulletins/<slug>": (SLUG,),
    "/bulletins/<slug>/records": (SLUG,),
    "/api/v1/public/cases/<number>": (f"{SLUG}-1",),
    "/cases": ("", "?q=SZ0001"),
    "/cases/<number>": (f"{SLUG}-1",),
}  # fmt: skip
#: Answers that hold no data of anybody, or are fetched under another address.
ELSEWHERE = {
    "/static/<path:filename>": "软件自带的文件",
    "/api/docs/assets/<name>": "软件自带的文件",
    "/docs/problems/<code>": "软件自带的说明",
    "/app/<path:name>": "手机应用自带的文件",
    "/api/v1/public/receipt-keys": "每套系统自己的公钥，与抽签无关",
    "/odk/v1/<path:rest>": "Collect 没有的地址，只答没有",
    "/api/v1/public/photos/<sha256>.jpg": "照片，与抽签无关；地址由季给出",
}


@dataclass(frozen=True)
class Answer:
    """What an outsider can see of one answer."""

    status: int
    kind: str
    size: int
    body: bytes


@pytest.fixture(scope="module")
def doors(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[House, Flask, Season]]]:
    with (
        open_house(kind, tmp_path_factory.mktemp("one")) as one,
        open_house(kind, tmp_path_factory.mktemp("two")) as two,
    ):
        yield [_played(house, sheet) for house, sheet in zip((one, two), SHEETS, strict=True)]


def _played(house: House, sheet: made.Sheet) -> tuple[House, Flask, Season]:
    with patch.object(UnitOfWork, "new_id", id_maker("season")):
        season = publish_season(house)
    made.people(house)
    made.subjects(house)
    made.announce(house, sheet)
    made.seal(house, sheet, changed=True, tasks=True)
    made.sign(house, at=sheet.sealed_at)
    house.clock = lambda: sheet.sealed_at
    return house, make_app(house), season


def addresses(app: Flask, season: Season) -> list[str]:
    """Every public address; fails for a public rule that nobody filled in."""
    found = [f"/api/v1/public/photos/{season.public_photo}.jpg"]
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "guard", None)
        if (
            (guard is not None and guard.door != "public")
            or "GET" not in (rule.methods or ())
            or rule.rule in ELSEWHERE
        ):
            continue
        if "<" in rule.rule:
            before, _, after = rule.rule.partition("<")
            after = after.partition(">")[2]
            if "<" in after:
                before, after = f"{before}{CODE}{after.partition('<')[0]}", ""
            assert rule.rule in FILLED, f"{rule.rule} 没有核对"
            found += [f"{before}{filled}{after}" for filled in FILLED[rule.rule]]
        else:
            found += [f"{rule.rule}{question}" for question in FILLED.get(rule.rule, ("",))]
    return found


def seen(client: FlaskClient, address: str) -> Answer:
    """One answer with its check values blotted out; a bundle as the list of its files, with their packed sizes."""
    with client.get(address) as reply:
        data = reply.data
    body = data
    if reply.mimetype == "application/zip":
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            parts = [f"{e.filename} {e.compress_size}\n".encode() + bundle.read(e) for e in bundle.infolist()]
        body = b"\n".join(parts)
    if reply.mimetype == "application/octet-stream" and "entries" not in address:
        body = b""  # a tile of hashes: nothing but check values, of which the size is compared
    body = OWN_TO_THE_ASKING.sub(b"", body.replace(b"\\n", b"\n"))
    return Answer(reply.status_code, reply.content_type, len(data), DIGESTS.sub(b"#", body))


def differing(doors: list[tuple[House, Flask, Season]]) -> list[str]:
    """Addresses at which the two houses can be told apart."""
    (_, one, season), (_, two, _) = doors
    asked = addresses(one, season)
    assert len(asked) > 80
    clients = one.test_client(), two.test_client()
    return [address for address in asked if len({seen(client, address) for client in clients}) != 1]


def test_the_two_draws_drew_different_subjects_and_officers() -> None:
    one, two = (sheet.result for sheet in SHEETS)
    assert {line.object for line in one.drawn} != {line.object for line in two.drawn}
    assert one.pairing.roster != two.pairing.roster
    assert SHEETS[0].files == SHEETS[1].files


def test_no_public_answer_tells_who_was_drawn(doors: list[tuple[House, Flask, Season]]) -> None:
    assert differing(doors) == []


def test_the_comparison_notices_a_result(doors: list[tuple[House, Flask, Season]]) -> None:
    """The same look, once both are opened, tells them apart: the test can fail."""
    for (house, _, _), sheet in zip(doors, SHEETS, strict=True):
        made.open_draw(house, sheet, changed=True)
    found = set(differing(doors))
    assert {f"/draws/{CODE}", f"/draws/{CODE}/bundle.zip", f"/api/v1/public/draws/{CODE}/result"} <= found
    assert f"/draws/{CODE}/files/objects.tsv" not in found
