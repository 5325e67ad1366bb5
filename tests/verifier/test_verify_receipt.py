"""陌生人的验证程序：真回执通过，改过的、缺照片的、换了钥匙的都说得出哪里不符。"""

from __future__ import annotations

import json
import runpy
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
import rfc8785

from server.domain.receipts import Held, Officer, PublishedKey, Receipt, sign_receipt
from server.formats.ed25519 import key_of, verify

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "web" / "receipts" / "verify_receipt.py"), run_name="script")
SIGNER = key_of(bytes(range(32)))
KEY = b64encode(SIGNER.public).decode()
RECORD = {"remarks": "现场正常", "answers": [{"item_code": "RMC-01-01", "value": "0.03"}]}
BYTES = b"\xff\xd8 a photo"
AT = datetime(2026, 9, 21, 2, 0, tzinfo=UTC)


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    made = Receipt(
        "示例局",
        UUID(int=7),
        sha256(rfc8785.dumps(RECORD)).hexdigest(),
        AT,
        officers=(Officer(UUID(int=1), "林检", "证1"),),
        photos=(Held(UUID(int=9), sha256(BYTES).hexdigest(), AT, len(BYTES)),),
    )
    signed = sign_receipt(made, PublishedKey(SIGNER.public), SIGNER.sign)
    told = {"receipt": signed.receipt, "signature": signed.signature, "key_id": signed.key_id}
    (tmp_path / "receipt.json").write_text(json.dumps(told), encoding="utf-8")
    (tmp_path / "record.json").write_text(json.dumps(RECORD), encoding="utf-8")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "IMG_1.jpg").write_bytes(BYTES)
    return tmp_path


def run(folder: Path, *more: str, key: str = KEY) -> int:
    found: int = SCRIPT["main"]([str(folder / "receipt.json"), "--key", key, *more])
    return found


def everything(folder: Path) -> list[str]:
    return ["--record", str(folder / "record.json"), "--photos", str(folder / "photos")]


def test_a_true_receipt_fits(receipt: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(receipt, *everything(receipt)) == 0
    told = capsys.readouterr().out
    assert told.count("相符  ") == 5
    assert "不符" not in told


def test_another_key_does_not_fit(receipt: Path) -> None:
    assert run(receipt, key=b64encode(key_of(bytes(32)).public).decode()) == 1


@pytest.mark.parametrize("what", ["receipt", "signature"])
def test_a_changed_receipt_does_not_fit(receipt: Path, what: str) -> None:
    told = json.loads((receipt / "receipt.json").read_text())
    told[what] = told[what].replace("示例局", "别的局") if what == "receipt" else b64encode(bytes(64)).decode()
    (receipt / "receipt.json").write_text(json.dumps(told))
    assert run(receipt) == 1


def test_another_record_or_photo_does_not_fit(receipt: Path) -> None:
    (receipt / "photos" / "IMG_1.jpg").write_bytes(BYTES + b".")
    assert run(receipt, *everything(receipt)) == 1
    (receipt / "photos" / "IMG_1.jpg").write_bytes(BYTES)
    (receipt / "record.json").write_text(json.dumps({**RECORD, "remarks": ""}))
    assert run(receipt, *everything(receipt)) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"receipt": 1, "signature": "!"}'])
def test_what_cannot_be_read_is_said(receipt: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (receipt / "receipt.json").write_text(text)
    assert run(receipt) == 2
    assert capsys.readouterr().out.startswith("读不出")


def test_its_own_ed25519_is_the_standard_one() -> None:
    for n in (1,):
        signer, message = key_of(bytes([n]) * 32), bytes(n * 40)
        signature = signer.sign(message)
        for key, told in ((signer.public, signature), (signer.public, signature[:-1] + b"\1"), (bytes(32), signature)):
            assert SCRIPT["signed"](key, told, message) is verify(key, told, message)
