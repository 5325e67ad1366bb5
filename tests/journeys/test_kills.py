"""演一季 200 次检查、600 张照片，其间网页和后台各被 kill -9 二十次，消息服务的数据被删：账一点不差，抽签次次验证通过。"""

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from server.demo.client import Client
from server.demo.sending import read_sent
from tests.journeys.harness import ROOT, Killer, environment, running

CHECKS, PHOTOS, KILLS, SEED = 200, 600, 20, 20
SEASON_S = 600.0

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def begin_season(url: str, data: Path) -> "subprocess.Popen[bytes]":
    words = ["--base-url", url, "--data", str(data), "--checks", str(CHECKS), "--small-photos", "--seed", "杀"]
    words += ["--figures", "150"]  # tests/unit and the season of the other journey look behind every figure
    with (data / "season.log").open("wb") as sink:
        return subprocess.Popen(
            [sys.executable, "-m", "server.demo.season", *words],
            cwd=ROOT,
            env=environment(data),
            stdout=sink,
            stderr=subprocess.STDOUT,
        )


def wait_for_first_receipts(sent: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 90
    while not read_sent(sent):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)


def last_word(told: str) -> str:
    """The end of the account: the verifier's conclusion, after a line for every draw and the count of voids."""
    *_, draw, count, last = told.strip().splitlines()
    assert "次抽签通过" in last, told
    assert "其中作废 1 次" in count, told
    assert "/draws/" in draw, told
    return last


def test_nothing_is_lost_or_counted_twice(folder: Path) -> None:
    with running(folder) as instance:
        season = begin_season(instance.url, folder)
        sent = folder / "season" / "sent.jsonl"
        killer = Killer(instance, KILLS, SEED)
        try:
            wait_for_first_receipts(sent, season)
            killer.start()
            status = season.wait(SEASON_S)
        finally:
            killer.stop()
            season.kill()
            season.wait()
        told = (folder / "season.log").read_text(encoding="utf-8")
        assert status == 0, told
        with Client(instance.url) as public:
            draws = public.get("/api/v1/public/draws", {"limit": 100})["items"]
        # The tasks of one draw are left to people with a phone in hand; it stays sealed and can be verified as such.
        assert Counter(draw["state"] for draw in draws) == {"opened": len(draws) - 2, "void": 1, "sealed": 1}, draws
        assert last_word(told).strip() == f"验证程序的结论：{len(draws)}/{len(draws)} 次抽签通过。"
        assert killer.counts == {"web": KILLS, "worker": KILLS}, killer.told
        assert killer.forgotten == 1
        book = read_sent(sent)
        assert [sum(kind == wanted for kind, _ in book) for wanted in ("check", "photo")] == [CHECKS, PHOTOS]
        ledger = instance.run("server.demo.ledger")
        assert ledger.returncode == 0, ledger.stdout + ledger.stderr
        assert "五本账全部相符" in ledger.stdout
        for line in ("检查", "照片"):
            row = next(text for text in ledger.stdout.splitlines() if text.strip().startswith(line))
            assert str(CHECKS if line == "检查" else PHOTOS) in row
