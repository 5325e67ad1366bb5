"""端口：空着没有，不空用哪个；网页好了没有。"""

from __future__ import annotations

import errno
import http.client
import socket
import time

from server.embedded.folders import StartRefused

TRIES = 50
PATIENCE_S = 1.0


def is_free(host: str, port: int) -> bool:
    """Whether a server may listen here now; raises StartRefused when this address can never be ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except PermissionError:
            raise StartRefused(f"没有权限使用端口 {port}，请用 PORT= 换一个 1024 以上的。") from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise StartRefused(f"不能在 {host}:{port} 上监听（{error.strerror}）。") from error
    return True


def choose(host: str, wanted: int, *, fixed: bool) -> int:
    """The wanted port, or the next free one when the choice is left to us; raises StartRefused."""
    deadline = time.monotonic() + PATIENCE_S  # one just killed may need a moment to let go
    while not (free := is_free(host, wanted)) and time.monotonic() < deadline:
        time.sleep(0.1)
    if free:
        return wanted
    if fixed:
        raise StartRefused(f"端口 {wanted} 已被别的程序占用，请用 PORT= 换一个。")
    for port in range(wanted + 1, min(wanted + TRIES, 65_536)):
        if is_free(host, port):
            return port
    raise StartRefused(f"{wanted} 起的 {TRIES} 个端口都被占用，请用 PORT= 指定一个。")


def reachable_host(host: str) -> str:
    """Where a client on this machine finds a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - a lookup, no bind


def answers_ready(host: str, port: int) -> bool:
    """Whether GET /ready says 200; never goes through a proxy."""
    connection = http.client.HTTPConnection(reachable_host(host), port, timeout=2)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
