"""The checker's own cryptography: published vectors of RFC 8032, RFC 6962 and signed notes, and a second opinion."""

from base64 import b64decode
from hashlib import sha256
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.merkle import inclusion_proof, lookup_in
from tests.verifier.simulated import path, subtree
from tests.verifier.test_verify_roster import SCRIPT_MODULE as SCRIPT

# RFC 8032 section 7.1, tests 1 to 3: public key, message, signature.
SIGNED = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
NOTE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE_LINE = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]


@pytest.mark.parametrize(("key", "message", "signature"), SIGNED)
def test_rfc_8032(key: str, message: str, signature: str) -> None:
    told, signed, text = bytes.fromhex(key), bytes.fromhex(signature), bytes.fromhex(message)
    assert SCRIPT.ed25519(told, signed, text)
    assert not SCRIPT.ed25519(told, signed, text + b"x")


@settings(max_examples=15, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=60), st.integers(0, 511))
def test_signatures_as_a_library_makes_them(seed: bytes, text: bytes, flipped: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), key.sign(text)
    assert SCRIPT.ed25519(public, signature, text)
    bad = bytearray(signature)
    bad[flipped // 8] ^= 1 << flipped % 8
    try:
        assert not SCRIPT.ed25519(public, bytes(bad), text)
    except ValueError:
        assert flipped < 256  # R is no longer a point


def test_a_scalar_beyond_the_order_is_refused() -> None:
    key, message, signature = (bytes.fromhex(part) for part in SIGNED[0])
    scalar = int.from_bytes(signature[32:], "little") + SCRIPT.ORDER
    assert not SCRIPT.ed25519(key, signature[:32] + scalar.to_bytes(32, "little"), message)


def test_signed_note_of_c2sp() -> None:
    key, signed = b64decode(NOTE_KEY.split("+", 2)[2]), b64decode(NOTE_LINE)
    assert SCRIPT.ed25519(key[1:], signed[4:], b"This is an example message.\n")
    assert sha256(b"example.com/foo\n" + key).digest()[:4] == signed[:4] == bytes.fromhex("530d903a")
    note = f"This is an example message.\n\n— example.com/foo {NOTE_LINE}\n".encode()
    with pytest.raises(SCRIPT.Bad) as caught:  # a good signature, but the text is no checkpoint of that name
        SCRIPT.check_signature(SimpleNamespace(files={"log/key": NOTE_KEY.encode(), "log/checkpoint": note}, key=None))
    assert caught.value.code == "log-signature-invalid"


def test_published_roots() -> None:
    leaves = [sha256(b"\x00" + bytes.fromhex(leaf)).digest() for leaf in ("", "00", "10", "2021")]
    assert [SCRIPT.tree_root(leaves[:n]).hex() for n in (1, 2, 3, 4)] == ROOTS
    assert SCRIPT.tree_root([]) == sha256(b"").digest()


def test_published_inclusions() -> None:
    first = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    root = SCRIPT.path_root(0, 8, bytes.fromhex(ROOTS[0]), [bytes.fromhex(step) for step in first])
    assert root.hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    leaf = bytes.fromhex("0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7")
    assert SCRIPT.path_root(2, 3, leaf, [bytes.fromhex(ROOTS[1])]).hex() == ROOTS[2]


@given(st.integers(1, 70), st.data())
def test_three_programs_agree_on_every_proof(size: int, data: st.DataObject) -> None:
    leaves = [sha256(bytes([n])).digest() for n in range(size)]
    index = data.draw(st.integers(0, size - 1))
    proof = path(index, leaves)
    assert SCRIPT.tree_root(leaves) == subtree(leaves) == SCRIPT.path_root(index, size, leaves[index], proof)
    assert list(inclusion_proof(index, size, lookup_in(leaves))) == proof
    if proof:
        assert SCRIPT.path_root(index, size, leaves[index], [*proof[:-1], bytes(32)]) != subtree(leaves)
    for wrong in ([bytes(32), *proof], proof[1:] if proof else [bytes(32)]):
        with pytest.raises(SCRIPT.Bad, match="log-proof-invalid"):
            SCRIPT.path_root(index, size, leaves[index], wrong)
