"""Digest 认证的算法（RFC 2617 的例子）和不用存的一次性数。"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.errors import Unidentified
from server.domain.odk import DigestClaim, collect_settings, ha1, md5_hex, new_nonce, nonce_state

AT = datetime(2026, 9, 21, 2, 0, tzinfo=UTC)
KEY = b"k" * 32
# RFC 2617, 3.5: the request by "Mufasa" with the password "Circle Of Life".
RFC = (
    'username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", '
    'qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", '
    'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)


def test_the_example_of_the_rfc() -> None:
    claim = DigestClaim.parse(RFC)
    right = md5_hex("Mufasa:testrealm@host.com:Circle Of Life")
    assert claim.fits(right, "GET")
    assert not claim.fits(right, "POST")
    assert not claim.fits(ha1("Mufasa", "Circle Of Life"), "GET")


@pytest.mark.parametrize(
    "header", ["", "username=x", RFC + ", algorithm=SHA-256", RFC.replace("qop=auth", "qop=auth-int")]
)
def test_what_cannot_be_judged_is_refused(header: str) -> None:
    with pytest.raises(Unidentified):
        DigestClaim.parse(header)


def test_a_nonce_is_fresh_then_stale_and_never_somebody_elses() -> None:
    nonce = new_nonce(KEY, AT)
    assert nonce_state(KEY, nonce, AT + timedelta(minutes=4)) == "fresh"
    assert nonce_state(KEY, nonce, AT + timedelta(minutes=6)) == "stale"
    assert nonce_state(b"x" * 32, nonce, AT) == "foreign"
    assert nonce_state(KEY, "1" + nonce, AT) == "foreign"
    assert nonce_state(KEY, "", AT) == "foreign"


def test_settings_always_hold_both_objects() -> None:
    said = collect_settings("https://zhijian.example/odk/v1/key/x/projects/330211", "质鉴")
    assert set(said) == {"general", "admin", "project"}
