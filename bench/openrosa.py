"""Collect 交记录：真的一扇门（令牌、拆 multipart、读 XML、落盘、入库、待办），对只写下同样字节的光秃秃的路由。"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4
from xml.etree import ElementTree as ET

from sqlalchemy import select

from bench.places import POSTGIS, Place
from bench.season import Season
from bench.servers import Running, bare_server, real_server
from bench.sizes import Sizes
from bench.table import Table, interleave, middle, number, ratio, spread
from bench.wire import Parts, Sent, request, send
from server.domain.checklists import Frame
from server.models.openrosa import OdkForm
from server.models.users import User
from server.services import odk_forms, odk_keys

CONCURRENCIES = (1, 8)
BOUNDARY = "----zhijian-bench-boundary"
XFORMS = "{http://www.w3.org/2002/xforms}"
VERDICT = f"{XFORMS}verdict"
TEMPLATE = "{http://openrosa.org/javarosa}template"
INSTANCE = "uuid:00000000-0000-4000-8000-000000000000"
NAME = "photo-{}.jpg"
Make = Callable[[int], list[tuple[Parts, ...]]]


@dataclass(frozen=True, slots=True)
class Door:
    """A phone's address and an empty record of its form, by how many photos it mentions."""

    path: str
    records: dict[int, bytes]


def open_door(place: Place, counts: set[int]) -> Door:
    """A key for the season's phone, and one filled-in record for each number of photos."""
    house = place.house()
    try:
        with house.unit() as uow:
            odk_forms.ensure_forms(uow)
            uow.session.flush()
            user = uow.session.scalars(select(User).where(User.login == "bench")).one()
            access = odk_keys.make_key(uow, user, "测速的 Collect")
            wanted = select(OdkForm).where(OdkForm.frame == Frame.PROJECT.value).order_by(OdkForm.id)
            form = uow.session.scalars(wanted).first()
            if form is None:
                raise RuntimeError("没有表单")
            records = {count: _record(form.xml, count) for count in counts}
        return Door(access.url(""), records)
    finally:
        house.database.dispose()


def _record(form: bytes, photos: int) -> bytes:
    """The form's own record: a verdict on every item, as many photos as asked for, the rest left out as a phone does."""
    data = ET.fromstring(form).find(f".//{XFORMS}model/{XFORMS}instance/{XFORMS}data")
    if data is None:
        raise RuntimeError("表单里没有记录的样子")
    _drop_templates(data)
    leaves = [node for node in data.iter() if not len(node)]
    for node in (n for n in leaves if n.tag == VERDICT):
        node.text = "conforming"
    for count, node in enumerate([n for n in leaves if n.tag == f"{XFORMS}photo_1"][:photos]):
        node.text = NAME.format(count)
    for node in leaves:
        if node.tag.endswith("instanceID"):
            node.text = INSTANCE
    _prune(data)
    ET.register_namespace("", XFORMS[1:-1])
    text: bytes = ET.tostring(data, encoding="utf-8", xml_declaration=True)
    if text.count(b".jpg") != photos or INSTANCE.encode() not in text:
        raise RuntimeError("记录没有照想的填好")
    return text


def _drop_templates(node: ET.Element) -> None:
    for child in list(node):
        if TEMPLATE in child.attrib:
            node.remove(child)
        else:
            _drop_templates(child)


def _prune(node: ET.Element) -> bool:
    for child in list(node):
        if not _prune(child):
            node.remove(child)
    return bool(len(node) or (node.text or "").strip())


def _part(name: str, file_name: str, kind: str) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
    return f"{head}Content-Type: {kind}\r\n\r\n".encode()


def _ours(door: Door, photos: int, size: int) -> Make:
    """Posts as Collect writes them; every record and every photo is a new one."""
    headers = {"X-OpenRosa-Version": "1.0", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    filler = os.urandom(max(size, 16))[16:]

    def post() -> tuple[Parts, ...]:
        xml = door.records[photos].replace(INSTANCE.encode(), f"uuid:{uuid4()}".encode())
        body = [_part("xml_submission_file", "record.xml", "text/xml"), xml, b"\r\n"]
        for count in range(photos):
            name = NAME.format(count)
            body += [_part(name, name, "image/jpeg"), os.urandom(16), filler, b"\r\n"]
        body.append(f"--{BOUNDARY}--\r\n".encode())
        return (request("POST", f"{door.path}/submission?deviceID=bench", headers, tuple(body)),)

    return lambda count: [post() for _ in range(count)]


def _bare(door: Door, photos: int, size: int) -> Make:
    """The same record and the same photos, without names, one after the other."""
    xml, filler = door.records[photos], os.urandom(max(size, 16))[16:]
    sizes = ",".join(map(str, [len(xml), *[size] * photos]))

    def post() -> tuple[Parts, ...]:
        body: list[bytes] = [xml]
        for _ in range(photos):
            body += [os.urandom(16), filler]
        return (request("PUT", f"/records/{uuid4()}?parts={sizes}", {}, tuple(body)),)

    return lambda count: [post() for _ in range(count)]


def measure_openrosa(place: Place, season: Season, sizes: Sizes) -> list[Table]:
    """Records per second and the 95th percentile, beside the bare route in the same run."""
    if place.name != POSTGIS or not season.subjects:
        raise RuntimeError("这一项量在 PostGIS 上")
    door = open_door(place, {photos for photos, _, _ in sizes.posts})
    rows: list[tuple[str, ...]] = []
    with real_server(place) as real, bare_server(place) as bare:
        for photos, size, count in sizes.posts:
            sides = (_ours(door, photos, size), _bare(door, photos, size))
            for running, make in zip((real, bare), sides, strict=True):
                send(running.port, make(16), 8)  # imports and connections are not measured
            for at_once in CONCURRENCIES:
                rows.append(_row(sides, (real, bare), (photos, size, count), at_once, sizes.rounds))
    columns = ("照片", "并发", "质鉴，份/秒", "p95 毫秒", "MB/秒", "裸路由，份/秒", "p95 毫秒", "质鉴 ÷ 裸")
    notes = (
        f"PostGIS；每份记录 {len(door.records[0]) / 1000:.1f} KB，{door.records[0].count(b'<verdict>')} 条判定；"
        "每份、每张都是新的，回答之前记录已提交、文件已落盘。",
        "裸路由收同样的字节，一行记录一条 INSERT，每张照片一个文件，写完同步，别的不做。",
    )
    return [Table("Collect 交记录（中位数，括号内为最低～最高）", columns, tuple(rows), notes)]


def _posting(server: Running, make: Make, count: int, at_once: int) -> Callable[[], Sent]:
    return lambda: send(server.port, make(count), at_once)


def _row(
    sides: tuple[Make, Make], servers: tuple[Running, Running], what: tuple[int, int, int], at_once: int, rounds: int
) -> tuple[str, ...]:
    photos, size, count = what
    count = max(8, count * at_once // 8)
    taken = interleave(
        [_posting(side, make, count, at_once) for side, make in zip(servers, sides, strict=True)], rounds
    )
    ours, bare = ([sent.rate for sent in side] for side in taken)
    late = [middle([sent.percentile(95) * 1000 for sent in side]) for side in taken]
    label = f"{photos} 张" + (f"，每张 {size / 1e6:g} MB" if photos else "")
    a, b = middle(ours), middle(bare)
    return (
        label,
        str(at_once),
        f"{number(a)}（{spread(ours)}）",
        number(late[0]),
        number(a * photos * size / 1e6),
        f"{number(b)}（{spread(bare)}）",
        number(late[1]),
        ratio(a, b),
    )
