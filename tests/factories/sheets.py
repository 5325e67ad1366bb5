"""测试的表格：真正的 XLSX 与 CSV，列名就是官方的列名。"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from tests.factories.world import centre_of
from tests.people import ZHENHAI

Record = Mapping[str, Any]
INLINE = re.compile(rb't="inlineStr"><is><t[^>]*>(.*?)</t></is></c>', re.S)
FILLER = b"<c/>" * 1024


def xlsx(records: Sequence[Record], *, title: Sequence[str] = (), headers: Sequence[str] = ()) -> bytes:
    """A workbook with one sheet: optional title rows, a header of every column named anywhere, one row per record."""
    book = Workbook()
    sheet = book.worksheets[0]
    for words in title:
        sheet.append([words])
    columns = list(headers or dict.fromkeys(name for record in records for name in record))
    sheet.append(columns)
    for record in records:
        sheet.append([record.get(name) for name in columns])
    return saved(book)


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_excel_saves(data: bytes) -> bytes:
    """The same workbook with its texts in `xl/sharedStrings.xml`, each once, as spreadsheet programs write it."""
    known: dict[bytes, int] = {}

    def shared(found: re.Match[bytes]) -> bytes:
        return b't="s"><v>%d</v></c>' % known.setdefault(found[1], len(known))

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {name: old.read(name) for name in old.namelist()}
        for name in [n for n in parts if n.startswith("xl/worksheets/")]:
            parts[name] = INLINE.sub(shared, parts[name])
        texts = b"".join(b"<si><t>%b</t></si>" % text for text in known)
        parts["xl/sharedStrings.xml"] = b'<sst xmlns="%b">%b</sst>' % (SHEET_MAIN_NS.encode(), texts)
        override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHARED_STRINGS}"/></Types>'.encode()
        types = re.sub(rb'<Override[^>]*sharedStrings.xml"[^>]*/>', b"", parts["[Content_Types].xml"])
        parts["[Content_Types].xml"] = types.replace(b"</Types>", override)
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def csv_bytes(records: Sequence[Record], encoding: str = "utf-8") -> bytes:
    columns = list(dict.fromkeys(name for record in records for name in record))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode(encoding)


def table(data: bytes, sheet: int = 0) -> list[dict[str, Any]]:
    """The rows of a workbook by header (without its required mark)."""
    rows = list(load_workbook(io.BytesIO(data)).worksheets[sheet].iter_rows(values_only=True))
    names = [str(name).removesuffix(" *") for name in rows[0]]
    return [dict(zip(names, row, strict=True)) for row in rows[1:]]


def bomb(megabytes: int) -> bytes:
    """A workbook of a few kilobytes whose sheet unpacks to that many megabytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(megabytes * 2**20 // len(FILLER)):
                sheet.write(FILLER)
    return stream.getvalue()


def project(code: str, **changes: Any) -> dict[str, Any]:
    """A row that is right in the test world."""
    lon, lat = centre_of(ZHENHAI, 0.05)
    row = {
        "项目编号": code,
        "项目名称": f"示例工程{code}",
        "工程类别": "住宅",
        "区划代码": ZHENHAI,
        "工程地址": "示例路2号",
        "经度": lon,
        "纬度": lat,
        "坐标系": "CGCS2000",
    }
    return row | changes


def organisation(name: str, code: str | None = None, **changes: Any) -> dict[str, Any]:
    return {"单位名称": name, "单位类别": "施工单位", "统一社会信用代码": code, "区划代码": ZHENHAI} | changes


def officer(number: str, **changes: Any) -> dict[str, Any]:
    row = {
        "姓名": "新检",
        "行政执法证号": number,
        "证件有效期至": "2030-12-31",
        "所属单位": f"{ZHENHAI}authority（示例）有限公司",
        "区划代码": ZHENHAI,
    }
    return row | changes


def site(code: str, **changes: Any) -> dict[str, Any]:
    lon, lat = centre_of(ZHENHAI, 0.06)
    row = {
        "站点编号": code,
        "站点名称": f"示例站{code}",
        "站点类别": "搅拌站",
        "区划代码": ZHENHAI,
        "站点地址": "示例路3号",
        "经度": lon,
        "纬度": lat,
        "坐标系": "WGS84",
        "所属企业": f"{ZHENHAI}concrete_producer（示例）有限公司",
    }
    return row | changes
