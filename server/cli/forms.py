"""检查单的表单：每份都造得出来，ODK Validate 都认；也可单独导出一份。"""

from __future__ import annotations

import shutil
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from server.domain.checklists import Checklist, Frame
from server.domain.errors import Missing
from server.formats.xform import BuiltForm, build_form
from server.formats.xlsform import export_xlsform

JAR = Path("validators", "odk_validate", "bin", "ODK_Validate.jar")  # inside pyxform
#: A short run: no time spent on optimising, no window.
JAVA = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")
MINUTES = 10


def build_forms(checklists: Iterable[Checklist]) -> list[BuiltForm]:
    """The form of every version for every kind of subject it is put to; raises Invalid for what has no form."""
    return [build_form(c, frame) for c in checklists for frame in Frame if c.items_for(frame)]


def validate_forms(forms: Iterable[BuiltForm]) -> str | None:
    """What ODK Validate objects to, '' for nothing; None when this machine has no Java."""
    java = shutil.which("java")
    if java is None:
        return None
    with TemporaryDirectory(prefix="zhijian-forms-") as folder:
        paths = []
        for form in forms:
            paths.append(Path(folder) / f"{form.form_id}-{form.version}.xml")
            paths[-1].write_bytes(form.xml)
        words = [java, *JAVA, "-jar", str(_jar()), *map(str, paths)]
        done = subprocess.run(  # noqa: S603  our own jar, our own files
            words, capture_output=True, text=True, encoding="utf-8", check=False, timeout=MINUTES * 60
        )
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip() or f"退出码 {done.returncode}"


def _jar() -> Path:
    """ODK Validate as it comes with pyxform, found without loading it."""
    spec = find_spec("pyxform")
    return Path((spec.origin if spec else None) or "pyxform").parent / JAR


def check_forms(checklists: Iterable[Checklist]) -> int:
    """Prove that the forms can be made and are accepted; 1 when ODK Validate objects."""
    forms = build_forms(checklists)
    said = validate_forms(forms)
    if said:
        print(said, file=sys.stderr)
    judged = (
        "没有 Java，未用 ODK Validate 核对" if said is None else "ODK Validate 不认" if said else "ODK Validate 都认"
    )
    print(f"表单 {len(forms)} 份，都造得出来；{judged}。")
    return 1 if said else 0


def export_form(options: Namespace, found: Iterable[Checklist]) -> None:
    """Write one form: `.xlsx` gives the XLSForm, anything else the XForm."""
    chosen = [c for c in found if c.code == options.code]
    if not chosen:
        raise Missing("checklist-not-found", f"没有检查单 {options.code}。")
    frame = Frame(options.frame)
    table = options.file.suffix == ".xlsx"
    options.file.write_bytes(export_xlsform(chosen[-1], frame) if table else build_form(chosen[-1], frame).xml)
    print(f"已导出 {options.file}。")
