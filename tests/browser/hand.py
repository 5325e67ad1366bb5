"""检查员的手：登录、作答、拍照、签字、封存，都像人那样点。"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.factories.phone import SHORT
from tests.people import PASSWORD

FIRST, SECOND, HEIGHT = (f"{SHORT}-01-{n:02d}" for n in (1, 2, 3))
SETTINGS: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
    "reduced_motion": "reduce",
    "geolocation": {"longitude": 121.7166, "latitude": 29.9489, "accuracy": 6},
    "permissions": ["geolocation"],
}
expect.set_options(timeout=15_000)
UNIT = re.compile(r"/units/([0-9a-f-]{36})")
WORKER_READY = """async () => {
  await navigator.serviceWorker.ready
  if (!navigator.serviceWorker.controller)
    await new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }))
}"""
STORED = """async (login) => {
  const opened = await new Promise((done, failed) => {
    const ask = indexedDB.open(`zhijian-user-${login}`)
    ask.onsuccess = () => done(ask.result)
    ask.onerror = () => failed(ask.error)
  })
  const all = await new Promise((done) => {
    const ask = opened.transaction('bytes').objectStore('bytes').getAll()
    ask.onsuccess = () => done(ask.result)
  })
  opened.close()
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (n) => n.toString(16).padStart(2, '0')).join('')
  return Promise.all(all.map(async (bytes) => hex(await crypto.subtle.digest('SHA-256', bytes))))
}"""
DIGESTS = re.compile(r"[^0-9a-f]")


@dataclass
class Hand:
    """One phone in one hand."""

    context: BrowserContext
    url: str
    said: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(15_000)
        self.context.on("page", self._watch)
        for page in self.context.pages:
            self._watch(page)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("console", self._listen)

    def _listen(self, message: ConsoleMessage) -> None:
        self.heard.append(message.text)
        if "Content Security Policy" in message.text or "TrustedScript" in message.text:
            self.said.append(message.text)

    # ---- getting in

    def open(self, path: str = "/", page: Page | None = None) -> Page:
        self.page = page or self.page
        self.page.goto(self.url + "/app" + path)
        return self.page

    def sign_in(self, login: str = "lin") -> None:
        """Sign in online and wait until the phone can do without a network."""
        page = self.open()
        page.get_by_label("账号").fill(login)
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("今日抽查")
        expect(page.get_by_text(re.compile("^资料 .* 更新$"))).to_be_visible()
        page.evaluate(WORKER_READY)

    def offline(self, off: bool = True) -> None:
        self.context.set_offline(off)

    # ---- one check

    def begin(self, subject: str) -> UUID:
        page = self.page
        page.get_by_role("button", name=re.compile(subject)).click()
        page.get_by_role("button", name=re.compile("^(开始|接着填)")).click()
        expect(self.item(FIRST)).to_be_visible()
        return self.unit

    @property
    def unit(self) -> UUID:
        found = UNIT.search(self.page.url)
        assert found, self.page.url
        return UUID(found[1])

    def item(self, code: str) -> Any:
        return self.page.locator(f'[id="{code}"]')

    def judge(self, code: str, verdict: str = "conforming") -> None:
        self.item(code).locator(f"label.{verdict}").click()
        expect(self.item(code).locator(f"label.{verdict} input")).to_be_checked()
        self.saved()

    def measure(self, code: str, value: str) -> None:
        self.item(code).locator("input.reading").fill(value)
        self.saved()

    def saved(self) -> None:
        expect(self.page.get_by_text(re.compile("^已存本机"))).to_be_visible()

    def shoot(self, code: str, picture: bytes, name: str = "IMG_0001.jpg") -> None:
        """Take a photo for an item, see that it is saved, and close its sheet."""
        self.pick(code, picture, name)
        sheet = self.page.get_by_role("dialog")
        expect(sheet.get_by_text("校验")).to_be_visible()
        sheet.get_by_role("button", name="完成").click()
        expect(sheet).to_have_count(0)

    def pick(self, code: str, picture: bytes, name: str = "IMG_0001.jpg") -> None:
        with self.page.expect_file_chooser() as chooser:
            self.item(code).get_by_role("button", name=re.compile("拍照$")).first.click()
        chooser.value.set_files([{"name": name, "mimeType": "image/jpeg", "buffer": picture}])

    def fill_in(self, *pictures: bytes) -> None:
        """Answer everything of the short checklist; the pictures belong to its first item."""
        self.judge(FIRST)
        for n, picture in enumerate(pictures, 1):
            self.shoot(FIRST, picture, f"IMG_{n:04d}.jpg")
        expect(self.item(FIRST).locator(".tile")).to_have_count(len(pictures))
        self.judge(SECOND, "failing")
        self.measure(HEIGHT, "210")

    def stored(self, login: str = "lin") -> list[str]:
        """SHA-256 of every original that lies on the phone, in the order of its id."""
        found: list[str] = self.page.evaluate(STORED, login)
        return found

    # ---- signatures

    def sign(self, *, last: bool = True) -> None:
        """Everybody signs; with `last` false the one who is checked does not yet."""
        page = self.page
        page.get_by_role("button", name="签字", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("签字封存")
        page.get_by_label("姓名", exact=True).fill("示例项目经理")
        page.get_by_label("姓名", exact=True).blur()
        for name in ("林检", "周检", "示例项目经理")[: 3 if last else 2]:
            self.sign_one(name)

    def sign_one(self, name: str) -> None:
        row = self.page.get_by_role("region", name="签名").get_by_role("listitem").filter(has_text=name)
        row.get_by_role("button", name="签名").click()
        self.draw(name)
        expect(row.get_by_role("button", name="重签")).to_be_visible()

    def draw(self, name: str) -> None:
        sheet = self.page.get_by_role("dialog", name=f"{name} 签名")
        box = sheet.get_by_role("img").bounding_box()
        assert box
        mouse, (left, top) = self.page.mouse, (box["x"], box["y"])
        mouse.move(left + 40, top + 40)
        mouse.down()
        for step in range(1, 6):
            mouse.move(left + 40 + step * 25, top + 40 + (step % 2) * 50)
        mouse.up()
        sheet.get_by_role("button", name="用这个签名").click()
        expect(sheet).to_have_count(0)

    def seal(self) -> str:
        """Seal; the digest of the record as the screen shows it."""
        page = self.page
        page.get_by_role("button", name="签字并封存").click()
        page.get_by_role("button", name="确认封存").click()
        digest = page.locator(".digest").first
        expect(digest).to_have_text(re.compile("[0-9a-f]{4}"))
        expect(page.get_by_text("已封存 · 手机短表（示例）")).to_be_visible()
        return DIGESTS.sub("", digest.inner_text())

    def receipt_shown(self) -> None:
        expect(self.page.get_by_text(re.compile("平台已签收，回执 R-[0-9A-F]{12}"))).to_be_visible(timeout=20_000)
