"""演示的一季：另起一个进程，只经公开的 HTTP 接口走完全程；演的时候照样看管各进程。"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from server.embedded.child import describe_exit, die_with_parent
from server.embedded.progress import end, say
from server.embedded.stack import ROOT, Stack
from server.embedded.supervisor import Supervisor

MODULE = "server.demo.season"


def play(stack: Stack, photos: Path | None, supervisor: Supervisor) -> int:
    """Play the season against the running stack; returns its exit status, or lets StopRequested through."""
    words = ["-m", MODULE, "--base-url", stack.url]
    if photos is not None:
        words += ["--photos", str(photos.absolute())]
    process = subprocess.Popen(
        stack.python(*words),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(os.getpid()),
    )
    try:
        supervisor.run(finished=lambda: process.poll() is not None)
    finally:
        end(process)
    if process.returncode != 0:
        say(f"演示没有走完（{describe_exit(process.returncode)}）。")
    return process.returncode if process.returncode >= 0 else 128 - process.returncode
