"""运维命令的工作单元：照环境里的设置开，用完就关。"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from server.config import load_settings
from server.house import build_house
from server.uow import House, UnitOfWork


@contextmanager
def open_unit(*, writing: bool = True) -> Iterator[UnitOfWork]:
    """A unit of work of one command, committed when the block ends well."""
    house: House = build_house(load_settings())
    try:
        with house.unit(writing=writing) as uow:
            yield uow
    finally:
        house.database.dispose()
