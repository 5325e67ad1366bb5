"""外人的核对：验证程序说什么就是什么，它说不出话来也不算通过。"""

from pathlib import Path

import pytest

from server.demo.account import judge_verdicts
from server.demo.verdicts import Verdict, _judge

SAYS = "import json,sys; print(json.dumps({told})); sys.exit({code})"
GOOD = '{"passed": True, "opened": True, "reasons": [], "checks": [{"state": "ok"}, {"state": "later"}]}'
BAD = '{"passed": False, "opened": True, "reasons": ["objects-changed"], "checks": []}'


@pytest.mark.parametrize(
    ("told", "code", "passed", "reasons"),
    [(GOOD, 0, True, ()), (GOOD, 1, False, ()), (BAD, 1, False, ("objects-changed",))],
)
def test_the_programs_word_and_its_exit_status_must_agree(
    tmp_path: Path, told: str, code: int, passed: bool, reasons: tuple[str, ...]
) -> None:
    script = tmp_path / "verify_draw.py"
    script.write_text(SAYS.replace("{told}", told).replace("{code}", str(code)), encoding="utf-8")
    verdict = _judge(script, tmp_path / "bundle.zip", "key", "X-1")
    assert (verdict.passed, verdict.reasons) == (passed, reasons)


def test_a_program_that_breaks_down_is_no_pass(tmp_path: Path) -> None:
    script = tmp_path / "verify_draw.py"
    script.write_text("raise SystemExit('坏了')", encoding="utf-8")
    verdict = _judge(script, tmp_path / "bundle.zip", "key", "X-1")
    assert not verdict.passed
    assert "坏了" in verdict.reasons[0]


def test_only_opened_draws_that_pass_are_without_complaint() -> None:
    fine = Verdict("A-1", True, True, 16, ())
    sealed = Verdict("B-1", True, False, 9, ())
    false = Verdict("C-1", False, True, 9, ("void-hidden",))
    assert judge_verdicts([fine]) == []
    assert len(judge_verdicts([fine, sealed, false])) == 2
    assert "void-hidden" in judge_verdicts([false])[0]
