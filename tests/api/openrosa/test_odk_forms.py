"""Collect 取表单：名单、表单、离线名单，字节与摘要一致，旧的只收不发。"""

from __future__ import annotations

import csv
import io
from hashlib import md5
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from server.models.checks import ChecklistVersion
from server.models.openrosa import OdkForm
from server.models.subjects import Subject
from server.services import odk_forms
from server.uow import House
from tests.api.desk import Desk
from tests.factories.submissions import Collect, collect_for
from tests.factories.world import World
from tests.people import ZHENHAI

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"


@pytest.fixture(scope="module")
def phone(app: Flask, house: House) -> Collect:
    return collect_for(app, house)


def read(phone: Collect, url: str) -> TestResponse:
    """Follow an address of a document as the phone does, with its own query added."""
    path = urlsplit(url).path
    assert path.startswith(phone.home)
    return phone.get(path.removeprefix(phone.home))


def xml_of(reply: TestResponse) -> ET.Element:
    assert reply.status_code == 200, reply.text
    assert "text/xml" in reply.content_type
    assert reply.headers["X-OpenRosa-Version"] == "1.0"
    return ET.fromstring(reply.data)


def listed(phone: Collect) -> list[dict[str, str]]:
    root = xml_of(phone.get("/formList"))
    assert root.tag == f"{LIST}xforms"
    return [{child.tag.removeprefix(LIST): child.text or "" for child in form} for form in root]


def test_every_listed_form_has_all_that_collect_needs(phone: Collect, house: House) -> None:
    forms = listed(phone)
    wanted = {"formID", "name", "version", "hash", "downloadUrl", "manifestUrl"}
    assert {"zhijian-RMC-enterprise_site", "zhijian-RES-project"} <= {f["formID"] for f in forms}
    for form in forms:
        assert set(form) == wanted
        assert all(form.values())
        body = read(phone, form["downloadUrl"])
        assert form["hash"] == f"md5:{md5(body.data, usedforsecurity=False).hexdigest()}"
    with house.unit() as uow:
        assert odk_forms.ensure_forms(uow) == 0


def test_one_form_may_be_asked_for(phone: Collect) -> None:
    reply = phone.client().get(f"{phone.home}/formList?formID=zhijian-RES-project&verbose=true&deviceID=x")
    root = ET.fromstring(reply.data)
    assert [e.text for e in root.iter(f"{LIST}formID")] == ["zhijian-RES-project"]
    assert len(list(root.iter(f"{LIST}descriptionText"))) == 1


def test_an_unchanged_list_costs_no_traffic(phone: Collect) -> None:
    first = phone.get("/formList")
    again = phone.get("/formList", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["X-OpenRosa-Version"] == "1.0"


def manifest_of(phone: Collect) -> dict[str, dict[str, str]]:
    root = xml_of(read(phone, listed(phone)[0]["manifestUrl"]))
    assert root.tag == f"{MANIFEST}manifest"
    found = {}
    for row in root:
        assert row.get("type") == "entityList"
        parts = {child.tag.removeprefix(MANIFEST): child.text or "" for child in row}
        found[parts["filename"]] = parts
    return found


def rows_of(reply: TestResponse) -> list[dict[str, str]]:
    assert reply.status_code == 200
    return list(csv.DictReader(io.StringIO(reply.data.decode())))


def test_the_manifest_names_three_lists_of_the_own_region(phone: Collect, house: House, world: World) -> None:
    files = manifest_of(phone)
    assert set(files) == {"assignments.csv", "subjects.csv", "officers.csv"}
    for parts in files.values():
        body = read(phone, parts["downloadUrl"])
        assert parts["hash"] == f"md5:{md5(body.data, usedforsecurity=False).hexdigest()}"
    subjects = rows_of(read(phone, files["subjects.csv"]["downloadUrl"]))
    assert list(subjects[0]) == ["name", "label", "__version", "frame", "region_code", "address"]
    assert {row["region_code"] for row in subjects} == {ZHENHAI}
    assert str(world.subjects[f"yard1.{ZHENHAI}"]) in {row["name"] for row in subjects}
    officers = rows_of(read(phone, files["officers.csv"]["downloadUrl"]))
    labels = {row["label"] for row in officers}
    assert labels >= {"林检", "周检"}
    assert not labels & {"何检", "欧检"}


def test_a_change_of_the_register_changes_the_hash_and_integrity_tells_who_left(
    phone: Collect, house: House, world: World
) -> None:
    before = manifest_of(phone)["subjects.csv"]
    uuid = world.subjects[f"site2.{ZHENHAI}"]
    with house.unit() as uow:
        row = uow.session.scalars(select(Subject).where(Subject.uuid == uuid)).one()
        row.retired_at, row.revision = uow.now, row.revision + 1
    after = manifest_of(phone)["subjects.csv"]
    assert after["hash"] != before["hash"]
    here = world.subjects[f"site1.{ZHENHAI}"]
    path = urlsplit(after["integrityUrl"]).path
    reply = phone.client().get(f"{path}?id={uuid},{here},nonsense&deviceID=x")
    root = ET.fromstring(reply.data)
    assert root.tag == "data"
    assert {e.get("id"): e.findtext("deleted") for e in root.iter("entity")} == {str(uuid): "true", str(here): "false"}


def test_an_unknown_form_version_or_list_is_told_in_the_phones_words(phone: Collect) -> None:
    for path in ("/forms/zhijian-RMC-project/0.xml", "/forms/x/1/manifest", "/entities/secrets.csv"):
        reply = phone.get(path)
        assert reply.status_code == 404
        assert "OpenRosaResponse" in reply.text


def test_a_retired_checklist_leaves_the_list_and_can_still_be_fetched(phone: Collect, house: House) -> None:
    form = next(f for f in listed(phone) if f["formID"] == "zhijian-LAB-enterprise_site")
    with house.unit() as uow:
        version = uow.session.scalars(select(ChecklistVersion).where(ChecklistVersion.code == "LAB")).one()
        version.retired_at = uow.now
        uow.session.flush()
        odk_forms.ensure_forms(uow)
        states = set(uow.session.scalars(select(OdkForm.state).where(OdkForm.checklist_version_id == version.id)))
    assert states == {"closing"}
    assert form["formID"] not in {f["formID"] for f in listed(phone)}
    assert read(phone, form["downloadUrl"]).status_code == 200


def test_somebody_elses_region_is_not_served(phone: Collect, desk: Desk) -> None:
    reply = phone.client().get(phone.home.replace(ZHENHAI, "441302") + "/formList")
    assert reply.status_code == 403
