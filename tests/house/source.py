"""读自家的源码：房间、文件、语法树。"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).parents[2]
ROOMS = ("server", "schemas", "workers")


@lru_cache(maxsize=1)
def modules() -> tuple[Path, ...]:
    """Every Python file of the product, relative to the house."""
    found = [p for room in ROOMS for p in sorted((HERE / room).rglob("*.py"))]
    return tuple(p.relative_to(HERE) for p in [*found, HERE / "wsgi.py"])


@lru_cache(maxsize=500)
def tree(path: Path) -> ast.Module:
    return ast.parse((HERE / path).read_text(encoding="utf-8"))


def walk(*paths: Path) -> Iterator[tuple[Path, ast.AST]]:
    """(file, node) of every node of these files, or of all."""
    for path in paths or modules():
        for node in ast.walk(tree(path)):
            yield path, node


def words(path: str) -> str:
    return (HERE / path).read_text(encoding="utf-8")


def name_of(node: ast.AST) -> str:
    """`a.b.c` of a chain of attributes; '' for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = name_of(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""
