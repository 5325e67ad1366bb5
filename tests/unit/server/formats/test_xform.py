"""XForm：一份检查单一张表，字节不变，说明齐全。"""

from __future__ import annotations

import os
from hashlib import md5
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from server.domain.checklists import Checklist, Frame
from server.domain.errors import Invalid
from server.formats.xform import FORM_FILES, build_form
from tests.checklists.house import checklists

GOLDEN = Path(__file__).parents[3] / "golden" / "xform"
PTC = checklists()["PTC/2025.1"]
FORM = build_form(PTC, Frame.ENTERPRISE_SITE)
XML = ET.fromstring(FORM.xml)
XF = "{http://www.w3.org/2002/xforms}"
ODK = "{http://www.opendatakit.org/xforms}"
JR = "{http://openrosa.org/javarosa}"


def bind(path: str) -> dict[str, str]:
    return next(b.attrib for b in XML.iter(f"{XF}bind") if b.get("nodeset") == path)


def test_the_same_checklist_gives_the_same_bytes() -> None:
    again = build_form(Checklist.from_dict(PTC.to_dict()), Frame.ENTERPRISE_SITE)
    assert again == FORM
    assert FORM.md5 == md5(FORM.xml).hexdigest()


def test_golden_form() -> None:
    """Laid out for reading; what the form says changes only together with this file and LAYOUT."""
    tree = ET.fromstring(FORM.xml)
    ET.indent(tree)
    text = f"<!-- {FORM.form_id} {FORM.version} md5:{FORM.md5} -->\n{ET.tostring(tree, encoding='unicode')}\n"
    path = GOLDEN / f"{FORM.form_id}.xml"
    if os.environ.get("ZHIJIAN_TEST_GOLDEN") == "rewrite":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, "表单变了：逐行看过，把 LAYOUT 加一，再 make golden"


def test_the_form_names_itself() -> None:
    data = XML.find(f".//{XF}instance/{XF}data")
    assert data is not None
    assert (
        (data.get("id"), data.get("version"))
        == (FORM.form_id, FORM.version)
        == (
            "zhijian-PTC-enterprise_site",
            f"2025.1-{PTC.digest[:8]}-1",
        )
    )
    assert XML.findtext("{http://www.w3.org/1999/xhtml}head/{http://www.w3.org/1999/xhtml}title") == FORM.title
    assert bind("/data/meta/instanceName")["calculate"].startswith("concat(/data/who/subject_name")


def test_a_checklist_for_both_kinds_of_subject_tells_them_apart() -> None:
    from server.formats.xform import _title

    both = checklists()["RMC/2025.1"]
    assert _title(both, Frame.PROJECT) == "预拌混凝土质量专项检查表（工程项目）"
    assert _title(PTC, Frame.ENTERPRISE_SITE) == PTC.title


def test_every_list_comes_with_the_form_and_no_other_file() -> None:
    sources = [i.get("src") for i in XML.iter(f"{XF}instance") if i.get("src")]
    assert sorted(sources) == sorted(f"jr://file-csv/{name}" for name in FORM_FILES)


def test_time_place_device_and_trail_are_taken() -> None:
    assert bind("/data/start")[f"{JR}preloadParams"] == "start"
    assert bind("/data/end")[f"{JR}preloadParams"] == "end"
    assert bind("/data/deviceid")[f"{JR}preloadParams"] == "deviceid"
    assert bind("/data/place/fix")["type"] == "geopoint"
    assert bind("/data/place/fix").get(f"{ODK}allow-mock-accuracy") == "false"
    assert bind("/data/meta/audit")[f"{ODK}location-priority"] == "high-accuracy"
    assert bind("/data/place/fix_error")["required"] == "true()"


def test_photos_are_never_made_smaller() -> None:
    assert b"max-pixels" not in FORM.xml


def test_two_different_officers_are_required() -> None:
    for n in (1, 2):
        assert bind(f"/data/who/officer_{n}")["required"] == "true()"
    assert bind("/data/who/officer_2")["constraint"] == ". != /data/who/officer_1"
    trigger = [s.attrib for s in XML.iter(f"{XF}setvalue")]
    assert [(s["ref"], s["event"]) for s in trigger] == [
        (f"/data/who/officer_{n}", "xforms-value-changed") for n in (1, 2)
    ]


def test_a_sent_record_may_be_edited_and_closes_its_task_on_the_phone() -> None:
    submission = XML.find(f".//{XF}submission")
    assert submission is not None
    assert submission.get(f"{ODK}client-editable") == "true"
    model = XML.find(f".//{XF}model")
    assert model is not None
    assert model.get("{http://www.opendatakit.org/xforms/entities}entities-version") == "2024.1.0"
    entity = next(e for e in XML.iter(f"{XF}entity"))
    assert set(entity.attrib) == {"dataset", "id", "update", "baseVersion", "trunkVersion", "branchId"}
    assert bind("/data/who/task_state")["calculate"] == "'done'"


def test_signing_refusing_and_disagreeing_ask_for_what_each_needs() -> None:
    assert bind("/data/closing/signature")["required"] == "true()"
    assert "!= 'refuses'" in bind("/data/closing/signature")["relevant"]
    assert bind("/data/closing/opinion")["required"] == "true()"
    assert "!= 'signs'" in bind("/data/closing/opinion")["relevant"]
    signature = next(u for u in XML.iter(f"{XF}upload") if u.get("ref") == "/data/closing/signature")
    assert signature.get("appearance") == "signature"


def test_a_kind_of_subject_without_items_has_no_form() -> None:
    with pytest.raises(Invalid) as refusal:
        build_form(PTC, Frame.PROJECT)
    assert refusal.value.code == "form-empty"
    assert "工程项目" in refusal.value.detail
