"""Collect 交记录：HEAD 问路，POST 交一份记录和若干文件；落盘、入库之后才说收到。"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from flask import Response, request
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from server.domain import openrosa
from server.domain.errors import Invalid, TooLarge, UnsupportedMedia
from server.domain.openrosa import Claim
from server.domain.permissions import Permission
from server.formats.openrosa import read_xml
from server.formats.xform_record import file_refs, read_meta
from server.routes.bodies import body_stream
from server.routes.endpoint import Caller, house, settle_races, streaming
from server.routes.openrosa.frame import both_addresses, pages, told
from server.services.submission_fresh import keep_fresh
from server.services.submissions import Arrived, Kept, Record, keep_submission

blp = pages("openrosa-submission")
CHUNK = 256 * 1024
RECORD = "xml_submission_file"
MOST_FILES = 1000
MOST_FIELD = 64 * 1024


@dataclass(slots=True)
class Post:
    """What one POST brought: the record's bytes and the files, each already on the disk."""

    xml: bytes | None = None
    files: list[Arrived] = field(default_factory=list)


@streaming(Permission.FIELD_CHECK_SUBMIT, door="odk", asks_again=True)
def submit(caller: Caller, project: str, **_: str) -> Response:
    """收一份记录；记录在每一次分批里都重复一遍，文件可以分几批、任意次序、重复着来。"""
    if request.method in ("GET", "HEAD"):
        return Response(status=204)
    post = Post()
    with ExitStack() as undo:
        _read_body(post, undo)
        record = _record(post.xml, project)
        house().storage.promote_all([arrived.received for arrived in post.files])
        undo.pop_all()
        kept = _keep(caller, record, post.files)
    return told(kept.words, 201, "submit_success")


def _keep(caller: Caller, record: Record, files: list[Arrived]) -> Kept:
    client = request.headers.get("User-Agent", "")
    with caller.single() as uow:
        kept = keep_fresh(uow, record, files, client)
    if kept is not None:
        return kept
    asked = caller.asked()
    return settle_races(lambda: _keep_carefully(asked, record, files, client))


def _keep_carefully(caller: Caller, record: Record, files: list[Arrived], client: str) -> Kept:
    with caller.unit() as uow:
        return keep_submission(uow, record, files, client)


def _record(xml: bytes | None, region: str) -> Record:
    if xml is None:
        raise Invalid("record-missing", f"没有名为 {RECORD} 的部分，收不下。")
    root = read_xml(xml, house().settings.uploads.max_json_bytes)
    meta = read_meta(root)
    claim = Claim(meta.form_id, meta.version, meta.instance_id, meta.deprecated_id, sha256(xml).hexdigest())
    return Record(claim, xml, tuple(openrosa.nfc(ref.name) for ref in file_refs(root)), region)


def _read_body(post: Post, undo: ExitStack) -> None:
    """Take the body apart as it arrives; files go to the disk, nothing but the record is held in memory."""
    kind, options = parse_options_header(request.headers.get("Content-Type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise UnsupportedMedia("form-data-expected", "请以 multipart/form-data 提交。")
    parser = PushMultipartParser(options["boundary"], max_segment_count=MOST_FILES, max_header_size=16 * 1024)
    events = _events(parser)
    try:
        for event in events:
            if isinstance(event, MultipartSegment):
                _read_part(event, events, post, undo)
    except MultipartError as error:
        raise Invalid("body-cut-off", "内容没有传完或拆不开，请重传。") from error


def _events(parser: PushMultipartParser) -> Iterator[Any]:
    stream = body_stream()
    while not parser.closed:
        yield from parser.parse(stream.read(CHUNK))


def _until_end(events: Iterator[Any]) -> Iterator[bytes]:
    """The bytes of one part."""
    for event in events:
        if event is None:
            return
        yield event


def _read_part(part: MultipartSegment, events: Iterator[Any], post: Post, undo: ExitStack) -> None:
    if part.name == RECORD:
        if post.xml is not None:
            raise Invalid("record-twice", "一次提交只能有一份记录。")
        post.xml = _bounded(events, house().settings.uploads.max_json_bytes)
    elif part.filename is None:
        _bounded(events, MOST_FIELD)
    else:
        post.files.append(_store(part, events, undo))


def _bounded(events: Iterator[Any], limit: int) -> bytes:
    held = bytearray()
    for chunk in _until_end(events):
        held += chunk
        if len(held) > limit:
            raise TooLarge("record-too-large", f"记录的 XML 超过上限 {limit // 1024} KB。", facts={"limit": limit})
    return bytes(held)


def _store(part: MultipartSegment, events: Iterator[Any], undo: ExitStack) -> Arrived:
    raw = part.filename or part.name
    name = openrosa.file_name(raw)
    limit = house().settings.uploads.max_photo_bytes
    received = house().storage.receive(_until_end(events), limit=limit)
    undo.callback(house().storage.discard, received)
    return Arrived(name, raw, (part.content_type or "application/octet-stream")[:80], received)


both_addresses(blp, "/submission", submit, methods=("GET", "HEAD", "POST"))
