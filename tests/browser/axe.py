"""axe 怎么看一页：只取它认为严重的。"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = f"axe.run(document, {{runOnly: {json.dumps(RULES)}}}).then((found) => JSON.stringify(found.violations))"


def serious(page: Page, session: CDPSession) -> list[str]:
    """What axe finds serious or critical on the page as it stands."""
    if session.send("Runtime.evaluate", {"expression": "typeof axe"})["result"]["value"] == "undefined":
        session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    ask = {"expression": RUN_AXE, "awaitPromise": True, "returnByValue": True}
    answer: dict[str, Any] = session.send("Runtime.evaluate", ask)
    assert "exceptionDetails" not in answer, answer
    found = json.loads(answer["result"]["value"])
    bad = [v for v in found if v["impact"] in ("serious", "critical")]
    return [f"{page.url} {v['id']} {n['html'][:120]}" for v in bad for n in v["nodes"]]
