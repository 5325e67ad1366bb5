"""Debian 自带的 Chromium：在哪里，怎么开。"""

from __future__ import annotations

import shutil

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
FLAGS += ["--use-fake-device-for-media-stream"]  # a test picture for those who are permitted the camera


def chromium() -> str:
    """Its path; `make test` installs it."""
    found = shutil.which("chromium")
    assert found, "没有 chromium；请用 make test 运行，它会装好"
    return found
