"""Drafting, review, two signatures, publication, correction and withdrawal."""

from datetime import UTC, datetime

import pytest

from server.domain.bulletin_workflow import (
    BulletinState,
    Passage,
    correct_bulletin,
    edit_bulletin,
    publish_bulletin,
    return_bulletin,
    review_bulletin,
    sign_bulletin,
    submit_bulletin,
    withdraw_bulletin,
)
from server.domain.errors import Conflict, Invalid, Refused

AT = datetime(2026, 10, 12, 2, tzinfo=UTC)
SHA = "a" * 64
NUMBER = "示市住建通[2026]12号"


def submitted(*drafters: str) -> Passage:
    return submit_bulletin(Passage(frozenset(drafters or ("chen",))), by="chen", at=AT, content_sha256=SHA)


def reviewed(*drafters: str) -> Passage:
    return review_bulletin(submitted(*drafters), by="fang", at=AT, content_sha256=SHA)


def signed() -> Passage:
    once = sign_bulletin(reviewed(), by="li", at=AT, content_sha256=SHA)
    return sign_bulletin(once, by="wang", at=AT, content_sha256=SHA)


def test_the_whole_way() -> None:
    published = publish_bulletin(signed(), by="zhao", at=AT, number=NUMBER, content_sha256=SHA)
    assert published.state is BulletinState.PUBLISHED
    assert published.number == "示市住建通〔2026〕12号"
    assert published.signed_by == ("li", "wang")
    assert [step.action for step in published.steps] == ["submit", "review", "sign", "sign", "publish"]
    withdrawn = withdraw_bulletin(published, by="zhao", at=AT, reason="附件一览表有误")
    corrected = correct_bulletin(published, by="zhao", at=AT, reason="附件一览表有误", replaced_by="b-2")
    assert withdrawn.state is BulletinState.WITHDRAWN
    assert (corrected.state, corrected.replaced_by) == (BulletinState.CORRECTED, "b-2")


def test_one_signature_is_not_enough() -> None:
    once = sign_bulletin(reviewed(), by="li", at=AT, content_sha256=SHA)
    assert once.state is BulletinState.REVIEWED
    with pytest.raises(Conflict) as caught:
        publish_bulletin(once, by="zhao", at=AT, number=NUMBER, content_sha256=SHA)
    assert caught.value.code == "bulletin-state-forbids"
    with pytest.raises(Conflict) as caught:
        sign_bulletin(once, by="li", at=AT, content_sha256=SHA)
    assert caught.value.code == "already-signed-by-you"


def test_the_reviewer_is_not_a_drafter() -> None:
    edited = edit_bulletin(Passage(frozenset({"chen"})), by="fang", at=AT)
    sent = submit_bulletin(edited, by="chen", at=AT, content_sha256=SHA)
    with pytest.raises(Refused) as caught:
        review_bulletin(sent, by="fang", at=AT, content_sha256=SHA)
    assert caught.value.code == "reviewer-is-drafter"


def test_two_drafters_cannot_sign_alone() -> None:
    once = sign_bulletin(reviewed("chen", "li"), by="chen", at=AT, content_sha256=SHA)
    with pytest.raises(Refused) as caught:
        sign_bulletin(once, by="li", at=AT, content_sha256=SHA)
    assert caught.value.code == "signer-is-drafter"
    assert sign_bulletin(once, by="wang", at=AT, content_sha256=SHA).state is BulletinState.SIGNED


def test_what_was_sent_is_what_is_reviewed_signed_and_published() -> None:
    other = "b" * 64
    for act in (
        lambda: review_bulletin(submitted(), by="fang", at=AT, content_sha256=other),
        lambda: sign_bulletin(reviewed(), by="li", at=AT, content_sha256=other),
        lambda: publish_bulletin(signed(), by="zhao", at=AT, number=NUMBER, content_sha256=other),
    ):
        with pytest.raises(Conflict) as caught:
            act()
        assert caught.value.code == "bulletin-changed"


def test_a_return_voids_review_and_signatures() -> None:
    once = sign_bulletin(reviewed(), by="li", at=AT, content_sha256=SHA)
    back = return_bulletin(once, by="wang", at=AT, reason="案例二依据待核")
    assert back.state is BulletinState.DRAFTING
    assert (back.content_sha256, back.reviewed_by, back.signed_by) == ("", "", ())
    with pytest.raises(Invalid):
        return_bulletin(submitted(), by="fang", at=AT, reason="不行")
    with pytest.raises(Conflict):
        return_bulletin(signed(), by="fang", at=AT, reason="案例二依据待核")


def test_submitted_text_cannot_be_edited() -> None:
    with pytest.raises(Conflict) as caught:
        edit_bulletin(submitted(), by="chen", at=AT)
    assert caught.value.code == "bulletin-state-forbids"


def test_a_publication_needs_a_proper_number() -> None:
    with pytest.raises(Invalid) as caught:
        publish_bulletin(signed(), by="zhao", at=AT, number="12号", content_sha256=SHA)
    assert caught.value.code == "document-number-invalid"
