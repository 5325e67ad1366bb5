"""每份检查单对每类对象的表单：一个进程里只造一次。"""

from __future__ import annotations

from functools import cache

from server.domain.checklists import Checklist, Frame
from server.formats.xform import BuiltForm, build_form
from tests.checklists.house import checklists


def pairs() -> list[tuple[str, Frame]]:
    """Every checklist version with every kind of subject it is put to."""
    return [(name, frame) for name, found in checklists().items() for frame in Frame if found.items_for(frame)]


@cache
def built(name: str, frame: Frame) -> BuiltForm:
    return build_form(checklists()[name], frame)


def frame_of(name: str, item: str) -> Frame:
    """The first kind of subject an item is put to."""
    found: Checklist = checklists()[name]
    return next(f for f in Frame if any(i.code == item for i in found.items_for(f)))
