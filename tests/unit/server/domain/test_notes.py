"""签名的便条：C2SP 的例子验得过，差一个字、一位、一把钥匙都验不过。"""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Invalid
from server.domain.notes import Checkpoint, Verifier, open_note, read_checkpoint, read_verifier, sign_note, usable_name
from server.formats.ed25519 import key_of, verify

KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
TEXT = "This is an example message.\n"
SIGNED = (
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
)
NOTE = f"{TEXT}\n{SIGNED}\n"
OURS = key_of(bytes(range(32)))
US = Verifier("zhijian.example/log", OURS.public)


def refused(note: str, verifier: Verifier = US) -> None:
    with pytest.raises(Invalid) as told:
        open_note(note, verifier, verify)
    assert told.value.code == "note-invalid"


def test_the_published_example() -> None:
    verifier = read_verifier(KEY)
    assert (verifier.name, verifier.id.hex(), str(verifier)) == ("example.com/foo", "530d903a", KEY)
    assert open_note(NOTE, verifier, verify) == TEXT


def test_the_published_example_changed() -> None:
    verifier = read_verifier(KEY)
    refused(NOTE.replace("example message", "Example message"), verifier)
    refused(NOTE.replace("IneyaQM=", "IneyaQQ="), verifier)
    refused(NOTE.replace("example.com/foo", "example.com/bar"), verifier)


def test_what_is_signed_opens() -> None:
    text = Checkpoint(US.name, 5, bytes(32)).text
    note = sign_note(text, US, OURS.sign)
    assert open_note(note, US, verify) == text
    assert note == sign_note(text, US, OURS.sign)


def test_signatures_of_others_are_passed_over() -> None:
    other = Verifier("journal.example/witness", key_of(bytes(32)).public)
    note = sign_note(TEXT, US, OURS.sign)
    both = note + sign_note(TEXT, other, key_of(bytes(32)).sign).split("\n\n")[1]
    assert open_note(both, US, verify) == open_note(both, other, verify) == TEXT
    refused(note, other)


def test_a_wrong_signature_under_our_key_spoils_the_note() -> None:
    note = sign_note(TEXT, US, OURS.sign)
    line = f"— {US.name} {b64encode(US.id + bytes(64)).decode()}\n"
    refused(note + line)


def test_a_text_with_an_empty_line_is_parted_at_the_last_one() -> None:
    text = "a\n\nb\n"
    assert open_note(sign_note(text, US, OURS.sign), US, verify) == text


@pytest.mark.parametrize(
    "note",
    ["", TEXT, f"{TEXT}\n", f"{TEXT}\n{SIGNED}", f"{TEXT}{SIGNED}\n", f"{TEXT}\n{SIGNED.replace('—', '-')}\n", f"{TEXT}\n— a b\n", f"{TEXT}\n— a+b YWFhYWE=\n",
     f"{TEXT}\n—  YWFhYWE=\n", f"{TEXT}\n— a YQ==\n", f"{TEXT}\n— a YWFhYWF\n", f"{TEXT}\n— a YWFhYWF=\n", "a\rb\n\n" + SIGNED + "\n", f"{TEXT}\n" + (SIGNED + "\n") * 101],
)  # fmt: skip
def test_malformed_notes_are_refused(note: str) -> None:
    refused(note, read_verifier(KEY))


@pytest.mark.parametrize("text", ["", "no end", "a\tb\n", "\ud800\n"])
def test_a_text_no_note_can_carry_is_not_signed(text: str) -> None:
    with pytest.raises(Invalid):
        sign_note(text, US, OURS.sign)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b", "a\nb", "a\u200bb"])
def test_names_a_signer_cannot_have(name: str) -> None:
    assert not usable_name(name)
    with pytest.raises(Invalid):
        sign_note(TEXT, Verifier(name, OURS.public), OURS.sign)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "a",
        KEY.replace("530d903a", "530d903b"),
        KEY.replace("foo", "fo"),
        KEY[:-4],
        KEY.replace("+Aek", "+Bek"),
        "+" + KEY.partition("+")[2],
    ],
)
def test_malformed_keys_are_refused(key: str) -> None:
    with pytest.raises(Invalid):
        read_verifier(key)


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_checkpoints_come_back(size: int, root: bytes) -> None:
    point = Checkpoint("zhijian.example/log", size, root)
    assert read_checkpoint(point.text) == point
    assert read_checkpoint(point.text + "一行附言\n") == point


@pytest.mark.parametrize("size", ["", "-1", "01", "1.0", " 1", "９", str(2**63)])
def test_odd_sizes_are_refused(size: str) -> None:
    with pytest.raises(Invalid):
        read_checkpoint(f"a\n{size}\n{b64encode(bytes(32)).decode()}\n")


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "\n1\nAAAA\n", "a\n1\nAAAA\n", f"a\n1\n{b64encode(bytes(32)).decode()}"]
)
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_checkpoint(text)
