"""The guarded child: whatever happens in it, an answer comes back in time and nothing is left behind."""

import io
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from server.formats.guard import Examination, Limits, Send, examine_photo, run_guarded
from tests.photos.drawn import block, draw, gps, photo, saved

QUICK = Limits(seconds=1.0)


@pytest.fixture(autouse=True)
def no_child_is_left():
    """Every test ends without a child of ours, running or dead."""
    yield
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.fixture
def keep(tmp_path: Path):
    def write(data: bytes) -> Path:
        path = tmp_path / "photo"
        path.write_bytes(data)
        return path

    return write


def open_handles() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a_good_photo(keep) -> None:
    found = examine_photo(keep(photo(-33.8567, 151.2153)), Limits())
    assert (found.reason, found.container, found.width, found.height) == (None, "jpeg", 240, 160)
    assert found.facts["gps"]["latitude"] == pytest.approx(-33.8567, abs=1e-7)
    assert found.facts["captured_at"] == "2025-09-12T02:20:30+00:00"
    assert found.large is not None
    assert found.small is not None
    assert found.phash is not None
    assert (found.large[:3], found.small[:3], len(found.phash)) == (b"\xff\xd8\xff",) * 2 + (32,)
    assert 0 < found.seconds < 5
    assert found.peak_mb < 100


def test_no_handle_is_left_open(keep) -> None:
    path = keep(photo())
    before = open_handles()
    for _ in range(5):
        examine_photo(path, Limits())
    assert open_handles() == before


def test_facts_survive_a_picture_that_is_refused(keep) -> None:
    data = photo()
    found = examine_photo(keep(data[: len(data) * 2 // 3]), Limits())
    assert (found.reason, found.container, found.width, found.large) == ("truncated", "jpeg", 240, None)
    assert found.facts["gps"]["state"] == "ok"


def test_facts_survive_too_many_pixels(keep) -> None:
    data = saved(draw(size=(1000, 800)), "PNG", exif=block(gps(1.0, 2.0)))
    found = examine_photo(keep(data), Limits(pixels=100_000))
    assert (found.reason, found.width, found.height) == ("too-many-pixels", 1000, 800)
    assert found.facts["gps"]["latitude"] == 1.0


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 not a photo"])
def test_what_is_no_photo(keep, data: bytes) -> None:
    found = examine_photo(keep(data), Limits())
    assert (found.reason, found.container) == ("not-a-photo", None)
    assert found.facts["gps"]["state"] == "absent"


def test_a_missing_original_is_the_callers_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        examine_photo(tmp_path / "nothing", Limits())


def test_parts_come_through_in_order_and_large_ones_do_not_block() -> None:
    big = os.urandom(9 * 2**20)

    def work(send: Send) -> None:
        send("first", b"1")
        send("big", big)
        send("empty", b"")

    found = run_guarded(work, Limits())
    assert found.reason is None
    assert list(found.parts) == ["first", "big", "empty"]
    assert found.parts["big"] == big


def test_a_child_that_hangs_is_stopped_and_what_it_sent_is_kept() -> None:
    def work(send: Send) -> None:
        send("facts", b"{}")
        time.sleep(60)

    began = time.monotonic()
    found = run_guarded(work, QUICK)
    assert time.monotonic() - began < QUICK.seconds * QUICK.patience + 2
    assert (found.reason, found.parts) == ("timed-out", {"facts": b"{}"})


def test_a_child_that_spins_and_ignores_signals_is_stopped() -> None:
    def work(send: Send) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            pass

    assert run_guarded(work, QUICK).reason == "timed-out"


def test_a_child_that_never_stops_sending_is_stopped() -> None:
    def work(send: Send) -> None:
        while True:
            send("more", bytes(2**20))

    assert run_guarded(work, Limits(seconds=3.0)).reason in ("out-of-memory", "timed-out")


@pytest.mark.parametrize("how", [os.abort, lambda: os.kill(os.getpid(), signal.SIGSEGV), lambda: os._exit(9)])
def test_a_child_that_crashes_takes_only_itself(how) -> None:
    def work(send: Send) -> None:
        send("facts", b"{}")
        how()

    found = run_guarded(work, QUICK)
    assert (found.reason, found.parts) == ("crashed", {"facts": b"{}"})


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(0), RecursionError()])
def test_an_exception_in_the_child_stays_there(error: BaseException) -> None:
    def work(send: Send) -> None:
        raise error

    assert run_guarded(work, QUICK).reason == "crashed"


def test_address_space_is_bounded_by_the_kernel() -> None:
    def work(send: Send) -> None:
        send("facts", b"{}")
        bytearray(3 * 2**30)
        send("too", b"far")

    found = run_guarded(work, Limits(memory_mb=200))
    assert (found.reason, found.parts) == ("out-of-memory", {"facts": b"{}"})


def test_resident_memory_is_watched() -> None:
    def work(send: Send) -> None:
        hoard = []
        while True:
            hoard.append(b"x" * 2**22)
            time.sleep(0.002)

    found = run_guarded(work, Limits(memory_mb=4000, resident_mb=200))
    assert found.reason == "out-of-memory"
    assert 190 < found.peak_mb < 400


def test_a_frame_cut_short_is_left_out() -> None:
    def work(send: Send) -> None:
        send("whole", b"1")
        os.write(max(int(n) for n in os.listdir("/proc/self/fd") if _is_pipe(n)), b"\x04half\x00\x00\x00\x09abc")
        os._exit(0)

    assert run_guarded(work, QUICK).parts == {"whole": b"1"}


def _is_pipe(number: str) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{number}").startswith("pipe:")
    except OSError:
        return False


def test_noise_of_decoders_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    def work(send: Send) -> None:
        os.write(1, b"noise")
        os.write(2, b"noise")

    assert run_guarded(work, QUICK).reason is None
    assert capfd.readouterr() == ("", "")


def test_the_child_writes_no_files(tmp_path: Path) -> None:
    def work(send: Send) -> None:
        (tmp_path / "made").write_bytes(b"x")

    assert run_guarded(work, QUICK).reason == "crashed"


def test_a_caller_that_is_interrupted_leaves_no_child() -> None:
    class Told(Exception):
        pass

    def stop(*_: object) -> None:
        raise Told

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(Told):
            run_guarded(lambda send: time.sleep(30), Limits(seconds=20))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_it_works_where_the_kernel_reaps_children() -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        found = run_guarded(lambda send: send("a", b"1"), QUICK)
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert (found.reason, found.parts) == (None, {"a": b"1"})


def _in_daemon(path: str, answers) -> None:
    found: Examination = examine_photo(Path(path), Limits())
    answers.put((found.reason, found.width))


def test_it_works_inside_a_daemonic_pool_process(keep) -> None:
    """A Celery worker's processes are daemonic: `multiprocessing` would refuse them children."""
    kind = multiprocessing.get_context("fork")
    answers = kind.SimpleQueue()
    process = kind.Process(target=_in_daemon, args=(str(keep(photo())), answers), daemon=True)
    process.start()
    process.join(20)
    assert process.exitcode == 0
    assert answers.get() == (None, 240)


def test_a_huge_webp_is_refused_before_it_is_decoded(keep) -> None:
    out = io.BytesIO()
    draw(size=(64, 64)).resize((6000, 5000)).save(out, "WEBP", quality=1, method=0)
    found = examine_photo(keep(out.getvalue()), Limits())
    assert found.reason == "too-many-pixels"
    assert found.peak_mb < 100
