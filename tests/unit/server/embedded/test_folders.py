"""数据目录：一份数据一个主人，套接字的目录只归自己，日志不无限长。"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from server.config import load_settings
from server.embedded import folders as room
from server.embedded.folders import DataLock, Folders, StartRefused, folders_of


def made(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path / "data", tmp_path / "data" / "run" / "b.sock")
    folders.create()
    return folders


def test_the_socket_is_ours_only_for_the_embedded_broker(tmp_path: Path) -> None:
    embedded = load_settings({"ZHIJIAN_DATA": str(tmp_path)})
    rabbit = load_settings({"ZHIJIAN_DATA": str(tmp_path), "ZHIJIAN_BROKER__URL": "amqp://guest@localhost//"})
    managed = load_settings({"ZHIJIAN_DATA": str(tmp_path), "ZHIJIAN_BROKER__EMBEDDED": "0"})

    assert folders_of(embedded).socket is not None
    assert folders_of(rabbit).socket is None
    assert folders_of(managed).socket is None


def test_the_sockets_folder_is_private(tmp_path: Path) -> None:
    folders = made(tmp_path)

    assert folders.socket
    assert stat.S_IMODE(folders.socket.parent.stat().st_mode) == 0o700


def test_a_sockets_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "short").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StartRefused, match="不属于当前用户"):
        Folders(tmp_path / "data", tmp_path / "short" / "b.sock").create()


def test_a_folder_that_cannot_be_made_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    with pytest.raises(StartRefused, match="不能写"):
        made(tmp_path)


def test_one_owner_at_a_time_and_the_lock_ends_with_it(tmp_path: Path) -> None:
    folders = made(tmp_path)
    with DataLock(folders), pytest.raises(StartRefused, match=f"进程号 {os.getpid()}"), DataLock(folders):
        pass
    with DataLock(folders):
        pass


def test_a_long_log_is_cut_and_one_older_copy_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LOG_LIMIT_BYTES", 10)
    folders = made(tmp_path)
    folders.log("web").write_text("0123456789 long")
    folders.log("worker").write_text("short")

    folders.trim_logs()

    assert folders.log("web").read_text() == ""
    assert (folders.logs / "web.log.1").read_text() == "0123456789 long"
    assert folders.log("worker").read_text() == "short"
