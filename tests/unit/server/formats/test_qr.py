"""二维码：一个元素，没有样式和脚本，题目转义。"""

from __future__ import annotations

from xml.etree import ElementTree

from server.formats.qr import qr_svg


def test_one_svg_element_with_a_title_and_nothing_the_policy_refuses() -> None:
    drawn = qr_svg("http://example.test/draws/330211-2026-0001-1", "公开 <验证> 页")
    root = ElementTree.fromstring(drawn)
    assert (root.tag, root.findtext("title")) == ("svg", "公开 <验证> 页")
    assert "style" not in drawn
    assert "script" not in drawn


def test_another_address_gives_another_picture_and_the_same_address_the_same() -> None:
    assert qr_svg("a", "题") == qr_svg("a", "题")
    assert qr_svg("a", "题") != qr_svg("b", "题")
