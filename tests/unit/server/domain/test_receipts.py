"""回执与时间戳：写法唯一，改一个字就不认，一种不能冒充另一种。"""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Invalid
from server.domain.receipts import (
    Held,
    Officer,
    PublishedKey,
    Receipt,
    canonical,
    instant_text,
    make_stamp,
    read_receipt,
    read_stamp,
    sign_receipt,
)
from server.formats.ed25519 import key_of, verify

SIGNER = key_of(bytes(range(32)))
KEY = PublishedKey(SIGNER.public)
OTHER = PublishedKey(key_of(bytes(32)).public)
AT = datetime(2026, 9, 21, 2, 0, 0, 123456, tzinfo=UTC)
CHECK = UUID(int=7)
PHOTO = Held(UUID(int=9), "a" * 64, AT + timedelta(hours=1), 1234, "RMC-01-01")
WHOLE = Receipt("示例局", CHECK, "b" * 64, AT, AT - timedelta(days=1), (Officer(UUID(int=1), "林检", "证1"),), (PHOTO,))


def test_the_text_is_canonical_and_says_what_is_held() -> None:
    signed = sign_receipt(WHOLE, KEY, SIGNER.sign)
    said = read_receipt(signed.receipt, signed.signature, KEY, verify)
    assert rfc8785.dumps(said).decode() == signed.receipt
    assert said["photos"] == [
        {
            "uuid": str(PHOTO.uuid),
            "sha256": "a" * 64,
            "arrived_at": "2026-09-21T03:00:00.123Z",
            "size": 1234,
            "item": "RMC-01-01",
        }
    ]
    assert (said["at"], said["complete"], signed.complete) == ("2026-09-21T03:00:00.123Z", True, True)
    assert sign_receipt(WHOLE, KEY, SIGNER.sign) == signed
    assert len(b64decode(signed.signature)) == 64


def test_it_is_complete_only_with_the_record_and_every_photo() -> None:
    assert not Receipt("局", CHECK, None, photos=(PHOTO,)).complete
    assert not Receipt("局", CHECK, "b" * 64, AT, missing=(UUID(int=3),)).complete
    assert Receipt("局", CHECK).at is None
    assert '"at":null' in Receipt("局", CHECK).text


def test_the_order_in_which_things_are_found_does_not_matter() -> None:
    other = Held(UUID(int=8), "c" * 64, AT)
    one = Receipt("局", CHECK, photos=(PHOTO, other), missing=(UUID(int=5), UUID(int=4)))
    two = Receipt("局", CHECK, photos=(other, PHOTO), missing=(UUID(int=4), UUID(int=5)))
    assert one.text == two.text


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_receipt_is_believed(place: int, by: int) -> None:
    signed = sign_receipt(WHOLE, KEY, SIGNER.sign)
    data = bytearray(signed.receipt.encode())
    data[place % len(data)] = (data[place % len(data)] + by) % 256
    with pytest.raises(Invalid, match="receipt-invalid"):
        read_receipt(data.decode(errors="replace"), signed.signature, KEY, verify)


@pytest.mark.parametrize("signature", ["", "!", "AAAA", "A" * 88])
def test_no_other_signature_is_believed(signature: str) -> None:
    with pytest.raises(Invalid, match="receipt-invalid"):
        read_receipt(WHOLE.text, signature, KEY, verify)


def test_nothing_else_signed_by_the_key_is_a_receipt() -> None:
    for value in ({"type": "zhijian/stamp/1"}, [], "x", {}):
        text = canonical(value)
        with pytest.raises(Invalid, match="receipt-invalid"):
            read_receipt(text, _signed(text), KEY, verify)
    spaced = WHOLE.text.replace(",", ", ", 1)
    with pytest.raises(Invalid, match="receipt-invalid"):
        read_receipt(spaced, _signed(spaced), KEY, verify)


def _signed(text: str) -> str:
    from base64 import b64encode

    return b64encode(SIGNER.sign(text.encode())).decode()


def test_an_instant_has_one_width() -> None:
    assert instant_text(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00.000Z"
    assert instant_text(datetime(2026, 1, 2, 8, tzinfo=timezone(timedelta(hours=8)))) == "2026-01-02T00:00:00.000Z"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS, lambda c: st.lists(c) | st.dictionaries(st.text("abcz_", max_size=5), c)))  # fmt: skip
def test_the_spelling_is_that_of_rfc_8785(value: object) -> None:
    assert canonical(value).encode() == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_a_key_is_named_by_its_digest() -> None:
    assert KEY.as_dict() == {"key_id": KEY.id, "public_key": KEY.as_dict()["public_key"], "algorithm": "Ed25519"}
    assert len(KEY.id) == 16
    assert KEY.id != OTHER.id


def test_a_stamp_says_when_and_of_what() -> None:
    token = make_stamp(AT, KEY, SIGNER.sign, {"check": str(CHECK)})
    said = read_stamp(token, [OTHER, KEY], verify)
    assert (said["check"], said["at"]) == (str(CHECK), AT.replace(microsecond=123000))
    assert make_stamp(AT, KEY, SIGNER.sign, {"check": str(CHECK)}) == token


@pytest.mark.parametrize("change", ["", ".", "x.y", "é.é", "A" * 5000, "..", "bnVsbA.AAAA", "W10.AAAA"])
def test_what_is_no_stamp_is_refused(change: str) -> None:
    with pytest.raises(Invalid, match="stamp-invalid"):
        read_stamp(change, [KEY], verify)


@given(st.integers(0, 2000), st.sampled_from("AZaz09-_.="))
def test_no_changed_stamp_is_believed(place: int, sign: str) -> None:
    token = make_stamp(AT, KEY, SIGNER.sign)
    place %= len(token)
    changed = token[:place] + sign + token[place + 1 :]
    if changed == token:
        return
    with pytest.raises(Invalid, match="stamp-invalid"):
        read_stamp(changed, [KEY], verify)


def test_a_receipt_is_no_stamp_and_an_unknown_key_no_key() -> None:
    from base64 import urlsafe_b64encode

    def token(data: bytes) -> str:
        return urlsafe_b64encode(data).decode().rstrip("=")

    text = canonical({"type": "zhijian/receipt/1", "at": instant_text(AT), "key_id": KEY.id}).encode()
    for fake in (f"{token(text)}.{token(SIGNER.sign(text))}", make_stamp(AT, OTHER, SIGNER.sign)):
        with pytest.raises(Invalid, match="stamp-invalid"):
            read_stamp(fake, [KEY], verify)
