"""公布的公钥：三样，多一样也没有。"""

from __future__ import annotations

from base64 import b64decode

from schemas.public.receipts import ReceiptKeyList, ReceiptKeySchema
from server.domain.receipts import PublishedKey

KEY = PublishedKey(bytes(range(32)))


def test_the_fields_that_may_leave() -> None:
    assert sorted(ReceiptKeySchema().fields) == ["algorithm", "key_id", "public_key"]


def test_a_key_is_told_whole() -> None:
    told = ReceiptKeyList().dump({"items": [{**KEY.as_dict(), "seed": "secret"}]})
    assert told == {"items": [KEY.as_dict()]}
    assert b64decode(told["items"][0]["public_key"]) == KEY.public
