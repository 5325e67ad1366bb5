"""格式、规则、房间之间的导入、类型：四道检查，全部跑完再说合不合。"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from server.embedded.progress import StepFailed, run_step, say  # noqa: E402

TOOLS = ROOT / ".venv" / "bin"
CHECKS = (
    ("格式", ("ruff", "format", "--check", "."), "make fix 会改好"),
    ("规则", ("ruff", "check", "."), "make fix 会改好一部分"),
    ("房间之间的导入", ("lint-imports",), ""),
    ("类型", ("mypy",), ""),
)


def fails(label: str, words: tuple[str, ...], hint: str) -> bool:
    """Run one check; on failure print all it said."""
    log = ROOT / "build" / f"lint-{words[0]}.log"
    log.unlink(missing_ok=True)
    try:
        run_step(label, [str(TOOLS / words[0]), *words[1:]], log, cwd=ROOT)
    except StepFailed:
        say(log.read_text(encoding="utf-8"))
        say(f"  {label}不合{'；' + hint if hint else ''}")
        return True
    return False


def main() -> int:
    return min(1, sum(fails(*check) for check in CHECKS))  # a sum, so that none is left out


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
