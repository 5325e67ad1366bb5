"""The hash brings copies together and keeps strangers apart."""

import io
import itertools
import subprocess
import sys

import pytest
from PIL import Image, ImageEnhance

from server.formats.perceptual import THRESHOLD, hamming, perceptual_hash
from tests.photos.drawn import draw, saved

SCENE = draw(7, (320, 213))


def recompressed(scene: Image.Image) -> Image.Image:
    return Image.open(io.BytesIO(saved(scene, quality=20)))


COPIES = {
    "half the size": lambda s: s.resize((160, 106)),
    "strong compression": recompressed,
    "brighter": lambda s: ImageEnhance.Brightness(s).enhance(1.25),
    "less contrast": lambda s: ImageEnhance.Contrast(s).enhance(0.8),
    "grey": lambda s: s.convert("L"),
}


@pytest.mark.parametrize("change", COPIES)
def test_copies_stay_within_the_threshold(change: str) -> None:
    assert hamming(perceptual_hash(SCENE), perceptual_hash(COPIES[change](SCENE))) <= THRESHOLD


def test_strangers_are_far_apart() -> None:
    hashes = [perceptual_hash(draw(seed, (320, 213))) for seed in range(40)]
    assert min(hamming(a, b) for a, b in itertools.combinations(hashes, 2)) > THRESHOLD


def test_turned_pictures_are_strangers_so_they_are_hashed_upright() -> None:
    assert hamming(perceptual_hash(SCENE), perceptual_hash(SCENE.rotate(90, expand=True))) > THRESHOLD


def test_a_flat_picture_has_a_hash_too() -> None:
    assert len(perceptual_hash(Image.new("RGB", (320, 200), "grey"))) == 32


def test_hamming_counts_bits() -> None:
    assert hamming(b"\x0f\x00", b"\xf0\x01") == 9
    assert hamming(b"\xff" * 32, b"\x00" * 32) == 256
    with pytest.raises(ValueError, match="length"):
        hamming(b"\0", b"\0\0")


def test_hashing_loads_nothing_more() -> None:
    """A forked child would load it again for each photo; `np.median` alone costs 60 ms by importing `numpy.ma`."""
    script = (
        "import sys; from PIL import Image; from server.formats.images import perceptual_hash as h\n"
        "before = set(sys.modules); h(Image.new('RGB', (320, 200))); print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
