"""检查单的表单命令：造得出、核对过、导得出。"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from server.cli import forms
from server.cli.commands import main
from server.domain.checklists import Frame
from tests.checklists.house import checklists
from tests.openrosa.forms import built

PTC = checklists()["PTC/2025.1"]


def test_the_check_makes_every_form_and_asks_odk_validate(capsys: pytest.CaptureFixture[str]) -> None:
    assert forms.check_forms([PTC]) == 0
    assert capsys.readouterr().out == "表单 1 份，都造得出来；ODK Validate 都认。\n"


def test_a_form_that_odk_validate_refuses_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = built("PTC/2025.1", Frame.ENTERPRISE_SITE)
    bad = replace(good, xml=good.xml.replace(b'calculate="number(', b'calculate="numbre(', 1))
    monkeypatch.setattr(forms, "build_forms", lambda _: [bad])
    assert forms.check_forms([PTC]) == 1
    told = capsys.readouterr()
    assert "ODK Validate 不认" in told.out
    assert "numbre" in told.err


def test_without_java_the_forms_are_made_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(forms.shutil, "which", lambda _: None)
    assert forms.check_forms([PTC]) == 0
    assert "没有 Java，未用 ODK Validate 核对" in capsys.readouterr().out


def test_one_form_is_exported_as_it_is_served(tmp_path: Path) -> None:
    file = tmp_path / "ptc.xml"
    words = ["checklists", "form", "--code", "PTC", "--frame", "enterprise_site", "--file", str(file)]
    assert main(words) == 0
    assert file.read_bytes() == built("PTC/2025.1", Frame.ENTERPRISE_SITE).xml
    table = tmp_path / "ptc.xlsx"
    assert main([*words[:-1], str(table)]) == 0
    assert table.read_bytes().startswith(b"PK")


def test_an_unknown_checklist_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["checklists", "form", "--code", "XXX", "--frame", "project", "--file", str(tmp_path / "x.xml")]
    assert main(words) == 2
    assert "没有检查单 XXX" in capsys.readouterr().err
