"""The set of real photos that lies beside the repository, or where `ZHIJIAN_PHOTOS` says.

It is not part of the repository and may be absent; then the tests over it are not collected. A set that was named, or that is
there, must be whole: anything else is a fault and never a reason to test less.
"""

import csv
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "photos"
Row = dict[str, str]


@dataclass(frozen=True)
class PhotoSet:
    """`fault` is a sentence when the set is named or there, but cannot be used."""

    folder: Path
    named: bool
    rows: tuple[Row, ...] = ()
    fault: str = ""

    def path(self, name: str) -> Path:
        return self.folder / name


def find_photos() -> PhotoSet:
    """The set; never raises, so that collection goes on and one test can say what is wrong."""
    named = os.environ.get("ZHIJIAN_PHOTOS", "")
    folder = Path(named) if named else BESIDE
    if not named and not folder.exists():
        return PhotoSet(folder, named=False)
    try:
        with (folder / "MANIFEST.csv").open(encoding="utf-8", newline="") as lines:
            rows = tuple(csv.DictReader(lines))
    except (OSError, ValueError, csv.Error) as error:
        return PhotoSet(folder, bool(named), fault=f"{folder}/MANIFEST.csv: {error}")
    return PhotoSet(folder, bool(named), rows, _damage(folder, rows))


def _damage(folder: Path, rows: tuple[Row, ...]) -> str:
    if not rows:
        return f"{folder}/MANIFEST.csv names no photo"
    wrong = []
    for row in rows:
        try:
            found = hashlib.sha256((folder / row["file"]).read_bytes()).hexdigest()
        except (OSError, KeyError) as error:
            wrong.append(f"{row.get('file')}: {error}")
            continue
        if found != row.get("sha256"):
            wrong.append(f"{row['file']}: other bytes than the manifest says")
    return "; ".join(wrong)


REAL = find_photos()
