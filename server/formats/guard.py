"""护栏：在分出去的子进程里看照片，限时、限内存，崩了也只崩它自己。

A forked child is used, not a thread or a pool: a decoder that hangs, eats memory or crashes takes only the child with it, and it
works inside a Celery worker, whose processes may not have `multiprocessing` children. What the child found before it failed has
already come through the pipe.
"""

from __future__ import annotations

import contextlib
import faulthandler
import math
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from server.formats.exif import ExifFacts
from server.formats.images import NotAPhoto, make_picture, read_facts

CHUNK = 1 << 20
LOOK_EVERY_S = 0.01
FRAME_LIMIT = 64 * 1024 * 1024
PAGE = resource.getpagesize()
Send = Callable[[str, bytes], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """Processor seconds; megabytes of address space and of resident memory over what the parent has; pixels.

    A busy machine gets `patience` times as many seconds by the clock.

    Address space is bounded by the kernel at once but counts what decoders only reserve; resident memory is what the machine
    really gives, and is looked at every 10 ms. Both are counted from the fork, so that a photo is judged alike in a young worker
    (about 95 MB) and in an old one.
    """

    seconds: float = 5.0
    memory_mb: int = 900
    pixels: int = 50_000_000
    resident_mb: int = 400
    patience: float = 3.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Parts by name, in the order they came; `reason` is None when the work ended well.

    Spent: `seconds` of processor, `peak_mb` of resident memory over what the parent had.
    """

    parts: dict[str, bytes] = field(default_factory=dict)
    reason: str | None = None
    seconds: float = 0.0
    peak_mb: int = 0


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found. `reason` is None when the picture was decoded, else why not; EXIF facts survive either way.

    Reasons: timed-out, out-of-memory, crashed, unreadable, truncated, too-many-pixels, not-a-photo.
    """

    reason: str | None
    facts: dict[str, Any]
    container: str | None = None
    width: int | None = None
    height: int | None = None
    large: bytes | None = None
    small: bytes | None = None
    phash: bytes | None = None
    seconds: float = 0.0
    peak_mb: int = 0


def examine_photo(path: Path, limits: Limits) -> Examination:
    """Facts, previews and hash of the file at `path`; never raises for what is in the file."""

    def look(send: Send) -> None:
        with path.open("rb") as file:
            send("facts", orjson.dumps(read_facts(file).as_dict()))
            _send_picture(file, limits.pixels, send)

    path.stat()  # a missing original is the caller's error, not the photo's
    found = run_guarded(look, limits)
    parts = found.parts
    facts = orjson.loads(parts["facts"]) if "facts" in parts else ExifFacts(notes=("exif-not-read",)).as_dict()
    shape = orjson.loads(parts["shape"]) if "shape" in parts else {}
    reason = found.reason or (parts["reason"].decode() if "reason" in parts else None)
    if reason is None and "phash" not in parts:
        reason = "crashed"
    kept: dict[str, Any] = {} if reason else {name: parts[name] for name in ("large", "small", "phash")}
    return Examination(reason, facts, **shape, **kept, seconds=found.seconds, peak_mb=found.peak_mb)


def _send_picture(file: BinaryIO, max_pixels: int, send: Send) -> None:
    try:
        picture = make_picture(file, max_pixels)
    except NotAPhoto as refusal:
        width, height = refusal.size or (None, None)
        send("shape", orjson.dumps({"container": refusal.kind, "width": width, "height": height}))
        send("reason", refusal.reason.encode())
        return
    shape = {"container": picture.container, "width": picture.width, "height": picture.height}
    send("shape", orjson.dumps(shape))
    for name in ("large", "small", "phash"):
        send(name, getattr(picture, name))


def run_guarded(work: Callable[[Send], None], limits: Limits) -> Outcome:
    """Run `work(send)` in a forked child and gather what it sends; reasons timed-out, out-of-memory and crashed."""
    read_end, write_end = os.pipe()
    began, before_mb = time.monotonic(), _resident_mb("self")
    child = os.fork()
    if child == 0:
        os.close(read_end)
        _child(work, limits, write_end)
    os.close(write_end)
    reason: str | None = "crashed"
    data = bytearray()
    try:
        reason = _drain(read_end, child, began + limits.seconds * limits.patience, before_mb + limits.resident_mb, data)
    finally:  # also when the caller itself is told to stop while it waits
        os.close(read_end)
        status, spent, peak_mb = _reap(child, kill=reason is not None)
    parts = _unframe(bytes(data))
    if reason is None and "!" in parts:
        reason = parts.pop("!").decode()
    if reason is None and status != 0:
        reason = "timed-out" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU else "crashed"
    return Outcome(parts, reason, spent, max(0, peak_mb - before_mb))


def _drain(read_end: int, child: int, deadline: float, resident_mb: int, data: bytearray) -> str | None:
    """Read until the child ends its side; a reason when it has to be stopped."""
    while True:
        if time.monotonic() >= deadline:
            return "timed-out"
        if not select.select([read_end], [], [], LOOK_EVERY_S)[0]:
            if _resident_mb(str(child)) > resident_mb:
                return "out-of-memory"
            continue
        chunk = os.read(read_end, CHUNK)
        if not chunk:
            return None
        data += chunk
        if len(data) > FRAME_LIMIT:
            return "out-of-memory"


def _resident_mb(process: str) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE // 2**20
    return 0


def _reap(child: int, *, kill: bool) -> tuple[int, float, int]:
    """Wait for the child, so that none is left behind; (its wait status, processor seconds, peak resident megabytes)."""
    with contextlib.suppress(ProcessLookupError):
        if kill:
            os.kill(child, signal.SIGKILL)
    try:
        _, status, usage = os.wait4(child, 0)
    except ChildProcessError:  # somebody ignores SIGCHLD: the kernel has reaped it already
        return 0, 0.0, 0
    return status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def _unframe(data: bytes) -> dict[str, bytes]:
    """Frames: a name's length, the name, the part's length, the part; a frame cut short is left out."""
    parts, at = {}, 0
    while at < len(data):
        name_end = at + 1 + data[at]
        start = name_end + 4
        end = start + int.from_bytes(data[name_end:start])
        if start > len(data) or end > len(data):
            break
        parts[data[at + 1 : name_end].decode()] = data[start:end]
        at = end
    return parts


def _child(work: Callable[[Send], None], limits: Limits, write_end: int) -> None:
    """Runs in the child and never returns: nothing of the parent's (connections, handlers) may be used or closed here."""

    def send(name: str, part: bytes) -> None:
        view = memoryview(bytes([len(name.encode())]) + name.encode() + len(part).to_bytes(4) + part)
        while view:
            view = view[os.write(write_end, view) :]

    code = 1
    try:
        _settle(limits)
        work(send)
        code = 0
    except MemoryError:
        code = 3
    except BaseException:  # the child must end here, whatever happened
        code = 1
    finally:
        if code == 3:
            with contextlib.suppress(BaseException):
                send("!", b"out-of-memory")
        os._exit(code)


def _settle(limits: Limits) -> None:
    """Default signals, quiet decoders, bounded memory, processor time and files; first to go when the machine is out of memory."""
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGUSR1, signal.SIGCHLD, signal.SIGXCPU):
        signal.signal(name, signal.SIG_DFL)
    faulthandler.disable()  # a decoder's crash is expected here and is told by the exit status
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * PAGE + limits.memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (mapped, mapped))
    processor = math.ceil(limits.seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
