"""命令行：`python -m server.embedded serve|demo [--once] [--photos DIR] [--port N] [--data DIR]`。

Settings have one door, the environment: a port or folder given as an option becomes a variable and the launcher starts over.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from server.embedded.launch import REFUSED, Options, launch
from server.embedded.progress import say


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server.embedded", description="在一台机器上运行质鉴")
    parser.add_argument("what", choices=("serve", "demo"), help="serve 启动空的一套，demo 再演一季")
    parser.add_argument("--once", action="store_true", help="演完就停，退出码就是演示的结果")
    parser.add_argument("--photos", type=Path, help="用这个目录里的照片")
    parser.add_argument("--port", type=int, help="端口")
    parser.add_argument("--data", type=Path, help="数据目录")
    return parser


def main(argv: list[str]) -> int:
    given = _parser().parse_args(argv)
    variables = {"ZHIJIAN_WEB__PORT": given.port, "ZHIJIAN_DATA": given.data}
    changed = [f"{key}={value}" for key, value in variables.items() if value is not None]
    if changed:
        words = [given.what, *(["--once"] if given.once else [])]
        words += ["--photos", str(given.photos)] if given.photos else []
        os.execvp("env", ["env", *changed, sys.executable, "-m", "server.embedded", *words])  # noqa: S606 - our own interpreter
    if given.photos is not None and not given.photos.is_dir():
        say(f"照片目录 {given.photos} 不存在。")
        return REFUSED
    return launch(Options(given.what == "demo", given.once, given.photos))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
