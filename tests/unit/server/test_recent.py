"""What is remembered is remembered shortly, and never grows without end."""

from server.recent import Recent


def test_what_was_found_out_is_known_for_a_moment_only() -> None:
    now = [100.0]
    recent = Recent(seconds=2.0, clock=lambda: now[0])
    assert recent.get("who") is None
    recent.put("who", "lin")
    now[0] += 1.99
    assert recent.get("who") == "lin"
    now[0] += 0.01
    assert recent.get("who") is None


def test_strangers_by_the_thousand_do_not_fill_the_memory() -> None:
    recent = Recent(most=10)
    for n in range(1000):
        recent.put(n, n)
    assert sum(recent.get(n) is not None for n in range(1000)) <= 10
    assert recent.get(999) == 999
