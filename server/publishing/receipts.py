"""回执的公钥和验证程序：谁拿到一份回执，都能自己验。"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from schemas.public.receipts import ReceiptKeyList
from server.keys import receipt_keys
from server.uow import UnitOfWork

SCRIPT = Path(__file__).parents[2] / "web" / "receipts" / "verify_receipt.py"
SCRIPT_NAME = "verify_receipt.py"


def published_keys(uow: UnitOfWork) -> dict[str, Any]:
    """The keys that receipts were ever signed with, the present one first."""
    told: dict[str, Any] = ReceiptKeyList().dump({"items": [key.as_dict() for key in receipt_keys(uow.settings)]})
    return told


def read_script() -> bytes:
    """The program that verifies a receipt without this house."""
    return SCRIPT.read_bytes()
