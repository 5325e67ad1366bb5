"""科室的手机三页：发凭据、Collect 记录、还在手机上，都看得到、用得了，读屏与对比无大碍。"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.desk import ok
from tests.browser.axe import serious
from tests.browser.person import Person
from tests.factories.console import Room, serving
from tests.factories.submissions import collect_for, new_instance, submission_xml

pytestmark = pytest.mark.slow

WIDTHS = (390, 1440)
PATHS = ("/console/phones", "/console/submissions", "/console/unsent", "/console/unsent?all=true")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Phones have reported, and Collect has sent a record without its photo and one that nobody can read as a check."""
    with serving(tmp_path_factory.mktemp("phones")) as found:
        desk = found.desk
        for name, held in (("红手机（示例）", 7), ("空手机（示例）", 0)):
            body = {
                "at": "2026-09-21T02:00:00Z",
                "drafts": 0,
                "sealed": held and 2,
                "photos": held,
                "bytes": held * 500_000,
            }
            ok(desk.sign_in_phone("lin", device=name).post("/sync/heartbeats", json=body))
        collect = collect_for(desk.app, desk.house)
        whole = submission_xml(desk.world, new_instance(), ["墙面.jpg"])
        broken = submission_xml(desk.world, new_instance()).replace(b"campaign", b"nobody-knows")
        assert [collect.send(xml).status_code for xml in (whole, broken)] == [201, 201]
        desk.run_outbox()
        yield found


@pytest.fixture
def person(browser: Browser, room: Room) -> Iterator[Person]:
    found = Person(browser, room)
    yield found
    assert found.said == []
    found.context.close()


def test_a_key_is_shown_once_and_taken_back(person: Person) -> None:
    page = person.sign_in("lin", "/console/phones")
    page.get_by_label("手机名称").fill("林检的 Collect（示例）")
    page.get_by_role("button", name="发凭据").click()
    expect(page.get_by_role("img", name="Collect 设置二维码")).to_be_visible()
    expect(page.get_by_text(re.compile("/odk/v1/key/"))).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile("/odk/v1/key/"))).to_have_count(0)
    row = page.get_by_role("row", name=re.compile("林检的 Collect（示例）"))
    row.get_by_role("button", name="收回").click()
    expect(row).to_contain_text("已收回")


def test_what_is_missing_and_what_was_not_understood_is_said(person: Person) -> None:
    page = person.sign_in("chen", "/console/submissions")
    expect(page.get_by_role("row", name=re.compile("还差 墙面.jpg"))).to_be_visible()
    blocked = page.get_by_role("row", name=re.compile("转不成检查"))
    blocked.get_by_role("button", name="再转一次").click()
    expect(page.get_by_text("已重新转")).to_be_visible()
    page.goto(f"{person.room.url}/console/unsent")
    expect(page.get_by_role("row", name=re.compile("红手机"))).to_contain_text("3.5 MB")
    expect(page.get_by_text("空手机")).to_have_count(0)


def test_the_pages_fit_and_read_well(person: Person) -> None:
    page = person.sign_in("chen", "/console")
    assert [fault for path in PATHS for fault in faults(person, page, path)] == []


def faults(person: Person, page: Page, path: str) -> list[str]:
    person.open(path)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path} 宽 {width} 时横滚")
    session = person.context.new_cdp_session(page)
    found += serious(page, session)
    session.detach()
    return found
