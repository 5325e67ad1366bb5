"""演一季的命令行：照片决定检查次数，首位管理员的口令记进小本子。"""

from pathlib import Path

import pytest

from server.demo.season import _parser, book_admin, main, make_play


def test_folder_of_photos_decides_how_many_checks(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for n in range(7):
        (photos / f"{n}.jpg").write_bytes(b"x")
    words = ["--base-url", "http://127.0.0.1:1/", "--data", str(tmp_path), "--photos", str(photos)]
    play = make_play(_parser().parse_args(words))
    assert (play.plan.checks, play.base_url) == (3, "http://127.0.0.1:1")


def test_first_administrator_is_booked_once(tmp_path: Path) -> None:
    words = ["--base-url", "http://127.0.0.1:1", "--data", str(tmp_path)]
    (tmp_path / "first-admin-password").write_text("first-word\n", encoding="utf-8")
    play = make_play(_parser().parse_args(words))
    book_admin(play)
    (tmp_path / "first-admin-password").unlink()
    book_admin(make_play(_parser().parse_args(words)))
    assert play.logins.password("admin") == "first-word"


def test_season_without_a_bootstrap_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--base-url", "http://127.0.0.1:1", "--data", str(tmp_path)]) == 1
    assert "first-admin-password" in capsys.readouterr().out
