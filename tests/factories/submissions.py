"""Collect 交来的一份记录：照真的表单填，照 Collect 的样子装进 multipart。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from schemas.checks import CheckRecordShape
from server.domain.checklists import Frame
from server.formats.xform import BuiltForm, build_form
from server.services import odk_forms, odk_keys
from server.uow import House
from tests.factories.checks import check_body
from tests.factories.world import World, published_checklists
from tests.openrosa.writer import Record, new_record, put_answers, put_photos

BOUNDARY = "----zhijian-test-boundary"


@lru_cache(maxsize=8)
def form_of(checklist: str, frame: Frame) -> BuiltForm:
    return build_form(published_checklists()[checklist], frame)


def submission_xml(
    world: World,
    instance: UUID,
    photos: Sequence[str] = (),
    *,
    old: UUID | None = None,
    word: str = "yard1",
    checklist: str = "RMC",
    **facts: Any,
) -> bytes:
    """The record of one check, the photos at its first item; the signature is left out."""
    body = check_body(world, word, checklist=checklist, **facts)
    rules = published_checklists()[checklist]
    frame = Frame.ENTERPRISE_SITE if word.startswith("yard") else Frame.PROJECT
    record = new_record(form_of(checklist, frame).xml, _opening(body, instance))
    answers = CheckRecordShape().load(body)["answers"]
    put_answers(record, rules, frame, answers)
    if photos:
        first = answers[0].item_code
        section = next(s for s in rules.sections_for(frame) if any(i.code == first for i in s.items))
        put_photos(record, f"s{section.no}/{first.replace('-', '_')}", photos)
    if old is not None:
        _deprecate(record, old)
    return record.prune().xml()


def _opening(body: Mapping[str, Any], instance: UUID) -> dict[str, str]:
    fix = body["fix"]
    return {
        "start": body["started_at"],
        "end": body["ended_at"],
        "who/chosen": "none",
        "who/subject": body["subject"],
        "who/officer_1": body["officers"][0],
        "who/officer_2": body["officers"][1],
        "who/source_chosen": "campaign",
        "who/source": "campaign",
        "place/fix": f"{fix['latitude']} {fix['longitude']} 0 8.0",
        "closing/signature": "",
        "meta/instanceID": f"uuid:{instance}",
    }


def _deprecate(record: Record, old: UUID) -> None:
    from xml.etree import ElementTree as ET

    meta = record.node("meta/instanceID")
    parent = next(node for node in record.root.iter() if meta in list(node))
    ET.SubElement(parent, meta.tag.replace("instanceID", "deprecatedID")).text = f"uuid:{old}"


def multipart(xml: bytes | None, files: Sequence[tuple[str, bytes]] = (), *, incomplete: bool = False) -> bytes:
    """The body of one POST as Collect writes it."""
    parts = []
    if xml is not None:
        parts.append(_part("xml_submission_file", "record.xml", "text/xml", xml))
    parts += [_part(name, name, "image/jpeg", data) for name, data in files]
    if incomplete:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="*isIncomplete*"\r\n\r\nyes\r\n'
        parts.append(head.encode())
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def _part(name: str, file_name: str, kind: str, data: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
    return f"{head}Content-Type: {kind}\r\n\r\n".encode() + data + b"\r\n"


@dataclass
class Collect:
    """One phone with Collect, set up from its QR code."""

    app: Flask
    home: str

    def client(self) -> FlaskClient:
        return FlaskClient(self.app, TestResponse)

    def get(self, path: str, **kw: Any) -> TestResponse:
        headers = {"X-OpenRosa-Version": "1.0", **kw.pop("headers", {})}
        return self.client().get(self.home + path, headers=headers, query_string={"deviceID": "collect:示例"}, **kw)

    def post(self, body: bytes, **kw: Any) -> TestResponse:
        headers = {"X-OpenRosa-Version": "1.0", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        return self.client().post(
            f"{self.home}/submission?deviceID=collect%3A1", data=body, headers=headers | kw.pop("headers", {}), **kw
        )

    def send(self, xml: bytes, *files: tuple[str, bytes]) -> TestResponse:
        return self.post(multipart(xml, files))


def collect_for(app: Flask, house: House, login: str = "lin") -> Collect:
    """Access for a person's phone; the forms of the world are there."""
    from sqlalchemy import select

    from server.models.users import User

    with house.unit() as uow:
        odk_forms.ensure_forms(uow)
        user = uow.session.scalars(select(User).where(User.login == login)).one()
        access = odk_keys.make_key(uow, user, f"{login}的 Collect")
        return Collect(app, access.url("").removeprefix("http://localhost"))


def new_instance() -> UUID:
    return uuid4()
