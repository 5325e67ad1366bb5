"""KML：只认面；实体、外部引用一概不读。"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from server.domain.registers import Ring
from server.formats.outline import Part, corner, unreadable

MAX_PARTS = 500


def read_kml(data: bytes) -> list[Part]:
    """Every polygon, named after its placemark. Raises Invalid `boundary-file-unreadable` and `position-invalid`."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise unreadable("不是合格的 KML") from error
    if _local(root) not in ("kml", "Document", "Folder", "Placemark"):
        raise unreadable("不是 KML")
    parts: list[Part] = []
    for number, mark in enumerate(_all(root, "Placemark"), start=1):
        name = (_text(mark, "name") or f"第 {number} 个地标")[:60]
        shapes = list(_all(mark, "Polygon"))
        parts += [_part(name if len(shapes) == 1 else f"{name}（{n}）", p) for n, p in enumerate(shapes, start=1)]
        if len(parts) > MAX_PARTS:
            raise unreadable(f"超过 {MAX_PARTS} 个面")
    return parts


def _part(name: str, polygon: Element) -> Part:
    outer = [_ring(name, e) for e in polygon if _local(e) == "outerBoundaryIs"]
    if len(outer) != 1:
        raise unreadable(f"“{name}”没有外边界")
    return Part(name, outer[0], sum(_local(e) == "innerBoundaryIs" for e in polygon))


def _ring(name: str, boundary: Element) -> Ring:
    text = next((e.text or "" for e in _all(boundary, "coordinates")), "")
    return tuple(corner(tuple_.split(","), f"“{name}”第 {n} 个点") for n, tuple_ in enumerate(text.split(), start=1))


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(root: Element, name: str) -> Iterator[Element]:
    return (e for e in root.iter() if _local(e) == name)


def _text(element: Element, name: str) -> str:
    return next(((e.text or "").strip() for e in element if _local(e) == name), "")
