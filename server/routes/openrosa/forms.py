"""Collect 取表单：名单、表单、附件清单、离线名单、名单核对。"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, request

from server.domain.checks import shanghai_day
from server.domain.errors import Missing
from server.domain.permissions import Permission
from server.formats.openrosa import Listed, Listing, form_list, integrity, manifest
from server.formats.xform import FORM_FILES
from server.queries import odk_entities
from server.routes.endpoint import endpoint, unguarded
from server.routes.openrosa.frame import both_addresses, pages, xml_reply
from server.routes.openrosa.identity import front
from server.services import odk_forms
from server.services.assignment_steps import own_officer_id
from server.uow import UnitOfWork

blp = pages("openrosa-forms")
READ = Permission.FIELD_CHECKLIST_READ
MOST_IDS = 1000


def _home(uow: UnitOfWork) -> str:
    """The server URL of this request; a token that came as `st=` goes into the addresses that follow from it."""
    given = request.view_args or {}
    token = given.get("token") or request.args.get("st", "")
    head = f"/key/{quote(token, safe='')}" if token else ""
    return f"{front(uow)}/odk/v1{head}/projects/{quote(given['project'], safe='')}"


@endpoint(READ, door="odk")
def form_list_view(uow: UnitOfWork, **_: str) -> Response:
    """可以新开的表单；formID 给了就只列那一份。"""
    home = _home(uow)
    rows = []
    for form in odk_forms.open_forms(uow, request.args.get("formID", "")):
        path = f"{home}/forms/{quote(form.form_id, safe='')}/{quote(form.version, safe='')}"
        rows.append(Listed(form.form_id, form.title, form.version, form.md5, f"{path}.xml", f"{path}/manifest"))
    return _cached(form_list(rows, verbose=request.args.get("verbose") == "true"))


@endpoint(READ, door="odk")
def form_xml(form: str, version: str, uow: UnitOfWork, **_: str) -> Response:
    """表单原样的字节；同一版本永远一样。"""
    return _cached(odk_forms.find_form(uow, form, version).xml)


@endpoint(READ, door="odk")
def form_manifest(form: str, version: str, uow: UnitOfWork, **_: str) -> Response:
    """表单要带的离线名单。"""
    odk_forms.find_form(uow, form, version)
    home = _home(uow)
    rows = []
    for name in FORM_FILES:
        word = name.removesuffix(".csv")
        address = f"{home}/entities/{word}"
        rows.append(Listing(name, _hash(uow, word), f"{address}.csv", f"{address}/integrity"))
    return _cached(manifest(rows))


def _hash(uow: UnitOfWork, word: str) -> str:
    return odk_entities.list_hash(uow.session, word, *_asker(uow))


def _asker(uow: UnitOfWork) -> tuple[Any, int, Any]:
    return uow.scope, own_officer_id(uow) or 0, shanghai_day(uow.now)


def _known(word: str) -> str:
    if word not in odk_entities.LISTS:
        raise Missing("entity-list-not-found", "没有这份名单。")
    return word


@endpoint(READ, door="odk")
def entity_csv(word: str, uow: UnitOfWork, **_: str) -> Response:
    """一份离线名单。"""
    body = b"".join(odk_entities.list_csv(uow.session, _known(word), *_asker(uow)))
    return _cached(body, "text/csv; charset=utf-8")


@endpoint(READ, door="odk")
def entity_integrity(word: str, uow: UnitOfWork, **_: str) -> Response:
    """手机上多出来的条目在服务器上还有没有。"""
    ids = []
    for text in request.args.get("id", "").split(",")[:MOST_IDS]:
        try:
            ids.append(UUID(text.strip().removeprefix("uuid:")))
        except ValueError:
            continue
    return xml_reply(integrity(odk_entities.gone(uow.session, _known(word), *_asker(uow), ids)))


@unguarded("an unknown address under this door is answered in its own words; nothing is read")
def nothing_here(**_: str) -> Response:
    """这扇门里没有的地址，也用 OpenRosa 的样子回答。"""
    raise Missing("not-found", "没有这个地址，或不支持此方法；请核对 Collect 里的服务器地址。")


def _cached(body: bytes, kind: str = "text/xml; charset=utf-8") -> Response:
    """An answer under an ETag of its bytes: an unchanged list costs the phone no traffic."""
    reply = Response(body, content_type=kind)
    reply.add_etag()
    reply.headers["Cache-Control"] = "private, no-cache"
    return reply.make_conditional(request)


both_addresses(blp, "/formList", form_list_view)
both_addresses(blp, "/forms/<form>/<version>.xml", form_xml)
both_addresses(blp, "/forms/<form>/<version>/manifest", form_manifest)
both_addresses(blp, "/entities/<word>.csv", entity_csv)
both_addresses(blp, "/entities/<word>/integrity", entity_integrity)
for tail in ("", "/<path:rest>"):
    blp.add_url_rule(tail, view_func=nothing_here, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
