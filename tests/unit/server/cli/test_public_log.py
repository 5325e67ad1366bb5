"""公开日志的命令：备好私钥，坏了不放行，公钥和检查点原样显示。"""

from __future__ import annotations

import shutil
import stat
from base64 import b64encode
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from server.cli import public_log
from server.cli.commands import main
from server.cli.unit import open_unit
from server.domain.notes import open_note, read_checkpoint, read_verifier
from server.formats.ed25519 import verify
from server.models.transparency import LogEntry
from server.services.transparency import append_event, sign_checkpoint


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A migrated data folder named by the environment, as the commands find it."""
    monkeypatch.setenv("ZHIJIAN_ENV", "development")
    monkeypatch.setenv("ZHIJIAN_DATA", str(tmp_path))
    assert main(["migrate"]) == 0
    return tmp_path


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after `prepare`, made once."""
    folder = tmp_path_factory.mktemp("ready")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ZHIJIAN_ENV", "development")
        environment.setenv("ZHIJIAN_DATA", str(folder))
        assert main(["prepare"]) == 0
    return folder


@pytest.fixture
def started(ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own copy of it, named by the environment."""
    shutil.copytree(ready, tmp_path / "data")
    monkeypatch.setenv("ZHIJIAN_ENV", "development")
    monkeypatch.setenv("ZHIJIAN_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def say(count: int) -> None:
    with open_unit() as uow:
        for n in range(count):
            append_event(uow, "draw.announced", agency="1", draw=str(n), digest="0" * 64, role="system")
        sign_checkpoint(uow)


def prepared() -> None:
    """The log's step of `prepare`."""
    from argparse import Namespace

    public_log.prepare(Namespace())


def test_the_key_is_made_once_for_its_owner_alone(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepared()
    file = data / "log.key"
    first = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "已建公开日志的签名私钥" in capsys.readouterr().out
    prepared()
    assert file.read_bytes() == first
    told = capsys.readouterr().out
    assert "已建" not in told
    assert "公开日志 0 条" in told
    assert first.decode().strip() not in told


def test_a_key_given_as_a_setting_makes_no_file(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIJIAN_SECURITY__LOG_KEY", b64encode(bytes(32)).decode())
    prepared()
    assert not (data / "log.key").exists()


def test_the_log_is_counted_and_its_checkpoint_opens_with_the_shown_key(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared()
    assert main(["log", "checkpoint"]) == 0
    assert "还没有条目" in capsys.readouterr().out
    say(3)
    assert main(["log", "check"]) == 0
    assert "公开日志 3 条，已签名 3 条" in capsys.readouterr().out
    assert main(["log", "key"]) == 0
    verifier = read_verifier(capsys.readouterr().out.strip())
    assert main(["log", "checkpoint"]) == 0
    assert read_checkpoint(open_note(capsys.readouterr().out, verifier, verify)).size == 3


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (delete(LogEntry).where(LogEntry.seq == 4), "只有 4 条，不到已签名的 5 条"),
        (update(LogEntry).where(LogEntry.seq == 2).values(entry="{}"), "第 2 条与它的摘要不符"),
    ],
)
def test_nothing_starts_on_a_damaged_log(
    started: Path, capsys: pytest.CaptureFixture[str], damage: object, words: str
) -> None:
    """`prepare` is what the launcher runs before the web, the worker and the scheduler; its failure stops the start."""
    say(5)
    assert main(["prepare"]) == 0
    with open_unit() as uow:
        uow.session.execute(damage)  # type: ignore[call-overload]
    assert main(["prepare"]) == 2
    assert words in capsys.readouterr().err
    assert main(["log", "check"]) == 2


def test_a_lost_key_is_not_replaced_under_a_signed_log(started: Path, capsys: pytest.CaptureFixture[str]) -> None:
    say(1)
    (started / "log.key").rename(started / "elsewhere")
    assert main(["prepare"]) == 2
    assert "没有公开日志的签名私钥" in capsys.readouterr().err
    assert not (started / "log.key").exists()
    (started / "elsewhere").rename(started / "log.key")
    assert main(["prepare"]) == 0


def test_another_key_is_refused(
    started: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    say(1)
    monkeypatch.setenv("ZHIJIAN_SECURITY__LOG_KEY", b64encode(bytes(32)).decode())
    assert main(["prepare"]) == 2
    assert "请恢复原来的名称和私钥" in capsys.readouterr().err
