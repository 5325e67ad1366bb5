"""控制台前的一个人：有自己的浏览器，会登录，记下脚本的错误和违反策略的事。"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.factories.console import Room
from tests.people import PASSWORD


class Person:
    """Somebody with a browser of one's own."""

    def __init__(self, browser: Browser, room: Room) -> None:
        self.room = room
        self.context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce")
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("console", self._listen)

    def _listen(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.said.append(message.text)

    def open(self, path: str) -> Page:
        self.page.goto(self.room.url + path)
        return self.page

    def sign_in(self, login: str, path: str) -> Page:
        """Asked for a page without a session, led to the door, and back to the page."""
        page = self.open(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("登录")
        page.get_by_label("账号").fill(login)
        page.get_by_label("口令").fill("not the password")
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("alert")).to_contain_text("账号或口令不对")
        expect(page.get_by_label("账号")).to_have_value(login)
        page.get_by_label("口令").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(self.room.url + path)
        return page
