"""端口：空的就用，占了的说清楚或者换下一个。"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from server.embedded import ports
from server.embedded.folders import StartRefused

HOST = "127.0.0.1"


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(ports, "PATIENCE_S", 0.1)
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen(1)
        yield holder.getsockname()[1]


def test_a_taken_port_is_named_when_it_was_asked_for(taken: int) -> None:
    with pytest.raises(StartRefused, match=f"端口 {taken} 已被别的程序占用"):
        ports.choose(HOST, taken, fixed=True)


def test_the_next_free_port_is_taken_when_the_choice_is_ours(taken: int) -> None:
    chosen = ports.choose(HOST, taken, fixed=False)

    assert taken < chosen < taken + ports.TRIES
    assert ports.is_free(HOST, chosen)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(StartRefused, match="不能在"):
        ports.is_free("192.0.2.1", 8300)


def test_a_listener_that_says_nothing_is_not_ready(taken: int) -> None:
    assert not ports.answers_ready(HOST, taken)


@pytest.mark.parametrize(("listens", "reached"), [("0.0.0.0", HOST), ("::", "::1"), ("10.1.1.1", "10.1.1.1")])
def test_where_a_client_on_this_machine_finds_the_server(listens: str, reached: str) -> None:
    assert ports.reachable_host(listens) == reached
