"""两名检查员、两部手机、一次检查：各填各的，不一致的向两人发问，答齐之后各签一次。"""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import select

from server.domain.permissions import SYSTEM
from server.models.checks import Check, CheckNote
from server.models.subjects import Officer
from server.models.sync import CheckQuestion
from tests.browser.axe import serious
from tests.browser.hand import HEIGHT, SECOND, SETTINGS, Hand
from tests.factories.phone import PhoneRoom, phone_room
from tests.factories.photos import photo

pytestmark = pytest.mark.slow
#: Tenths of a second.
PATIENCE = 150


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhoneRoom]:
    with phone_room(tmp_path_factory.mktemp("phones")) as found:
        yield found


@pytest.fixture
def hands(browser: Browser, room: PhoneRoom) -> Iterator[tuple[Hand, Hand]]:
    """林 with one phone, 周 with another."""
    both = Hand(browser.new_context(**SETTINGS), room.url), Hand(browser.new_context(**SETTINGS), room.url)
    for hand, login in zip(both, ("lin", "zhou"), strict=True):
        hand.sign_in(login)
    yield both
    for hand in both:
        assert hand.said == []
        hand.context.close()


def hand_in(hand: Hand, note: str) -> None:
    page = hand.page
    page.get_by_role("button", name="签字", exact=True).click()
    page.get_by_role("button", name="只交我的部分").click()
    sheet = page.get_by_role("dialog", name="只交我的部分")
    sheet.get_by_label("说明，可不填").fill(note)
    sheet.get_by_role("button", name="交我的部分").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("今日抽查")


def refreshed(hand: Hand) -> Hand:
    hand.open("/")
    hand.page.get_by_role("button", name="取最新资料").click()
    return hand


def answer(hand: Hand, side: str, *, sides_shown: int) -> None:
    """Open the question and take what `side` filled in, or said since."""
    page = refreshed(hand).page
    page.get_by_role("button", name=re.compile("两人填的不一致")).click()
    sides: Locator = page.locator("label.side")
    expect(sides).to_have_count(sides_shown)
    assert serious(page, page.context.new_cdp_session(page)) == []
    sides.filter(has_text=side).last.click()
    page.get_by_role("button", name="以选中的为准").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("今日抽查")


def sign_merge(hand: Hand) -> None:
    card = refreshed(hand).page.get_by_role("region", name="两人的记录已合并")
    card.get_by_role("button", name="签合并摘要").click()
    expect(card.get_by_text("已签合并摘要")).to_be_visible()


def asked(room: PhoneRoom, check: UUID) -> list[tuple[str, str, int]]:
    """(item, state, replies) of every question about a check."""
    with room.house.unit(SYSTEM) as uow:
        rows = select(CheckQuestion).join(Check).where(Check.uuid == check).order_by(CheckQuestion.id)
        found = uow.session.scalars(rows).all()
        return [(q.item_code, q.state, len(q.replies)) for q in found]


def signatures(room: PhoneRoom, check: UUID) -> list[str]:
    with room.house.unit(SYSTEM) as uow:
        notes = uow.session.scalars(select(CheckNote).join(Check).where(Check.uuid == check)).all()
        return sorted(n.body["officer"] for n in notes if "merged_sha256" in n.body)


def replied(room: PhoneRoom, hand: Hand, check: UUID, replies: int) -> None:
    """What a phone answers goes out behind the screen: wait until the server holds so many."""
    for _ in range(PATIENCE):
        if [held for _, _, held in asked(room, check)] == [replies]:
            return
        hand.page.wait_for_timeout(100)
    assert asked(room, check) == [(SECOND, "open", replies)]


def test_two_officers_fill_in_one_check_and_settle_what_differs(hands: tuple[Hand, Hand], room: PhoneRoom) -> None:
    lin, zhou = hands
    site = room.fresh()
    check = lin.begin(site)
    assert zhou.begin(site) == check, "两部手机不商量也是同一次检查"

    lin.fill_in(photo(81), photo(82))
    zhou.judge(SECOND, "conforming")
    zhou.measure(HEIGHT, "210")
    hand_in(zhou, "我看这一项没问题，示例")
    lin.sign()
    lin.seal()
    lin.receipt_shown()
    room.room.desk.run_outbox()
    assert asked(room, check) == [(SECOND, "open", 0)]

    answer(lin, "林检", sides_shown=2)
    replied(room, lin, check, 1)
    answer(zhou, "林检", sides_shown=3)  # with what 林 has answered
    replied(room, zhou, check, 2)
    expect(refreshed(zhou).page.get_by_role("button", name=re.compile("两人填的不一致"))).to_have_count(0)
    room.room.desk.run_outbox()
    assert [(item, replies) for item, _, replies in asked(room, check)] == [(SECOND, 2)]

    for hand in hands:
        sign_merge(hand)
    with room.house.unit(SYSTEM) as uow:
        named = select(Officer.uuid).where(Officer.name.in_(["林检", "周检"]))
        officers = sorted(str(uuid) for uuid in uow.session.scalars(named))
    for _ in range(PATIENCE):  # a signature is sent behind the screen
        if signatures(room, check) == officers:
            break
        zhou.page.wait_for_timeout(100)
    assert signatures(room, check) == officers
