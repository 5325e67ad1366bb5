"""小是故意的：函数不超过四十行，文件不超过四百行，测试文件不超过六百行。"""

from __future__ import annotations

import ast

from tests.house.source import HERE, modules, tree, walk

MOST_IN_FUNCTION, MOST_IN_FILE, MOST_IN_TEST = 40, 400, 600


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = node.body[0]
    doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    told = (first.end_lineno or 0) - first.lineno + 1 if doc else 0
    return (node.end_lineno or 0) - node.lineno + 1 - told


def test_functions_are_small() -> None:
    found = [
        f"{path}:{node.lineno} {node.name} {length(node)} 行"
        for path, node in walk()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and length(node) > MOST_IN_FUNCTION
        and "migrations/versions" not in str(path)
    ]
    assert not found, "\n".join(found)


def test_files_are_small() -> None:
    files = [HERE / p for p in modules() if "migrations/versions" not in str(p)]
    limits = [(f, MOST_IN_FILE) for f in files] + [(f, MOST_IN_TEST) for f in sorted((HERE / "tests").rglob("*.py"))]
    found = [f"{f.relative_to(HERE)} {n} 行" for f, most in limits if (n := len(f.read_text().splitlines())) > most]
    assert not found, "\n".join(found)


def test_every_module_says_what_it_is_for() -> None:
    silent = [str(p) for p in modules() if p.name != "__init__.py" and not ast.get_docstring(tree(p))]
    assert not silent, silent
