"""量速度用的 PostgreSQL：与测试用的同一套办法起停，但每次提交真的落盘。"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[1]
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def _postgres_script() -> Any:
    """The script is not in a package (its folder starts with a dot), so it is loaded by path, as our own copy."""
    spec = importlib.util.spec_from_file_location("zhijian_measuring_cluster", ROOT / ".ci" / "postgres.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("找不到 .ci/postgres.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.SETTINGS.update(DURABLE)
    return module


@contextmanager
def durable_cluster() -> Iterator[str]:
    """Address of a cluster that survives a power cut; gone afterwards."""
    with _postgres_script().cluster() as made:
        yield made.url


def spread(folder: Path) -> None:
    """The folders made in this one lie apart: photos were measured at a quarter of their speed beside those just removed."""
    _postgres_script().spread(folder)


def plain(url: str) -> str:
    """The address as psycopg and libpq read it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def create_database(server: str, name: str, template: str = "template1") -> str:
    """A new database beside the one `server` names, a copy of `template` (which nobody may be using); its address."""
    with psycopg.connect(plain(server), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return re.sub(r"/[^/]*$", f"/{name}", server)
