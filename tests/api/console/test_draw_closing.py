"""办结：公开码链的起点，陌生人的程序照样通过，这一批次此后不能再抽。"""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from server.uow import House
from tests.api.console.test_draws import files_of, log_of, on_site, seal
from tests.api.desk import Desk, ok, refused
from tests.factories.plans import add_batch, build_season
from tests.factories.world import Clock, World

VERIFIER = Path(__file__).parents[3] / "web" / "draws" / "verify_draw.py"


@pytest.fixture
def batch(house: House, world: World) -> UUID:
    return add_batch(house, build_season(house, world))


def test_a_closed_series_gives_up_its_secret_and_is_never_drawn_again(
    desk: Desk, clock: Clock, house: House, batch: UUID, tmp_path: Path
) -> None:
    code = seal(desk, clock, batch)
    clock.advance(days=60)
    console = desk.sign_in_console("chen")
    refused(console.post(f"/draws/{code}/closing"), 409, "draw-state-forbids")
    shown = ok(console.post(f"/draws/{code}/opening"))
    ok(console.post(f"/draws/{code}/closing"))
    ok(console.post(f"/draws/{code}/closing"))
    secret = bytes.fromhex(json.loads(files_of(house, code)["closing.json"])["secret"])
    for _ in range(8):
        secret = sha256(secret).digest()
    assert [e["digest"] for e in log_of(house, code) if e["type"] == "draw.closed"] == [secret.hex()]
    public = desk.client().get(f"/draws/{code}/files/closing.json")
    assert public.data == files_of(house, code)["closing.json"]
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(desk.client().get(f"/draws/{code}/bundle.zip").data)
    told = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(bundle)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout
    ok(console.post(f"/draws/{shown['code']}/void", json={"reason": "other", "note": "示例"}))
    body = {"batch": str(batch), "entropy": on_site(clock), "replaces": code}
    refused(console.post("/draws", json=body), 409, "draw-series-closed")
