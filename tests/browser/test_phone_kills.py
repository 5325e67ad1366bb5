"""手机应用的进程在九个地方被杀掉，每次都从本机接着来：一样不丢，一样不重发。"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Playwright, expect, sync_playwright

from tests.browser.chromium import FLAGS, chromium
from tests.browser.hand import FIRST, HEIGHT, SECOND, SETTINGS, Hand
from tests.browser.test_phone import heavy, once_and_whole
from tests.factories.phone import Fault, PhoneRoom, phone_room
from tests.factories.photos import photo

pytestmark = pytest.mark.slow

GONE_S = 20.0
STALL = """(() => {
  const { add } = IDBObjectStore.prototype
  IDBObjectStore.prototype.add = function (...given) {
    const asked = add.apply(this, given)
    if (globalThis.stalls && this.name === 'bytes') {
      const spin = () => { this.count().onsuccess = spin }
      spin()
      console.info('photo-half-written')
    }
    return asked
  }
})()"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhoneRoom]:
    with phone_room(tmp_path_factory.mktemp("kills")) as found:
        yield found


@pytest.fixture(scope="module")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as found:
        yield found


class Mortal:
    """A browser with a profile of its own that can be killed and started again."""

    def __init__(self, driver: Playwright, profile: Path, url: str) -> None:
        self.driver = driver
        self.profile = profile
        self.url = url
        self.hand = self.start("/")

    def start(self, path: str) -> Hand:
        context = self.driver.chromium.launch_persistent_context(
            str(self.profile), executable_path=chromium(), args=FLAGS, **SETTINGS
        )
        context.add_init_script(STALL)
        self.hand = Hand(context, self.url)
        self.hand.open(path)
        return self.hand

    def pid(self) -> int | None:
        """The browser process of this profile; its children carry a type."""
        for folder in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                words = (folder / "cmdline").read_bytes().decode(errors="replace")
                if f"--user-data-dir={self.profile}" in words and "--type=" not in words:
                    return int(folder.name)
        return None

    def kill(self) -> None:
        """SIGKILL, and wait until the process is gone."""
        pid = self.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + GONE_S
        while self.pid() is not None:
            assert time.monotonic() < until, "进程杀不掉"
            time.sleep(0.02)
        assert self.hand.said == []
        close(self.hand.context)

    def again(self) -> Hand:
        """Killed, and started again at the page it was on."""
        path = self.hand.page.url.split("/app", 1)[1]
        self.kill()
        return self.start(path)

    def held(self, fault: Fault) -> None:
        """Kill while a request is held, then let the request go nowhere."""
        deadline = time.monotonic() + GONE_S
        while not fault.reached.is_set():
            assert time.monotonic() < deadline, f"没有等到 {fault.method} {fault.path}"
            self.hand.page.evaluate("() => new Promise((done) => setTimeout(done, 20))")
        self.kill()
        fault.release.set()


def close(context: BrowserContext) -> None:
    with suppress(Error):
        context.close()


@pytest.fixture
def phone(driver: Playwright, tmp_path: Path, room: PhoneRoom) -> Iterator[Mortal]:
    found = Mortal(driver, tmp_path / "profile", room.url)
    yield found
    for fault in room.switch.faults:
        fault.release.set()
    close(found.hand.context)


def test_killed_at_nine_points_and_nothing_is_lost_or_sent_twice(phone: Mortal, room: PhoneRoom) -> None:
    site, pictures = room.fresh(), [photo(71, size=(1600, 1200)), heavy(72)]
    phone.hand.sign_in()
    room.switch.down = True
    hand = phone.again()  # 1: signed in and pulled
    expect(hand.page.get_by_role("button", name=re.compile(site))).to_be_visible()
    check = hand.begin(site)
    hand.judge(FIRST)

    hand = phone.again()  # 2: the first answer
    expect(hand.item(FIRST).locator("label.conforming input")).to_be_checked()
    half_written(phone, pictures[0])  # 3: in the middle of writing a photo

    hand = phone.hand
    hand.shoot(FIRST, pictures[0], "IMG_0001.jpg")
    hand.shoot(FIRST, pictures[1], "IMG_0002.jpg")
    hand = phone.again()  # 4: photos taken
    expect(hand.item(FIRST).locator(".tile")).to_have_count(2)
    assert hand.stored() == [sha256(picture).hexdigest() for picture in pictures]
    hand.judge(SECOND, "failing")
    hand.measure(HEIGHT, "210")
    hand.sign(last=False)

    hand = phone.again()  # 5: in the middle of signing
    expect(hand.page.get_by_role("button", name="重签")).to_have_count(2)
    expect(hand.page.get_by_label("姓名", exact=True)).to_have_value("示例项目经理")
    hand.sign_one("示例项目经理")
    room.switch.down = False
    announcing = room.switch.trouble("POST", "/announcements$", "hold")
    digest = hand.seal()
    phone.held(announcing)  # 6: sealed, not announced

    delivery(phone, room)
    hand = phone.start(f"/units/{check}/record")
    hand.receipt_shown()
    once_and_whole(room, check, pictures, digest)
    assert hand.said == []


def half_written(phone: Mortal, picture: bytes) -> None:
    """Killed with the bytes of a photo written and not committed: no half photo, and the person is told."""
    hand = phone.hand
    hand.page.evaluate("() => { globalThis.stalls = true }")
    with hand.page.expect_console_message(lambda message: message.text == "photo-half-written"):
        hand.pick(FIRST, picture)
    hand = phone.again()
    expect(hand.page.get_by_text(re.compile("打开过相机，没有照片回来"))).to_be_visible()
    assert hand.stored() == []
    hand.page.get_by_role("button", name="当时没有拍").click()
    expect(hand.item(FIRST).locator("label.conforming input")).to_be_checked()


def delivery(phone: Mortal, room: PhoneRoom) -> None:
    """Three more kills on the way: in an upload, before the record is sent, and before its answer comes."""
    uploading = room.switch.trouble("PATCH", "/uploads/", "hold", skip=2)
    phone.start("/queue")
    phone.held(uploading)  # 7: some pieces are there, some not
    posting = room.switch.trouble("POST", "/envelopes$", "hold")
    hand = phone.start("/queue")
    expect(hand.page.get_by_text("手机短表（示例）")).to_be_visible()
    phone.held(posting)  # 8: all photos are there, the record is not
    answering = room.switch.trouble("POST", "/envelopes$", "held")
    phone.start("/queue")
    phone.held(answering)  # 9: the record is there, the phone does not know
