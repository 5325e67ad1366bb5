"""源码里提得出的每个问题代码，和它的状态码。"""

from __future__ import annotations

import ast
from collections import defaultdict

from server.domain import errors
from server.routes.problems import CONSTRAINTS, HTTP_CODES, OTHER_REFUSAL, STATUS
from tests.house.source import name_of, walk

FAMILIES = {
    name: found
    for name, found in vars(errors).items()
    if isinstance(found, type) and issubclass(found, errors.ZhijianError) and found is not errors.ZhijianError
}
# Files that raise a code handed to them: the family, and the codes as they stand elsewhere as literals.
INDIRECT = {
    "server/publishing/standing.py": (errors.Gone, {"bulletin-withdrawn", "case-withdrawn"}),
    "server/routes/openrosa/identity.py": (errors.Unidentified, {"nonce-stale"}),
    "schemas/checklist_file.py": (errors.Invalid, {"checklist-invalid", "vocabulary-invalid"}),
}


def raised_codes() -> dict[str, set[int]]:
    """Statuses by code, of everything the product can answer with."""
    found: dict[str, set[int]] = defaultdict(set)
    for path, node in walk():
        if not isinstance(node, ast.Call) or not node.args:
            continue
        family = FAMILIES.get(name_of(node.func).split(".")[-1])
        first = node.args[0]
        if family is not None and isinstance(first, ast.Constant):
            found[str(first.value)].add(STATUS[family])
        elif family is not None:
            family, codes = INDIRECT[str(path)]
            for code in codes:
                found[code].add(STATUS[family])
        elif name_of(node.func) == "Problem" and isinstance(node.args[1], ast.Constant):
            found[str(node.args[1].value)].add(int(ast.literal_eval(first)))
    for status, (code, _) in HTTP_CODES.items():
        found[code].add(status)
    for code, _ in CONSTRAINTS.values():
        found[code].add(409)
    found[OTHER_REFUSAL[0]].add(406)
    return dict(found)
