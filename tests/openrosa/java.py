"""ODK 自己的 Java 程序：表单核对（ODK Validate）和 Collect 所用的计算引擎（JavaRosa），都在 pyxform 带的那一个 jar 里。"""

from __future__ import annotations

import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyxform

JAR = Path(pyxform.__file__).parent / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"
SOURCE = Path(__file__).parent / "Evaluate.java"
#: Short runs: no time spent on optimising, no graphics.
QUICK = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"]
LISTS = {
    "subjects.csv": "name,label,__version,frame,region_code,address",
    "assignments.csv": "name,label,__version,__trunkVersion,__branchId,subject,checklists,frame,source,officer_1,officer_2,state",
    "officers.csv": "name,label,__version,certificate_no",
}


def validate(forms: Iterable[Path]) -> str:
    """What ODK Validate says of all these forms, in one run; it exits with a failure when any is wrong."""
    words = ["java", *QUICK, "-jar", str(JAR), *map(str, forms)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    return f"exit {done.returncode}\n{done.stdout}{done.stderr}"


def write_lists(folder: Path, rows: Mapping[str, Iterable[str]]) -> None:
    """The entity lists as a phone has them; a list without rows gets one that nothing names."""
    for name, header in LISTS.items():
        lines = list(rows.get(name, ())) or ["none" + "," * header.count(",")]
        (folder / name).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def evaluate(folder: Path, pairs: Iterable[tuple[Path, Path]]) -> dict[Path, dict[str, str]]:
    """Open each (form, record) as Collect opens a saved record; every value by its path, '!' for a fault.

    `folder` holds the entity lists and takes the compiled program.
    """
    words = ["javac", "-J-XX:TieredStopAtLevel=1", "-cp", str(JAR), "-d", str(folder), str(SOURCE)]
    subprocess.run(words, check=True, capture_output=True, timeout=60)
    listing = folder / "pairs.tsv"
    listing.write_text("".join(f"{form}\t{record}\n" for form, record in sorted(pairs)), encoding="utf-8")
    words = ["java", *QUICK, "-cp", f"{JAR}:{folder}", "Evaluate", str(folder), str(listing)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120, encoding="utf-8")
    found: dict[Path, dict[str, str]] = defaultdict(dict)
    for line in done.stdout.splitlines():
        record, path, value = line.split("\t")
        found[Path(record)][path] = value
    return found
