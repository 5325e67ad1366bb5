"""Previews: upright, in the right colours, small, and with nothing in them but pixels."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from server.formats import images
from server.formats.exif import ExifFacts
from server.formats.images import NotAPhoto, kind_of, make_picture, open_image, read_facts
from tests.photos.drawn import PHONE, block, corners, draw, gps, photo, saved

PLENTY = 50_000_000
KINDS = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF")


def made(data: bytes, most: int = PLENTY) -> images.Picture:
    return make_picture(io.BytesIO(data), most)


def shown(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def refused(data: bytes, most: int = PLENTY) -> NotAPhoto:
    with pytest.raises(NotAPhoto) as caught:
        made(data, most)
    return caught.value


def corner_colours(picture: Image.Image) -> list[str]:
    """The nearest named colour of each corner: top left, top right, bottom left, bottom right."""
    names = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
    right, bottom = picture.width - 9, picture.height - 9
    found = []
    for at in ((8, 8), (right, 8), (8, bottom), (right, bottom)):
        pixel = np.array(picture.getpixel(at), dtype=int)
        found.append(min(names, key=lambda name: int(np.abs(pixel - names[name]).sum())))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_container_gives_two_previews(kind: str) -> None:
    found = made(saved(draw(size=(1000, 600)), kind))
    assert (found.container, found.width, found.height) == (kind.lower(), 1000, 600)
    assert shown(found.large).size == (1000, 600)
    assert shown(found.small).size == (320, 192)
    assert len(found.phash) == 32


def test_large_pictures_shrink_to_1600_and_a_jpeg_is_drafted_first() -> None:
    data = saved(draw(size=(4000, 3000)))
    opened = open_image(io.BytesIO(data), PLENTY)
    assert (opened.size, opened.image.size) == ((4000, 3000), (2000, 1500))
    assert shown(made(data).large).size == (1600, 1200)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_all_eight_orientations_stand_upright(kind: str, orientation: int) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Image.Transpose numbers that bring it about
    stored = corners() if orientation == 1 else corners().transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = made(saved(stored, kind, exif=exif))
    upright = shown(found.large)
    assert upright.size == (400, 240)
    assert corner_colours(upright) == ["red", "lime", "blue", "white"]
    assert corner_colours(shown(found.small)) == ["red", "lime", "blue", "white"]


def with_everything() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = block(gps(23.1, 113.2), image=PHONE)
    return saved(
        draw(), exif=exif, icc_profile=profile, comment=b"SECRET COMMENT", xmp=b"<x>SECRET XMP</x>", dpi=(300, 300)
    )


def test_previews_hold_pixels_only() -> None:
    data = with_everything()
    assert b"SECRET COMMENT" in data
    assert b"SECRET XMP" in data
    found = made(data)
    for preview in (found.large, found.small):
        assert set(shown(preview).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not any(word in preview for word in (b"SECRET", b"Exif", b"Zhijian", b"ICC_PROFILE", b"http:"))


def test_png_and_tiff_text_do_not_leak() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "SECRET COMMENT")
    for data in (saved(draw(), "PNG", pnginfo=text), saved(draw(), "TIFF", description="SECRET COMMENT")):
        assert b"SECRET COMMENT" in data
        assert b"SECRET" not in made(data).large


def test_colours_are_converted_before_the_profile_is_dropped() -> None:
    """With red and green swapped in the profile, a pixel that says red means green."""
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = own.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    reds = Image.new("RGB", (200, 200), "red")
    assert corner_colours(shown(made(saved(reds)).large))[0] == "red"
    for kind in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        assert corner_colours(shown(made(saved(reds, kind, icc_profile=own)).large))[0] == "red"
        assert corner_colours(shown(made(saved(reds, kind, icc_profile=swapped)).large))[0] == "lime"


def test_unusable_profiles_leave_the_colours_as_they_are() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for unusable in (lab, b"no profile at all"):
        data = saved(Image.new("RGB", (200, 200), "red"), icc_profile=unusable)
        assert corner_colours(shown(made(data).large))[0] == "red"


def test_transparency_becomes_white() -> None:
    clear = Image.new("RGBA", (100, 100), (255, 0, 0, 0))
    assert shown(made(saved(clear, "PNG")).large).getpixel((50, 50)) == (255, 255, 255)


def test_palettes_shrink_smoothly() -> None:
    stripes = Image.fromarray((np.indices((2000, 2000)).sum(axis=0) % 2 * 255).astype(np.uint8)).convert("P")
    tones = np.asarray(shown(made(saved(stripes, "PNG")).small).convert("L"))
    assert 100 < tones.mean() < 155
    assert tones.std() < 30


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_tones(kind: str) -> None:
    ramp = np.linspace(0, 65535, 256, dtype=np.uint16)[None, :].repeat(100, axis=0)
    tones = np.asarray(shown(made(saved(Image.fromarray(ramp), kind)).large).convert("L"))[50].astype(int)
    assert tones[0] < 4
    assert tones[-1] > 250
    assert abs(tones[128] - 128) < 4


def test_measured_values_are_stretched_and_values_that_are_none_are_unreadable() -> None:
    field = np.linspace(20.0, 30.0, 100, dtype=np.float32)[None, :].repeat(100, axis=0)
    tones = np.asarray(shown(made(saved(Image.fromarray(field), "TIFF")).large).convert("L"))[50].astype(int)
    assert (tones[0] < 5, tones[-1] > 250) == (True, True)
    field[3, 3] = np.nan
    assert refused(saved(Image.fromarray(np.full_like(field, np.nan)), "TIFF")).reason == "unreadable"


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB", "1", "LA"])
def test_other_modes(mode: str) -> None:
    kind = "PNG" if mode in ("1", "LA") else "JPEG"
    assert shown(made(saved(draw().convert(mode), kind)).large).mode == "RGB"


def test_cut_files_are_truncated_and_rubbish_is_unreadable() -> None:
    data = saved(draw(size=(600, 400)))
    cut = refused(data[: len(data) // 2])
    assert (cut.reason, cut.kind, cut.size) == ("truncated", "jpeg", (600, 400))
    broken = refused(b"\xff\xd8\xff" + b"rubbish" * 9)
    assert (broken.reason, broken.kind, broken.size) == ("unreadable", "jpeg", None)


@pytest.mark.parametrize("data", [b"", b"GIF89a" + bytes(50), b"%PDF-1.7", b"<svg/>", b"BM" + bytes(60)])
def test_other_files_are_no_photos_even_if_the_library_could_read_them(data: bytes) -> None:
    assert refused(data).reason == "not-a-photo"


def test_a_container_is_opened_by_its_own_reader_only() -> None:
    gif = saved(draw(), "GIF")
    assert refused(b"\xff\xd8\xff" + gif).reason == "unreadable"


@pytest.mark.parametrize(
    ("kind", "most"), [("PNG", 500_000), ("WEBP", 1_200_000), ("TIFF", 660_000), ("AVIF", 700_000)]
)
def test_too_many_pixels_by_what_each_container_costs(kind: str, most: int) -> None:
    data = saved(Image.new("RGB", (1000, 700)), kind)
    found = refused(data, most)
    assert (found.reason, found.size) == ("too-many-pixels", (1000, 700))
    assert made(data, most * 2).width == 1000


def test_a_jpeg_four_times_over_passes_because_it_is_drafted() -> None:
    data = saved(Image.new("L", (6400, 4800)))
    assert made(data, 8_000_000).width == 6400
    assert refused(data, 7_000_000).reason == "too-many-pixels"  # the library's own limit, four times ours


def test_a_progressive_jpeg_costs_all_its_coefficients() -> None:
    picture = Image.new("RGB", (4000, 3000))
    baseline, progressive = saved(picture), saved(picture, progressive=True, subsampling=0)
    assert made(baseline, 6_000_000).width == 4000
    assert refused(progressive, 6_000_000).reason == "too-many-pixels"
    assert made(saved(picture, progressive=True, subsampling=2), 8_000_000).width == 4000


def test_a_long_thin_jpeg_cannot_be_drafted_and_is_counted_in_full() -> None:
    data = saved(Image.new("RGB", (60_000, 300)))
    assert open_image(io.BytesIO(data), PLENTY).image.height >= 8
    assert refused(data, 4_000_000).reason == "too-many-pixels"


def test_kind_and_facts_by_content() -> None:
    assert kind_of(io.BytesIO(photo())) == "jpeg"
    assert read_facts(io.BytesIO(b"text")).notes == ("container-unknown",)
    assert read_facts(io.BytesIO(photo())).make == "Zhijian"
    exif = block(gps(-33.9, 151.2), image=PHONE)
    for kind in KINDS:
        found = read_facts(io.BytesIO(saved(draw(), kind, exif=exif)))
        assert found.gps.state == "ok", kind
        assert found.gps.latitude == pytest.approx(-33.9, abs=1e-7)


def test_facts_survive_a_picture_that_does_not() -> None:
    data = photo()
    cut = data[: data.index(b"\xff\xda")]
    assert read_facts(io.BytesIO(cut)).gps.state == "ok"
    assert refused(cut).reason in ("truncated", "unreadable")


@settings(max_examples=80, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_bent_files_give_a_picture_or_a_reason(kind: str, changes: list[tuple[float, int]]) -> None:
    bent = bytearray(saved(draw(size=(40, 30)), kind, exif=block(gps(1.5, 2.5))))
    for share, value in changes:
        bent[int(share * (len(bent) - 1))] = value
    assert isinstance(read_facts(io.BytesIO(bytes(bent))), ExifFacts)
    try:
        found = made(bytes(bent), 10_000_000)
    except NotAPhoto as refusal:
        outcome = refusal.reason
    else:
        outcome = "made" if max(shown(found.large).size) <= 1600 else "too large"
    assert outcome in {"made", "unreadable", "truncated", "too-many-pixels", "not-a-photo"}


def test_the_drawing_helper_turns_as_the_standard_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = Image.open(io.BytesIO(saved(corners().transpose(Image.Transpose.ROTATE_90), exif=exif)))
    assert corner_colours(ImageOps.exif_transpose(turned)) == ["red", "lime", "blue", "white"]
