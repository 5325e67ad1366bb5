"""客户端：保持连接的 HTTP，几个线程并发；只量从发出到收到回答。"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """A PUT and the statuses that mean it was stored."""

    path: str
    body: bytes
    headers: dict[str, str]


def _send_all(port: int, requests: Sequence[Request], faults: list[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        for request in requests:
            connection.request("PUT", request.path, request.body, request.headers)
            reply = connection.getresponse()
            text = reply.read()
            if reply.status != 201:
                faults.append(f"{reply.status} {text[:400]!r}")
                return
    except OSError as error:
        faults.append(repr(error))
    finally:
        connection.close()


def seconds_to_send(port: int, requests: Sequence[Request], concurrency: int) -> float:
    """Wall time until every request is answered with 201; raises RuntimeError otherwise."""
    faults: list[str] = []
    threads = [
        threading.Thread(target=_send_all, args=(port, requests[n::concurrency], faults)) for n in range(concurrency)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - began
    if faults:
        raise RuntimeError(f"服务器没有收下：{faults[0]}")
    return taken


def rate(port: int, make: Callable[[int], list[Request]], count: int, concurrency: int) -> Callable[[], float]:
    """A side to interleave: requests per second for `count` fresh requests."""
    return lambda: count / seconds_to_send(port, make(count), concurrency)
