"""等：办完就走，停住太久就说差什么。"""

import pytest

from server.demo import waiting
from server.demo.waiting import TooLong, wait_for_judgement, wait_for_state, wait_until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "POLL_S", 0.001)


def test_asks_until_it_is_done() -> None:
    answers = iter([(False, "1/3"), (False, "2/3"), (True, "3/3")])
    assert wait_until("等", lambda: next(answers)) >= 0
    assert next(answers, None) is None


def test_standstill_is_told_with_what_is_missing() -> None:
    with pytest.raises(TooLong, match="1/3"):
        wait_until("等", lambda: (False, "1/3"), standstill_s=0.02)


def test_judgement_waits_for_checks_and_then_for_photos() -> None:
    done = {"uuid": "c", "state": "judged", "verified": 3, "slots": 3}
    checks = [[done | {"verified": 2}], [done], [done]]
    photos = [[{"uuid": "p", "agreement": None}], [{"uuid": "p", "agreement": {}}]]

    class Console:
        def get(self, path: str, _: object = None) -> dict[str, object]:
            pages = checks if path.endswith("/checks") else photos
            return {"items": pages.pop(0), "next": None}

    wait_for_judgement(Console(), {"c"}, {"p"})  # type: ignore[arg-type]
    assert (checks, photos) == ([], [])


def test_failed_draft_is_told_with_its_reason() -> None:
    class Console:
        def get(self, _: str) -> dict[str, str]:
            return {"state": "failed", "failure": "数对不上"}

    with pytest.raises(TooLong, match="数对不上"):
        wait_for_state(Console(), "b", ("drafting",))  # type: ignore[arg-type]
