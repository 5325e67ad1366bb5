"""XForm 交来的记录：读成我们自己的记录，读不出的逐处说明。"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from defusedxml.ElementTree import fromstring

from schemas.checks import CheckRecordShape
from server.domain.answers import SampleGroup, Verdict
from server.domain.checklists import Frame, Severity
from server.domain.checks import CheckRecord, check_form, expected_photos
from server.domain.errors import Invalid
from server.formats.xform_record import (
    check_uuid,
    file_refs,
    number_list,
    number_text,
    photo_uuid,
    read_meta,
    read_record,
)
from tests.checklists.house import checklists
from tests.openrosa.forms import built
from tests.openrosa.writer import OPENING, Record, inside, new_record, put_photos

RMC = checklists()["RMC/2025.1"]
FRAME = Frame.PROJECT
FORM = built("RMC/2025.1", FRAME).xml
ID = OPENING["meta/instanceID"]


def filled() -> Record:
    """A record with one answer of most kinds."""
    record = new_record(FORM)
    at = "s06/RMC_06_03"
    for name, text in {"verdict": "by_value", "points": "2", "in_consistency": "坍落度", "in_target": "180.0"}.items():
        record.put(f"{at}/a/{name}", text)
    for value in ("215.0", "190"):
        inside(record.repeat(at, "r_RMC_06_03"), "v").text = value
    put_photos(record, at, ["1.jpg", "2.jpg", "1.jpg"])
    record.put(f"{at}/b/severity", "critical")
    record.put(f"{at}/b/severity_reason", "连续三车")
    at = "s09/RMC_09_02"
    record.put(f"{at}/a/verdict", "by_value")
    record.put(f"{at}/a/groups", "1")
    group = record.repeat(at, "g_RMC_09_02")
    inside(group, "one/sample_no").text = "S-1"
    inside(group, "one/values").text = "31.2, 33.0  32.8"
    record.put("s06/RMC_06_01/a/verdict", "not_applicable")
    record.put("s06/RMC_06_01/a/reason", "other")
    record.put("s06/RMC_06_01/a/reason_text", "当天没有浇筑")
    return record


def read(record: Record) -> dict:
    return read_record(fromstring(record.prune().xml()), RMC, FRAME)


def faults(record: Record) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        read(record)
    assert refusal.value.code == "record-unreadable"
    return {e.pointer: e.reason for e in refusal.value.errors}


# ------------------------------------------------------------------------------------------- what is read


def test_a_record_becomes_the_command_our_own_door_makes() -> None:
    raw = read(filled())
    command = CheckRecord(uuid=check_uuid(ID), raw=raw, **CheckRecordShape().load(raw))
    check_form(command)
    assert command.uuid == UUID("2b0f4c1e-9f0b-4a53-8b1f-0c8f4f1f7a10")
    assert command.started_at == datetime(2025, 6, 10, 1, 0, tzinfo=UTC)
    assert str(command.ended_on) == "2025-06-10"
    assert [str(o)[-2:] for o in command.officers] == ["a1", "a2"]
    assert command.fix is not None
    assert (command.fix.latitude, command.fix.longitude, command.fix.accuracy_m) == (23.1101, 114.4202, 8.0)
    assert command.representative.name == "王建国"
    answers = {a.item_code: a for a in command.answers}
    assert set(answers) == {"RMC-06-01", "RMC-06-03", "RMC-09-02"}
    slump = answers["RMC-06-03"]
    assert slump.readings == (Decimal(215), Decimal(190))
    assert slump.verdict is None
    assert slump.inputs == {"consistency": "坍落度", "target": "180"}
    assert slump.photos == (photo_uuid(ID, "1.jpg"), photo_uuid(ID, "2.jpg"))
    assert (slump.severity, slump.severity_reason) == (Severity.CRITICAL, "连续三车")
    assert answers["RMC-09-02"].groups == (
        SampleGroup("S-1", values=(Decimal("31.2"), Decimal("33.0"), Decimal("32.8"))),
    )
    assert (answers["RMC-06-01"].verdict, answers["RMC-06-01"].reason) == (Verdict.NOT_APPLICABLE, "当天没有浇筑")
    assert [p.uuid for p in expected_photos(command)] == [
        photo_uuid(ID, "sign-1.png"), photo_uuid(ID, "1.jpg"), photo_uuid(ID, "2.jpg"),
    ]  # fmt: skip


def test_reading_twice_gives_the_same_record() -> None:
    assert read(filled()) == read(filled())


def test_empty_nodes_and_absent_nodes_mean_the_same() -> None:
    whole = read_record(fromstring(filled().xml()), RMC, FRAME)
    assert whole == read(filled())


def test_namespaces_do_not_matter() -> None:
    xml = filled().prune().xml().decode().replace(' xmlns="http://www.w3.org/2002/xforms"', "")
    assert read_record(fromstring(xml), RMC, FRAME) == read(filled())


def test_the_task_the_source_and_further_officers() -> None:
    record = filled()
    record.put("who/assignment", "uuid:7f6d0000-0000-4000-8000-0000000000b1")
    record.put("who/source", "campaign")
    record.put("who/officer_more", "7f6d0000-0000-4000-8000-0000000000a3 7f6d0000-0000-4000-8000-0000000000a4")
    raw = read(record)
    assert raw["assignment"] == "7f6d0000-0000-4000-8000-0000000000b1"
    assert raw["source"] == "campaign"
    assert len(raw["officers"]) == 4


def test_an_accuracy_of_nought_is_kept_and_named_unverified() -> None:
    record = filled()
    record.put("place/fix", "23.1 114.4 0.0 0.0")
    assert read(record)["fix"] == {
        "longitude": 114.4, "latitude": 23.1, "datum": "wgs84", "accuracy_m": 0.0, "provider": "odk-unverified",
    }  # fmt: skip


def test_without_a_fix_the_reason_stands() -> None:
    record = filled()
    record.put("place/fix", "")
    record.put("place/fix_error", "地下室无信号")
    assert (read(record)["fix"], read(record)["fix_error"]) == (None, "地下室无信号")
    record.put("place/fix_error", "") if record.has("place/fix_error") else None
    assert read(record)["fix_error"] in ("地下室无信号", "没有取得定位")


def test_a_refusal_has_no_signature_and_tells_why() -> None:
    record = filled()
    for name, text in {"attitude": "refuses", "opinion": "不认可取样方法", "witness": "李四", "signature": ""}.items():
        record.put(f"closing/{name}", text)
    raw = read(record)
    assert raw["representative"] == {
        "name": "王建国", "attitude": "refuses", "opinion": "不认可取样方法", "witness": "李四",
    }  # fmt: skip
    assert raw["photos"] == []


@pytest.mark.parametrize(
    ("typed", "kept"), [("215.0", "215"), ("0.030", "0.030"), ("1.0E-4", "1.0E-4"), ("-3.0", "-3")]
)
def test_a_number_is_kept_as_it_was_typed(typed: str, kept: str) -> None:
    assert number_text(typed) == kept


def test_numbers_in_one_line() -> None:
    assert number_list("31.2 33.0，32.8、 30,") == ["31.2", "33", "32.8", "30"]


# ------------------------------------------------------------------------------------------- names and files


def test_a_file_is_the_same_photo_however_its_name_is_composed() -> None:
    name = "钢筋é.jpg"
    assert photo_uuid(ID, unicodedata.normalize("NFD", name)) == photo_uuid(ID, name)
    assert photo_uuid(ID, name) != photo_uuid(ID, "其他.jpg")
    assert photo_uuid("uuid:other", name) != photo_uuid(ID, name)


def test_every_file_the_record_mentions_is_listed_once() -> None:
    record = filled()
    record.put("meta/audit", "audit.csv")
    found = file_refs(fromstring(record.xml()))
    assert [(f.name, f.item, f.kind) for f in found] == [
        ("1.jpg", "RMC-06-03", "photo"),
        ("2.jpg", "RMC-06-03", "photo"),
        ("sign-1.png", None, "signature"),
        ("audit.csv", None, "audit"),
    ]


def test_a_file_name_is_listed_composed() -> None:
    written = unicodedata.normalize("NFD", "é.jpg")
    xml = f"<data><AB_01_02><photo_1>{written}</photo_1><photo_2>é.jpg</photo_2></AB_01_02></data>"
    assert [f.name for f in file_refs(fromstring(xml))] == ["é.jpg"]


def test_files_of_a_record_of_another_form_are_found_too() -> None:
    deep = "<x>" * 2000 + "<AB_01_02><photo>p.jpg</photo></AB_01_02>" + "</x>" * 2000
    assert [f.name for f in file_refs(fromstring(f"<data>{deep}</data>"))] == ["p.jpg"]


def test_a_record_says_who_it_is() -> None:
    record = filled()
    meta = read_meta(fromstring(record.xml()))
    assert (meta.form_id, meta.instance_id, meta.deprecated_id) == ("zhijian-RMC-project", ID, "")
    other = fromstring(
        '<d xmlns:o="http://openrosa.org/xforms" id="f" o:version="7"><o:meta>'
        "<o:instanceID>uuid:a</o:instanceID><o:deprecatedID>uuid:b</o:deprecatedID></o:meta></d>"
    )
    meta = read_meta(other)
    assert (meta.form_id, meta.version, meta.instance_id, meta.deprecated_id) == ("f", "7", "uuid:a", "uuid:b")


@pytest.mark.parametrize("text", ["", "uuid:", "uuid:x", "2b0f4c1e", "uuid:2b0f4c1e-9f0b-4a53-8b1f-0c8f4f1f7a1g"])
def test_an_instance_id_that_is_no_uuid_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_uuid(text)
    assert refusal.value.code == "instance-id-invalid"


# ------------------------------------------------------------------------------------------- hostile records

WRONG = [
    ("who/subject", "x", "应为检查对象的编号"),
    ("who/assignment", "7f6d0000", "应为任务的编号"),
    ("who/officer_2", "甲", "应为执法人员的编号"),
    ("who/source", "gossip", "没有这种检查来源"),
    ("start", "2025-06-10T09:00:00", "应为带时区的时刻"),
    ("end", "昨天", "应为带时区的时刻"),
    ("place/fix", "91 114 0 8", "应为“纬度 经度 高程 精度”"),
    ("place/fix", "nan 114 0 8", "应为“纬度 经度 高程 精度”"),
    ("place/fix", "23.1 114.2 0 -1", "应为“纬度 经度 高程 精度”"),
    ("place/fix", "2_3.1 114.2", "应为“纬度 经度 高程 精度”"),
    ("place/fix", "23.1", "应为“纬度 经度 高程 精度”"),
    ("closing/attitude", "maybe", "应为签字、有不同意见或拒签"),
    ("s06/RMC_06_03/a/verdict", "fine", "没有这种判定"),
    ("s06/RMC_06_03/a/in_target", "一百八", "应为数"),
    ("s06/RMC_06_03/a/in_target", "1e99", "应为数"),
    ("s06/RMC_06_03/a/in_consistency", "扩展", "没有这个选项"),
    ("s06/RMC_06_03/b/severity", "fatal", "没有这种程度"),
    ("s09/RMC_09_03/a/list", "1 2 x", "应为以空格分开的数"),
]


@pytest.mark.parametrize(("path", "text", "reason"), WRONG)
def test_what_does_not_read_is_named_with_its_path(path: str, text: str, reason: str) -> None:
    record = filled()
    record.put(path, text)
    assert faults(record) == {f"/data/{path}": reason}


@pytest.mark.parametrize("path", ["who/subject", "who/officer_1", "start", "end", "closing/attitude"])
def test_what_must_be_there_is_missed(path: str) -> None:
    record = filled()
    record.put(path, "")
    assert faults(record) == {f"/data/{path}": "缺少此项"}


def test_every_fault_is_told_at_once_and_not_without_end() -> None:
    record = filled()
    record.put("start", "?")
    for _ in range(300):
        inside(record.repeat("s06/RMC_06_03", "r_RMC_06_03"), "v").text = "?"
    found = faults(record)
    assert len(found) == 100
    assert "/data/s06/RMC_06_03/r_RMC_06_03[3]/v" in found


def test_a_record_of_another_form_or_without_answers_is_refused() -> None:
    record = new_record(FORM)
    record.root.set("id", "zhijian-SND-project")
    assert faults(record) == {"/data/@id": "不是检查单 RMC 的表单", "/data/": "一项也没有作答"}


def test_a_sample_without_a_number_is_named() -> None:
    record = filled()
    at = "s09/RMC_09_02"
    inside(record.repeat(at, "g_RMC_09_02"), "one/values").text = "30"
    assert faults(record) == {"/data/s09/RMC_09_02/g_RMC_09_02[2]/one/sample_no": "缺少检样编号"}


def test_unknown_nodes_are_passed_over() -> None:
    record = filled()
    ET.SubElement(record.root, "extra").text = "x"
    assert read(record) == read(filled())
