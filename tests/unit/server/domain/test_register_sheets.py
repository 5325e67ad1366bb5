"""四本名录的列：名字不撞车，必填的都有。"""

from __future__ import annotations

import pytest

from server.domain.register_columns import RegisterRoom, normalise_header
from server.domain.register_sheets import COLUMNS, PARTIES


@pytest.mark.parametrize("room", RegisterRoom)
def test_no_name_means_two_columns(room: RegisterRoom) -> None:
    names = [normalise_header(name) for column in COLUMNS[room] for name in column.names]
    assert len(names) == len(set(names))
    assert len({column.key for column in COLUMNS[room]}) == len(COLUMNS[room])


@pytest.mark.parametrize("room", RegisterRoom)
def test_required_columns_have_an_example_that_can_be_read(room: RegisterRoom) -> None:
    for column in COLUMNS[room]:
        if column.required or column.example:
            assert column.read(column.example) is not None, column.header


def test_a_project_names_the_five_parties_first() -> None:
    headers = [column.header for column in COLUMNS[RegisterRoom.PROJECTS]]
    five = ["建设单位", "施工单位", "监理单位", "勘察单位", "设计单位"]
    assert [h for h in headers if h in five] == five
    assert len(PARTIES) == 8
