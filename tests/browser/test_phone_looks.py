"""手机应用的每个页面：读屏与对比无大碍，窄屏不横滚，不违反策略；第一次打开和一次点按都够快。"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, expect

from server.routes.app import csp_reports
from tests.browser.axe import serious
from tests.browser.hand import FIRST, HEIGHT, SECOND, SETTINGS, Hand
from tests.factories.phone import LONG_SITE, MANY, PhoneRoom, phone_room
from tests.factories.photos import photo

pytestmark = pytest.mark.slow

WIDTHS = (320, 360, 390, 430)
#: Time allowed on a phone six times slower than this machine, and twice that: other work goes on beside the tests.
LOOSE, ATTEMPTS = 2, 8
MOST_FIRST_LOAD, MOST_COLD_MS, MOST_TAP_MS = 100_000, 3000 * LOOSE, 100 * LOOSE
WEAK_NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
FIRST_LOAD = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter((entry) => !entry.name.includes('/api/')).map((entry) => entry.transferSize).reduce((a, b) => a + b, 0)"""
TAP = """(code) => new Promise((done) => {
  const label = document.getElementById(code).querySelector('label.failing')
  const begun = performance.now()
  label.click()
  requestAnimationFrame(() => {
    const after = new MessageChannel()
    after.port1.onmessage = () => done(performance.now() - begun)
    after.port2.postMessage(null)
  })
})"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhoneRoom]:
    with phone_room(tmp_path_factory.mktemp("looks")) as found:
        yield found


@pytest.fixture
def hand(browser: Browser, room: PhoneRoom) -> Iterator[Hand]:
    found = Hand(browser.new_context(**SETTINGS), room.url)
    yield found
    assert found.said == []
    found.context.close()


class Inspector:
    """Looks at one screen after another and gathers what is wrong."""

    def __init__(self, hand: Hand) -> None:
        self.hand = hand
        self.wrong: list[str] = []
        self.seen = 0

    def look(self, heading: str) -> None:
        """The screen with this heading, at every width and under axe."""
        page = self.hand.page
        expect(page.get_by_role("heading", name=heading, exact=True).first).to_be_visible()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            if page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
                self.wrong.append(f"{heading} 宽 {width} 时横滚")
        page.set_viewport_size({"width": 390, "height": 844})
        session = self.hand.context.new_cdp_session(page)
        self.wrong += serious(page, session)
        session.detach()
        self.seen += 1


def test_every_screen_is_readable_fits_and_keeps_the_policy(hand: Hand, room: PhoneRoom) -> None:
    site, eye = room.fresh(), Inspector(hand)
    page = hand.open()
    eye.look("登录")
    page.get_by_role("button", name=re.compile("把质鉴放到桌面")).click()
    eye.look("把质鉴放到桌面")
    hand.sign_in()
    eye.look("今日抽查")
    task_screens(hand, eye, site)
    filling_screens(hand, eye, site)
    sealed_screens(hand, eye)
    settings_screens(hand, eye)
    assert eye.wrong == [], "\n".join(eye.wrong)
    assert eye.seen == 15
    assert csp_reports_of(room) == {}


def task_screens(hand: Hand, eye: Inspector, site: str) -> None:
    page = hand.page
    page.get_by_role("button", name=re.compile(site)).click()
    eye.look(site)
    page.get_by_role("button", name="无法检查").click()
    eye.look("无法检查")
    page.keyboard.press("Escape")


def filling_screens(hand: Hand, eye: Inspector, site: str) -> None:
    page = hand.page
    page.get_by_role("button", name=re.compile("^开始")).click()
    expect(hand.item(FIRST)).to_be_visible()
    eye.look(site)
    hand.pick(FIRST, photo(81))
    eye.look("照片，归入 1.1")
    page.get_by_role("dialog").get_by_role("button", name="完成").click()
    hand.judge(FIRST)
    hand.judge(SECOND, "failing")
    hand.measure(HEIGHT, "210")
    page.get_by_role("button", name="签字", exact=True).click()
    eye.look("签字封存")
    page.get_by_role("button", name=re.compile("责令改正通知书")).click()
    eye.look("责令改正通知书（草稿）")
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name="返回").click()
    hand.sign(last=False)
    row = page.get_by_role("region", name="签名").get_by_role("listitem").filter(has_text="示例项目经理")
    row.get_by_role("button", name="签名").click()
    eye.look("示例项目经理 签名")
    hand.draw("示例项目经理")


def sealed_screens(hand: Hand, eye: Inspector) -> None:
    page = hand.page
    hand.seal()
    hand.receipt_shown()
    eye.look("记录校验值")
    page.get_by_role("button", name="签收回执").click()
    eye.look("签收回执")
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name="上传与本机存储", exact=True).click()
    eye.look("上传与本机存储")


def settings_screens(hand: Hand, eye: Inspector) -> None:
    page = hand.open("/settings")
    eye.look("设置")
    page.get_by_role("button", name=re.compile("解锁码")).first.click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("textbox").nth(0).fill("2468")
    sheet.get_by_role("textbox").nth(1).fill("2468")
    sheet.locator("[type=submit]").click()
    expect(sheet).to_have_count(0)
    page.reload()
    eye.look("解锁")


def csp_reports_of(room: PhoneRoom) -> dict[str, int]:
    with room.room.desk.app.app_context():
        return dict(csp_reports())


def best(measure: Callable[[], float], limit: float) -> float:
    """The least of a few measurements: other work on the machine only ever adds, and passes if one waits for it."""
    found = [measure()]
    while len(found) < ATTEMPTS and min(found) > limit:
        time.sleep(len(found) / 2)
        found.append(measure())
    return min(found)


def weak_phone(hand: Hand) -> CDPSession:
    session = hand.context.new_cdp_session(hand.page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", WEAK_NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    return session


def test_first_opening_is_small_and_quick_on_a_weak_phone(browser: Browser, room: PhoneRoom) -> None:
    sizes = []

    def measure() -> float:
        hand = Hand(browser.new_context(**SETTINGS), room.url)
        session = weak_phone(hand)
        hand.page.goto(room.url + "/app/", wait_until="commit")
        expect(hand.page.get_by_role("button", name="登录")).to_be_enabled()
        took = float(hand.page.evaluate("() => performance.now()"))
        sizes.append(hand.page.evaluate(FIRST_LOAD))
        session.detach()
        hand.context.close()
        return took

    assert best(measure, MOST_COLD_MS) <= MOST_COLD_MS
    assert 20_000 < max(sizes) <= MOST_FIRST_LOAD


def test_a_tap_on_two_hundred_items_is_quick_on_a_weak_phone(hand: Hand) -> None:
    hand.sign_in()
    hand.page.get_by_role("button", name=re.compile(LONG_SITE)).click()
    hand.page.get_by_role("button", name=re.compile("^开始")).click()
    expect(hand.page.locator("article.item")).to_have_count(MANY)
    session = weak_phone(hand)
    judged = hand.page.locator("article.item:has(label.failing)")
    codes = iter(judged.evaluate_all("(found) => found.map((article) => article.id)"))
    assert best(lambda: float(hand.page.evaluate(TAP, next(codes))), MOST_TAP_MS) <= MOST_TAP_MS
    session.detach()
