"""Containers by content, and the EXIF block wherever it hides."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.formats.containers import MAX_BLOCK, container, find_block, tiff_block
from tests.photos.drawn import block, draw, gps, saved

BLOCK = block(gps(23.1, 113.2))
TIFF = BLOCK[6:]
PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def jpeg(*segments: bytes) -> io.BytesIO:
    return io.BytesIO(b"\xff\xd8" + b"".join(segments) + b"\xff\xda\0\2picture data\xff\xd9")


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(*chunks: bytes) -> io.BytesIO:
    return io.BytesIO(PNG_HEAD + b"".join(chunks) + chunk(b"IEND", b""))


def webp(*chunks: tuple[bytes, bytes]) -> io.BytesIO:
    body = b"".join(n + struct.pack("<I", len(d)) + d + b"\0" * (len(d) % 2) for n, d in chunks)
    return io.BytesIO(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body)


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    body = major + b"\0\0\0\0" + b"".join(compatible)
    return struct.pack(">I", len(body) + 8) + b"ftyp" + body


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_by_content(kind: str) -> None:
    assert container(saved(draw(), kind)[:64]) == kind.lower()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (ftyp(b"heic", b"mif1"), "heif"),
        (ftyp(b"heix", b"mif1"), "heif"),
        (ftyp(b"mif1", b"heic"), "heif"),
        (ftyp(b"mif1", b"avif"), "heif"),
        (ftyp(b"avif", b"mif1"), "avif"),
        (ftyp(b"abcd", b"avif"), "avif"),
        (ftyp(b"isom", b"mp42"), None),
        (b"MM\0*\0\0\0\x08", "tiff"),
        (b"GIF89a\xff\xff\xff\xff", None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"%PDF-1.7", None),
        (b"<svg xmlns=", None),
        (b"", None),
    ],
)
def test_brands_and_strangers(head: bytes, kind: str | None) -> None:
    assert container(head) == kind


def test_exif_after_140_kilobytes_of_other_segments() -> None:
    far = [segment(0xE6, bytes(48_000)) for _ in range(3)]
    assert find_block(jpeg(segment(0xE0, b"JFIF\0"), *far, segment(0xE1, BLOCK)), "jpeg") == TIFF


def test_exif_behind_extended_xmp_and_restart_markers() -> None:
    xmp = segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(60_000))
    assert find_block(jpeg(xmp, b"\xff\xd0\xff\x01", segment(0xE1, BLOCK)), "jpeg") == TIFF


def test_stray_bytes_between_segments_are_passed_over() -> None:
    assert find_block(jpeg(segment(0xE0, b"JFIF\0"), b"\0" * 18, segment(0xE1, BLOCK)), "jpeg") == TIFF
    assert find_block(jpeg(segment(0xE0, b"JFIF\0"), b"\xff\xff\xff", segment(0xE1, BLOCK)), "jpeg") == TIFF


def test_the_first_sound_block_of_two_is_taken() -> None:
    other = block(gps(-33.0, 151.0))
    assert (
        find_block(jpeg(segment(0xE1, b"Exif\0\0nonsense"), segment(0xE1, BLOCK), segment(0xE1, other)), "jpeg") == TIFF
    )


@pytest.mark.parametrize("end", [0xD9, 0xDA])
def test_nothing_is_sought_behind_the_picture_data(end: int) -> None:
    assert find_block(io.BytesIO(b"\xff\xd8" + bytes([0xFF, end]) + segment(0xE1, BLOCK)), "jpeg") is None


def test_png_exif_in_front_of_and_behind_the_pixels() -> None:
    pixels = chunk(b"IDAT", bytes(5000))
    assert find_block(png(chunk(b"eXIf", TIFF), pixels), "png") == TIFF
    assert find_block(png(pixels, chunk(b"eXIf", TIFF)), "png") == TIFF


@pytest.mark.parametrize("keyword", [b"Raw profile type exif", b"Raw profile type APP1"])
def test_png_text_profiles(keyword: bytes) -> None:
    text = b"\nexif\n%8d\n" % len(BLOCK) + b"\n".join(
        BLOCK.hex().encode()[i : i + 72] for i in range(0, 2 * len(BLOCK), 72)
    )
    packed = keyword + b"\0\0" + zlib.compress(text + b"\n")
    assert find_block(png(chunk(b"zTXt", packed)), "png") == TIFF
    assert find_block(png(chunk(b"tEXt", keyword + b"\0" + text + b"\n")), "png") == TIFF


def test_png_text_that_unpacks_to_a_gigabyte_is_cut() -> None:
    bomb = b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n 1\n" + b"41" * (MAX_BLOCK * 4), 9)
    assert len(bomb) < 8000
    assert find_block(png(chunk(b"zTXt", bomb), chunk(b"eXIf", TIFF)), "png") == TIFF


def test_png_other_text_and_broken_profiles_are_nothing() -> None:
    for data in (
        b"Comment\0hello",
        b"Raw profile type exif\0\0not zlib",
        b"Raw profile type exif\0\0" + zlib.compress(b"\n\n\nxyz"),
    ):
        assert find_block(png(chunk(b"zTXt", data)), "png") is None


@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_webp_with_and_without_the_prefix_and_after_odd_chunks(prefix: bytes) -> None:
    assert find_block(webp((b"VP8 ", b"odd"), (b"EXIF", prefix + TIFF)), "webp") == TIFF


def test_blocks_that_are_none() -> None:
    assert tiff_block(None) is None
    assert tiff_block(b"") is None
    assert tiff_block(b"Exif\0\0II*") is None
    assert tiff_block(b"II*\0" + bytes(MAX_BLOCK)) is None
    assert tiff_block(b"II*\0" + bytes(MAX_BLOCK - 4)) is not None
    assert find_block(io.BytesIO(TIFF), "tiff") is None


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
@given(data=st.binary(max_size=300))
def test_any_bytes_give_a_block_or_nothing(kind: str, data: bytes) -> None:
    starts = {"jpeg": b"\xff\xd8", "png": PNG_HEAD, "webp": b"RIFF\0\0\0\0WEBP"}
    found = find_block(io.BytesIO(starts[kind] + data), kind)
    assert found is None or found[:4] in (b"II*\0", b"MM\0*")


@given(cut=st.integers(0, len(BLOCK) + 40))
def test_a_file_cut_anywhere_is_walked_without_error(cut: int) -> None:
    whole = jpeg(segment(0xE0, b"JFIF\0"), segment(0xE1, BLOCK)).getvalue()
    found = find_block(io.BytesIO(whole[:cut]), "jpeg")
    assert found is None or TIFF.startswith(found)
