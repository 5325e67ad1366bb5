"""Verifying a pasted receipt in a real browser under the real content policy: true ones hold, changed ones do not."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from server.app import create_app
from server.config import Settings
from server.domain.receipts import Held, PublishedKey, Receipt, sign_receipt
from server.formats.ed25519 import key_of
from server.keys import receipt_key
from tests.browser.chromium import FLAGS, chromium
from tests.factories.databases import settings_for

pytestmark = pytest.mark.slow

AT = datetime(2026, 9, 21, 2, 0, tzinfo=UTC)
BYTES = b"\xff\xd8 a photo"
PHOTO = Held(UUID(int=9), sha256(BYTES).hexdigest(), AT, len(BYTES))


@dataclass(frozen=True)
class Site:
    """A running house without any record: the page needs none."""

    address: str
    settings: Settings

    def receipt(self, **changes: str) -> str:
        """What a phone holds of a check, signed by the published key, then changed."""
        made = Receipt("示例局", UUID(int=7), "b" * 64, AT, photos=(PHOTO,), missing=(UUID(int=3),))
        return self.signed(made, **changes)

    def signed(self, made: Receipt, **changes: str) -> str:
        signer = receipt_key(self.settings)
        signed = sign_receipt(made, PublishedKey(signer.public), signer.sign)
        return json.dumps({"receipt": signed.receipt, "signature": signed.signature, "key_id": signed.key_id} | changes)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("receipts")
    settings = settings_for(f"sqlite:///{folder / 'empty.db'}", folder)
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", settings)
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        found = browser.new_page(locale="zh-CN")
        said: list[str] = []
        found.on("pageerror", lambda error: said.append(str(error)))
        yield found
        browser.close()
    assert said == []


def verify(page: Page, site: Site, text: str, *photos: Path) -> list[str]:
    page.goto(f"{site.address}/receipts")
    page.locator("#text").fill(text)
    page.locator("#files").set_input_files([str(photo) for photo in photos])
    page.get_by_role("button", name="核对").click()
    rows = page.locator("#told li")
    expect(rows.first).to_be_visible()
    page.wait_for_function("document.querySelector('#told').dataset.done === 'yes'")
    return rows.all_inner_texts()


def test_a_true_receipt_holds_and_files_are_found_on_it(page: Page, site: Site, tmp_path: Path) -> None:
    mine, other = tmp_path / "IMG_1.jpg", tmp_path / "IMG_2.jpg"
    mine.write_bytes(BYTES)
    other.write_bytes(BYTES + b".")
    told = verify(page, site, site.receipt(), mine, other)
    assert [line.split("　")[0] for line in told] == ["相符", "相符", "相符", "相符", "未核对", "相符", "不相符"]
    assert "IMG_2.jpg：不在回执上" in told[-1]


def test_a_reports_receipt_names_the_report(page: Page, site: Site) -> None:
    report = Held(UUID(int=8), "c" * 64, AT, 300)
    told = verify(page, site, site.signed(Receipt("示例局", report.uuid, photos=(PHOTO,), reports=(report,))))
    assert [line.split("　")[0] for line in told] == ["相符"] * 5
    assert told[2:4] == [
        f"相符　报告 {report.uuid}，签发机关 示例局",
        f"相符　报告 {report.sha256}，2026-09-21T02:00:00.000Z 到达",
    ]


def test_a_changed_one_does_not(page: Page, site: Site) -> None:
    text = json.loads(site.receipt())["receipt"]
    assert "不相符　签名不对，或内容被改过" in verify(
        page, site, site.receipt(receipt=text.replace("示例局", "别的局"))
    )
    stranger = key_of(bytes(32))
    forged = {
        "signature": b64encode(stranger.sign(text.encode())).decode(),
        "key_id": PublishedKey(stranger.public).id,
    }
    assert verify(page, site, site.receipt(**forged)) == ["不相符　钥匙不在公布的名单里"]
    assert "不相符　签名不对，或内容被改过" in verify(page, site, site.receipt(signature=forged["signature"]))
    assert verify(page, site, "{") == ["不相符　贴上的不是完整的回执"]
