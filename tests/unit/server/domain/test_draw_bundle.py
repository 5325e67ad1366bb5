"""The opening statement and substitutions: canonical bytes, salted digests, who sits where afterwards."""

import json
from dataclasses import replace
from hashlib import sha256

from server.domain.draw_bundle import OFFICER_REPLACED, SUBJECT_REPLACED, Change, Opening, crews_after

SALT = "00" * 32
MOVED = Change(1, SUBJECT_REPLACED, "stopped", {"object": "A", "by": "C", "officers": ["F2", "F3"]}, SALT)
LEFT = Change(2, OFFICER_REPLACED, "leave", {"object": "C", "officer": "F2", "by": "F1"}, SALT)
RESULT = b"x\t1\tA\t00\tF1\tF2\nx\t2\tB\t01\tF3\tF4\n"


def test_opening_is_canonical_and_complete() -> None:
    opening = Opening("D-1", 2, "ab" * 32, "1./", "cd" * 32, (MOVED,), "leaked")
    data = opening.to_bytes()
    members = json.loads(data)
    assert data == json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert members == {
        "spec": "draw-opening/1",
        "draw_id": "D-1",
        "round": 2,
        "one_time_code": "ab" * 32,
        "entropy": "1./",
        "result_sha256": "cd" * 32,
        "changes": [MOVED.to_dict()],
        "void": {"reason": "leaked"},
    }


def test_what_a_void_draw_never_had_is_absent() -> None:
    members = json.loads(Opening("D-1", 1, "ab" * 32, "", "", void="lists-wrong").to_bytes())
    assert members.keys() == {"spec", "draw_id", "round", "one_time_code", "changes", "void"}


def test_digest_of_a_change_is_salted() -> None:
    text = '{"body":{"by":"C","object":"A","officers":["F2","F3"]},"kind":"subject-replaced","n":1,"reason":"stopped"}'
    assert MOVED.digest == sha256(f"{SALT}\n{text}".encode()).hexdigest()
    assert replace(MOVED, salt="11" * 32).digest != MOVED.digest


def test_crews_follow_the_substitutions() -> None:
    assert crews_after(RESULT, ()) == {"A": ("F1", "F2"), "B": ("F3", "F4")}
    assert list(crews_after(RESULT, (MOVED,)).items()) == [("B", ("F3", "F4")), ("C", ("F2", "F3"))]
    assert crews_after(RESULT, (MOVED, LEFT)) == {"B": ("F3", "F4"), "C": ("F3", "F1")}
