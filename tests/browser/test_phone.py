"""手机应用在真的浏览器里：没有信号也能从打开做到封存，封存的一样不丢，一样不重发。"""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hand import FIRST, HEIGHT, SECOND, SETTINGS, Hand
from tests.factories.phone import PhoneRoom, phone_room
from tests.factories.photos import photo
from tests.people import PASSWORD

pytestmark = pytest.mark.slow

VERIFIER = str(Path(__file__).parents[2] / "web" / "receipts" / "verify_receipt.py")
BIG = (1600, 1200)
PIECE = 512 * 1024
RECEIVED = re.compile("平台已签收 · 回执 R-")
DAY_MS = 86_400_000
WRONG_CLOCK = """(() => {
  const Right = Date
  class Wrong extends Right {
    constructor(...given) {
      if (given.length) super(...given)
      else super(Right.now() + SHIFT)
    }
    static now() { return Right.now() + SHIFT }
  }
  globalThis.Date = Wrong
  const stamp = Object.getOwnPropertyDescriptor(GeolocationPosition.prototype, 'timestamp').get
  const late = { get() { return stamp.call(this) + SHIFT } }
  Object.defineProperty(GeolocationPosition.prototype, 'timestamp', late)
})()"""
CACHES = """async () => {
  for (let n = 0; n < 500 && (await caches.keys()).length > 1; n++) await new Promise((done) => setTimeout(done, 10))
  return (await caches.keys()).length
}"""
FULL = """(() => {
  const { add, put } = IDBObjectStore.prototype
  const guard = (inner) => function (...given) {
    if (globalThis.storageFull && this.name === 'bytes') throw new DOMException('no room', 'QuotaExceededError')
    return inner.apply(this, given)
  }
  Object.assign(IDBObjectStore.prototype, { add: guard(add), put: guard(put) })
})()"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhoneRoom]:
    with phone_room(tmp_path_factory.mktemp("phone")) as found:
        yield found


@pytest.fixture
def hand(browser: Browser, room: PhoneRoom) -> Iterator[Hand]:
    """A fresh phone; no script may fail and nothing may break the content policy."""
    room.switch.faults.clear()
    room.switch.down = False
    found = Hand(browser.new_context(**SETTINGS), room.url)
    yield found
    room.switch.down = False
    assert found.said == []
    found.context.close()


def once_and_whole(room: PhoneRoom, check: UUID, pictures: list[bytes], digest: str) -> None:
    """The server has this very record and these very bytes, and took no byte twice."""
    kept = room.check(check)
    assert kept is not None
    assert kept.digest_sha256 == digest
    found = room.photos(check)
    shots = [room.stored_bytes(p) for p in found if p.media_type == "image/jpeg"]
    assert sorted(shots) == sorted(pictures)
    assert len(found) == len(pictures) + 3, "三份签名图"
    for one in found:
        edge = 0
        for begin, end in room.accepted(one.uuid):
            assert begin == edge
            edge = end
        assert edge == one.size


def heavy(seed: int) -> bytes:
    """A photo that goes in three pieces: a picture, and what some phones leave behind its end."""
    return photo(seed) + random.Random(seed).randbytes(PIECE * 5 // 2)


def test_cold_start_without_network_to_the_receipt(hand: Hand, room: PhoneRoom) -> None:
    hand.sign_in()
    hand.page.close()
    hand.offline()
    room.switch.down = True
    hand.open("/", hand.context.new_page())
    expect(hand.page.get_by_role("heading", level=1)).to_have_text("今日抽查")
    expect(hand.page.get_by_role("button", name="离线", exact=True)).to_be_visible()
    pictures = [photo(n, size=BIG, place=(121.7166, 29.9489)) for n in (1, 2)]
    check = hand.begin(room.fresh())
    hand.fill_in(*pictures)
    hand.sign()
    digest = hand.seal()
    expect(hand.page.get_by_text(re.compile("已封存在本机，等待上传"))).to_be_visible()
    assert room.check(check) is None

    hand.page.close()
    hand.open("/queue", hand.context.new_page())
    expect(hand.page.get_by_text("等待上传 · 手机短表（示例）")).to_be_visible()
    room.switch.down = False
    hand.offline(False)
    expect(hand.page.get_by_text(RECEIVED)).to_be_visible()
    hand.page.get_by_role("button", name="签收回执").click()
    expect(hand.page.get_by_text("平台已签收，内容与本机一致")).to_be_visible()
    expect(hand.page.get_by_text("平台签名已验证")).to_be_visible()
    expect(hand.page.get_by_text("签收照片 5 张")).to_be_visible()
    once_and_whole(room, check, pictures, digest)


def test_busy_server_and_lost_answers_send_nothing_twice(hand: Hand, room: PhoneRoom) -> None:
    hand.sign_in()
    room.switch.trouble("PATCH", "/uploads/", "busy", skip=1)
    room.switch.trouble("PATCH", "/uploads/", "lost", skip=2)
    room.switch.trouble("POST", "/sync/envelopes$", "lost")
    pictures = [heavy(11)]
    check = hand.begin(room.fresh())
    hand.fill_in(*pictures)
    hand.sign()
    digest = hand.seal()
    hand.receipt_shown()
    assert [f.times for f in room.switch.faults] == [0, 0, 0]
    once_and_whole(room, check, pictures, digest)


def test_sign_in_expires_while_the_queue_is_full(hand: Hand, room: PhoneRoom) -> None:
    hand.sign_in()
    hand.offline()
    made = []
    for seed in (21, 22):
        hand.open("/")
        pictures = [photo(seed, size=BIG)]
        check = hand.begin(room.fresh())
        hand.fill_in(*pictures)
        hand.sign()
        made.append((check, pictures, hand.seal()))
    hand.page.get_by_role("button", name="上传与本机存储", exact=True).click()
    expect(hand.page.get_by_text("等待上传 · 手机短表（示例）")).to_have_count(2)

    room.expire_tokens()
    hand.offline(False)
    expect(hand.page.get_by_text("登录已过期。重新登录后接着上传，本机资料不受影响。")).to_be_visible()
    expect(hand.page.get_by_text(re.compile("等待上传 · "))).to_have_count(2)
    hand.page.reload()
    expect(hand.page.get_by_text(re.compile("等待上传 · "))).to_have_count(2)
    assert room.check(made[0][0]) is None
    hand.page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(hand.page.get_by_label("账号")).to_have_value("lin")
    hand.page.locator("#password").fill(PASSWORD)
    hand.page.get_by_role("button", name="登录").click()
    hand.page.get_by_role("button", name=re.compile("在线")).click()
    expect(hand.page.get_by_text(RECEIVED)).to_have_count(2)
    for check, pictures, digest in made:
        once_and_whole(room, check, pictures, digest)


@pytest.mark.parametrize(("days", "words"), [(1, "快约 24 小时"), (-1, "往回拨过")])
def test_clock_of_the_phone_is_wrong_by_a_day(hand: Hand, room: PhoneRoom, days: int, words: str) -> None:
    hand.context.add_init_script(WRONG_CLOCK.replace("SHIFT", str(days * DAY_MS)))
    hand.sign_in()
    expect(hand.page.get_by_text(re.compile(f"手机的钟.*{words}"))).to_be_visible()
    pictures = [photo(31 + days, size=BIG)]
    check = hand.begin(room.fresh())
    hand.fill_in(*pictures)
    hand.sign()
    digest = hand.seal()
    hand.receipt_shown()
    once_and_whole(room, check, pictures, digest)
    kept = room.check(check)
    assert kept is not None
    assert abs(abs(kept.clock_offset_s) - 86_400) < 300


def test_full_storage_says_so_and_keeps_no_half_photo(hand: Hand, room: PhoneRoom) -> None:
    hand.context.add_init_script(FULL)
    hand.sign_in()
    hand.begin(room.fresh())
    hand.offline()
    page, picture = hand.page, photo(41, size=BIG)
    page.evaluate("() => { globalThis.storageFull = true }")
    hand.pick(FIRST, picture)
    expect(page.get_by_text("本机存储已满，1 张照片还没有存上")).to_be_visible()
    expect(hand.item(FIRST).locator(".tile")).to_have_count(0)
    assert hand.stored() == []
    hand.judge(SECOND)
    page.get_by_role("button", name="重新存到本机").click()
    expect(page.get_by_text("仍然存不下。")).to_be_visible()

    page.evaluate("() => { globalThis.storageFull = false }")
    page.get_by_role("button", name="重新存到本机").click()
    expect(hand.item(FIRST).locator(".tile")).to_have_count(1)
    expect(page.get_by_text("本机存储已满")).to_have_count(0)
    assert hand.stored() == [sha256(picture).hexdigest()]
    page.reload()
    expect(hand.item(FIRST).locator(".tile")).to_have_count(1)
    expect(hand.item(SECOND).locator("label.conforming input")).to_be_checked()


def test_two_tabs_show_the_same_and_send_once(hand: Hand, room: PhoneRoom) -> None:
    hand.sign_in()
    pictures = [heavy(51), photo(52, size=BIG)]
    check = hand.begin(room.fresh())
    other = hand.context.new_page()
    other.goto(hand.page.url)
    hand.page.bring_to_front()
    hand.fill_in(*pictures)
    expect(other.locator(f'[id="{FIRST}"] .tile')).to_have_count(2)
    expect(other.locator(f'[id="{SECOND}"] label.failing input')).to_be_checked()
    hand.sign()
    digest = hand.seal()
    expect(other.get_by_text("已封存 · 手机短表（示例）")).to_be_visible()
    other.get_by_role("button", name="上传与本机存储", exact=True).click()
    hand.receipt_shown()
    expect(other.get_by_text(RECEIVED)).to_be_visible()
    once_and_whole(room, check, pictures, digest)


def test_a_new_release_waits_for_the_form_and_keeps_the_draft(hand: Hand, room: PhoneRoom) -> None:
    hand.sign_in()
    hand.begin(room.fresh())
    hand.judge(FIRST)
    picture = photo(61, size=BIG)
    hand.shoot(FIRST, picture)
    room.switch.release_no = 2
    hand.page.evaluate("""async () => {
      const registration = await navigator.serviceWorker.getRegistration('/app/')
      await registration.update()
      const coming = registration.installing ?? registration.waiting
      while (coming.state !== 'installed') await new Promise((done) => coming.addEventListener('statechange', done))
    }""")
    expect(hand.page.get_by_text("新版本")).to_have_count(0)
    hand.judge(SECOND)
    hand.page.get_by_role("button", name="返回").click()
    expect(hand.page.get_by_text("新版本")).to_be_visible()
    release = hand.page.locator('meta[name="release"]')
    expect(release).to_have_count(0)
    with hand.page.expect_navigation():
        hand.page.get_by_role("button", name="现在换").click()
    expect(release).to_have_attribute("content", "2")
    expect(hand.page.get_by_role("button", name=re.compile("^接着填"))).to_be_visible()
    assert hand.page.evaluate(CACHES) == 1
    hand.page.get_by_role("button", name=re.compile("^接着填")).click()
    expect(hand.item(FIRST).locator("label.conforming input")).to_be_checked()
    expect(hand.item(SECOND).locator("label.conforming input")).to_be_checked()
    expect(hand.item(FIRST).locator(".tile")).to_have_count(1)
    assert hand.stored() == [sha256(picture).hexdigest()]


def test_a_refusal_reported_without_signal_reaches_the_desk_with_its_photo(
    hand: Hand, room: PhoneRoom, tmp_path: Path
) -> None:
    hand.sign_in()
    site, picture = room.fresh(), photo(71, size=BIG)
    hand.offline()
    room.switch.down = True
    page = hand.page
    page.get_by_role("button", name=re.compile(site)).click()
    page.get_by_role("button", name="无法检查").click()
    sheet = page.get_by_role("dialog", name="无法检查")
    send = sheet.get_by_role("button", name="记下并上传")
    sheet.get_by_text("不配合检查", exact=True).click()
    expect(send).to_be_disabled()  # neither a photo nor words of two officers yet
    with page.expect_file_chooser() as chooser:
        sheet.get_by_role("button", name="拍照").click()
    chooser.value.set_files([{"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": picture}])
    expect(sheet.get_by_text("照片 1")).to_be_visible()
    sheet.get_by_label("情况说明").fill("门卫不让进，示例")
    send.click()
    expect(sheet).to_have_count(0)
    hand.open("/queue", hand.context.new_page())
    expect(hand.page.get_by_text("等待上传 · 不配合检查")).to_be_visible()
    assert hand.stored() == [sha256(picture).hexdigest()]
    room.switch.down = False
    hand.offline(False)
    expect(hand.page.get_by_text(re.compile("平台已签收 · 不配合检查 · 回执 R-"))).to_be_visible()
    steps = [step for step in room.steps(site) if step.act == "refused"]
    assert [(step.reason, len(step.evidence)) for step in steps] == [("门卫不让进，示例", 1)]
    shown = room.photo(UUID(steps[0].evidence[0]))
    assert room.stored_bytes(shown) == picture
    assert hand.stored() == [sha256(picture).hexdigest()], "签收之后再留七天"
    verify_kept_receipt(hand, tmp_path, picture)


def verify_kept_receipt(hand: Hand, folder: Path, picture: bytes) -> None:
    """The receipt as the officer keeps it, with the photo beside it, before the script that anybody may run."""
    with hand.page.expect_download() as kept:
        hand.page.get_by_role("button", name="导出回执").click()
    kept.value.save_as(folder / "receipt.json")
    (folder / "photos").mkdir()
    (folder / "photos" / "any name.jpg").write_bytes(picture)
    keys = hand.context.request.get(f"{hand.url}/api/v1/public/receipt-keys").json()["items"]
    words = [folder / "receipt.json", "--key", keys[0]["public_key"], "--photos", folder / "photos"]
    done = subprocess.run(
        [sys.executable, "-I", VERIFIER, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "报告 " in done.stdout
    assert "照片 1 张，还缺 0 张" in done.stdout


def test_a_phone_whose_camera_closes_the_page_takes_its_photos_inside_it(browser: Browser, room: PhoneRoom) -> None:
    """Chromium's own test picture stands before the lens."""
    permitted = {**SETTINGS, "permissions": ["geolocation", "camera"]}
    hand = Hand(browser.new_context(**permitted), room.url)
    hand.sign_in()
    hand.open("/settings").get_by_text("页内相机", exact=True).click()
    hand.open("/")
    check = hand.begin(room.fresh())
    hand.judge(FIRST)
    for count in (1, 2):
        hand.item(FIRST).get_by_role("button", name=re.compile("拍照$")).first.click()
        finder = hand.page.get_by_role("dialog", name="拍照")
        expect(finder.get_by_label("取景")).to_be_visible()
        finder.get_by_role("button", name="拍照").click()
        sheet = hand.page.get_by_role("dialog")
        expect(sheet.get_by_text("校验")).to_be_visible()
        expect(sheet.get_by_text("页内相机")).to_be_visible()
        sheet.get_by_role("button", name="完成").click()
        expect(hand.item(FIRST).locator(".tile")).to_have_count(count)
    hand.judge(SECOND, "failing")
    hand.measure(HEIGHT, "210")
    pictures = sorted(hand.stored())
    hand.sign()
    hand.seal()
    hand.receipt_shown()
    found = [p for p in room.photos(check) if p.item_code == FIRST]
    assert sorted(p.sha256 for p in found) == pictures
    assert {p.announced["source"] for p in found} == {"in_page"}
    assert hand.said == []
    hand.context.close()
