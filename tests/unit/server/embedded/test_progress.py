"""进展：两秒之内不出声，之后隔一阵说一声；失败带上日志的末尾。"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from server.embedded.progress import Step, StepFailed, run_step, tail


class Clock:
    """自己拨的钟。"""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_quick_step_is_silent_until_done(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    step = Step("迁移", clock)
    clock.now = 1.9
    step.pulse()
    assert capsys.readouterr().out == ""
    step.done()

    assert capsys.readouterr().out == "  迁移：好了（1.9 秒）\n"


def test_a_slow_step_speaks_at_two_seconds_and_then_less_and_less(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    step = Step("迁移", clock)
    for tenth in range(1, 601):
        clock.now = tenth / 10
        step.pulse("第三步")

    spoken = capsys.readouterr().out.splitlines()
    assert spoken[0] == "  迁移 …… 2 秒，第三步"
    assert 5 <= len(spoken) <= 10


def test_a_step_that_fails_brings_the_end_of_its_log(tmp_path: Path) -> None:
    code = "print('第一行'); print('原因在这里'); raise SystemExit(4)"

    with pytest.raises(StepFailed, match="原因在这里") as caught:
        run_step("装", [sys.executable, "-c", code], tmp_path / "logs" / "a.log")
    assert caught.value.status == 4


def test_giving_up_ends_the_command(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    log = tmp_path / "a.log"

    def give_up_once_it_runs(seconds: float) -> None:
        time.sleep(seconds)
        if log.read_text():
            raise Enough

    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with pytest.raises(Enough):
        run_step("装", [sys.executable, "-c", code], log, wait=give_up_once_it_runs)

    assert not Path(f"/proc/{log.read_text().strip()}").exists()


def test_the_tail_of_a_missing_log_is_empty(tmp_path: Path) -> None:
    assert tail(tmp_path / "none.log") == ""
