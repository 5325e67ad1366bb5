"""等后台办完：每隔一会儿问一次，超过两秒报进展，太久就说清楚还差什么。"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from server.demo.client import Client, every_item
from server.embedded.progress import Step

POLL_S = 0.7
STANDSTILL_S = 120.0


class TooLong(Exception):
    """等得太久；消息说还差什么。"""


def wait_until(label: str, ask: Callable[[], tuple[bool, str]], standstill_s: float = STANDSTILL_S) -> float:
    """Ask until it is done; returns the seconds it took. `ask` gives (done, a note for the progress line).

    Raises TooLong when the note has not changed for `standstill_s` seconds.
    """
    step = Step(label)
    done, note = ask()
    moved = step.seconds
    while not done:
        step.pulse(note)
        time.sleep(POLL_S)
        before = note
        done, note = ask()
        moved = step.seconds if note != before else moved
        if not done and step.seconds - moved > standstill_s:
            hint = "原因见后台日志，或 python -m server.cli outbox show"
            raise TooLong(f"{label}停住了 {step.seconds - moved:.0f} 秒（{note}）；{hint}")
    step.done(note)
    return step.seconds


def wait_for_judgement(console: Client, checks: set[str], photos: set[str]) -> float:
    """Until every one of these checks is judged with all photos verified, and every photo has been judged."""

    def ask() -> tuple[bool, str]:
        rows = [c for c in every_item(console, "/api/v1/console/checks") if c["uuid"] in checks]
        done = sum(c["state"] == "judged" and c["verified"] == c["slots"] for c in rows)
        if done < len(checks):
            return False, f"检查 {done}/{len(checks)}"
        seen = [e for e in every_item(console, "/api/v1/console/evidence") if e["uuid"] in photos]
        judged = sum(e["agreement"] is not None for e in seen)
        return judged == len(photos), f"检查 {done}/{len(checks)}，照片 {judged}/{len(photos)}"

    return wait_until("后台核验照片、判定检查", ask)


def wait_for_state(console: Client, bulletin: str, states: tuple[str, ...]) -> dict[str, Any]:
    """Until the bulletin reaches one of these states; raises TooLong when drafting failed."""
    found: dict[str, Any] = {}

    def ask() -> tuple[bool, str]:
        found.update(console.get(f"/api/v1/console/bulletins/{bulletin}"))
        if found["state"] == "failed":
            raise TooLong(f"通报没有起草成：{found['failure']}")
        return found["state"] in states, found["state"]

    wait_until("后台起草通报", ask)
    return found
