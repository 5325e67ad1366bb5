"""还原成文件形状，再读回来相等。"""

from __future__ import annotations

import pytest

from schemas.checklist_file import load_checklist
from server.formats.checklist_shape import file_shape
from tests.checklists.house import checklists, vocabulary


@pytest.mark.parametrize("name", sorted(checklists()))
def test_shape_loads_back_to_an_equal_checklist(name: str) -> None:
    checklist = checklists()[name]
    assert load_checklist(file_shape(checklist), vocabulary()) == checklist
