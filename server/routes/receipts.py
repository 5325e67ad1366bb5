"""收讫与检查的写法。"""

from __future__ import annotations

from typing import Any

from server.services.slots import is_complete, slot_state


def slot_rows(check: Any) -> list[dict[str, Any]]:
    return [{"photo": s.photo_uuid, "item": s.item_code, "state": slot_state(s)} for s in check.slots]


def receipt_of(check: Any) -> dict[str, Any]:
    """What the server has committed of one check."""
    return {
        "uuid": check.uuid,
        "digest_sha256": check.digest_sha256,
        "received_at": check.received_at,
        "state": check.state,
        "complete": is_complete(check.slots),
        "slots": slot_rows(check),
    }
