"""护栏：在分出去的子进程里看照片，限时、限内存，崩了也只崩它自己。

A forked child is used, not a thread or a pool: a decoder that hangs, eats memory or crashes takes only the child with it,
and it works inside a Celery worker, whose processes may not have `multiprocessing` children.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from server.formats.images import NotAPhoto, make_picture, read_facts

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """秒、兆字节（子进程比父进程多用的）、像素。"""

    seconds: float = 5.0
    memory_mb: int = 900
    pixels: int = 50_000_000


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found. `reason` is None when the picture was decoded, else why not; EXIF facts survive either way."""

    reason: str | None
    facts: dict[str, Any]
    container: str | None = None
    width: int | None = None
    height: int | None = None
    large: bytes | None = None
    small: bytes | None = None
    phash: bytes | None = None


def examine_photo(path: Path, limits: Limits) -> Examination:
    """Facts, previews and hash of the file at `path`; never raises for what is in the file."""
    parts, reason = _in_child(path, limits)
    facts = orjson.loads(parts[0]) if parts else {"has_exif": False, "gps": {"state": "absent"}, "notes": []}
    if len(parts) < 5:
        return Examination(reason or (parts[1].decode() if len(parts) == 2 else "crashed"), facts)
    shape = orjson.loads(parts[1])
    return Examination(None, facts, shape["container"], shape["width"], shape["height"], parts[2], parts[3], parts[4])


def _in_child(path: Path, limits: Limits) -> tuple[list[bytes], str | None]:
    """Fork, read length-framed parts until the child ends; (parts, reason it did not end well)."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        _child(path, limits, write_end)
    os.close(write_end)
    data, timed_out = _drain(read_end, child, time.monotonic() + limits.seconds)
    os.close(read_end)
    _, status = os.waitpid(child, 0)
    parts = _unframe(data)
    if timed_out:
        return parts[:1], "timed-out"
    if os.WIFSIGNALED(status):
        return parts[:1], "crashed"
    return parts, None


def _drain(read_end: int, child: int, deadline: float) -> tuple[bytes, bool]:
    data = bytearray()
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([read_end], [], [], left)[0]:
            os.kill(child, signal.SIGKILL)
            return bytes(data), True
        chunk = os.read(read_end, CHUNK)
        if not chunk:
            return bytes(data), False
        data += chunk


def _unframe(data: bytes) -> list[bytes]:
    parts, at = [], 0
    while at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if at + 4 + size > len(data):
            break
        parts.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return parts


def _send(write_end: int, part: bytes) -> None:
    view = memoryview(len(part).to_bytes(4) + part)
    while view:
        view = view[os.write(write_end, view) :]


def _child(path: Path, limits: Limits, write_end: int) -> None:
    """Runs in the child and never returns: nothing of the parent's (connections, handlers) may be used or closed here."""
    code = 1
    try:
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGUSR1):
            signal.signal(name, signal.SIG_DFL)
        _bound_memory(limits.memory_mb)
        resource.setrlimit(resource.RLIMIT_CPU, (int(limits.seconds) + 2, int(limits.seconds) + 3))
        with path.open("rb") as file:
            _send(write_end, orjson.dumps(read_facts(file).as_dict()))
            _send_picture(file, limits.pixels, write_end)
        code = 0
    except MemoryError:
        _send(write_end, b"out-of-memory")
        code = 0
    except BaseException:  # the child must end here, whatever happened
        code = 1
    finally:
        os._exit(code)


def _bound_memory(megabytes: int) -> None:
    """Cap the address space at what is mapped now plus the allowance."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _send_picture(file: Any, max_pixels: int, write_end: int) -> None:
    try:
        picture = make_picture(file, max_pixels)
    except NotAPhoto as refusal:
        _send(write_end, refusal.reason.encode())
        return
    shape = {"container": picture.container, "width": picture.width, "height": picture.height}
    for part in (orjson.dumps(shape), picture.large, picture.small, picture.phash):
        _send(write_end, part)
