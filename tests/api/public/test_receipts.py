"""公布的回执公钥、验回执的网页和程序。"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from server.config import SettingsError
from server.domain.receipts import PublishedKey
from server.formats.ed25519 import key_of
from server.keys import receipt_key, receipt_keys
from server.uow import House
from tests.api.desk import Desk, ok

SCRIPT = Path(__file__).parents[3] / "web" / "receipts" / "verify_receipt.py"


def test_the_present_key_is_published_first_and_earlier_ones_stay(desk: Desk, house: House) -> None:
    told = ok(desk.public().get("/receipt-keys"))["items"]
    assert [b64decode(row["public_key"]) for row in told] == [receipt_key(house.settings).public]
    before = key_of(bytes(32)).public
    security = replace(
        house.settings.security,
        receipt_key=b64encode(bytes(range(32))).decode(),
        receipt_keys_before=b64encode(before).decode(),
    )
    rotated = receipt_keys(replace(house.settings, security=security))
    assert rotated == (PublishedKey(key_of(bytes(range(32))).public), PublishedKey(before))


@pytest.mark.parametrize("text", ["x", "AAAA", b64encode(bytes(31)).decode()])
def test_a_key_that_cannot_be_used_is_named(house: House, text: str) -> None:
    security = replace(house.settings.security, receipt_key=text)
    with pytest.raises(SettingsError, match="RECEIPT_KEY"):
        receipt_key(replace(house.settings, security=security))


def test_the_key_file_is_for_the_owner_alone(house: House) -> None:
    receipt_key(house.settings)
    assert (house.settings.data / "receipt.key").stat().st_mode & 0o777 == 0o600


def test_the_page_and_the_program_are_there(desk: Desk) -> None:
    client = desk.client()
    page = client.get("/receipts", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    key = ok(desk.public().get("/receipt-keys"))["items"][0]
    assert key["public_key"] in page.text.replace("&#43;", "+")
    assert '<script type="module" src="/static/verify-receipt.js">' in page.text
    with client.get("/static/verify-receipt.js") as script:
        assert script.status_code == 200
    program = client.get("/verify_receipt.py")
    assert (program.data, program.mimetype) == (SCRIPT.read_bytes(), "text/x-python")
    assert client.get("/verify_receipt.py", headers={"If-None-Match": program.headers["ETag"]}).status_code == 304
