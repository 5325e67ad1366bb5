"""测试在你猜得到的地方：domain、formats、storage、schemas 的每个模块都有自己的镜子。"""

from __future__ import annotations

import pytest

from tests.house.source import HERE

ROOMS = ("server/domain", "server/formats", "server/storage", "server/services", "schemas/public")
# A module without rules of its own, proven where the rules are used.
NO_MIRROR = {
    "server/domain/errors.py": "只有类名；每个代码由 tests/house 核对",
    "schemas/public/records.py": "只有字段名；由 public_fields.txt 和 tests/api/public/test_bulletins.py 核对",
}
# Use cases need a database: they are proven through HTTP, on both kinds.
PROVEN_BY = {
    "server/services/case_totals.py": "tests/api/console/test_bulletins.py",
    "server/services/custody.py": "tests/api/console/test_evidence.py",
    "server/services/drafting.py": "tests/api/console/test_bulletins.py",
    "server/services/judging.py": "tests/api/field/test_checks.py",
    "server/services/likeness.py": "tests/api/console/test_evidence.py",
    "server/services/officers.py": "tests/api/console/test_registers.py",
    "server/services/regions.py": "tests/api/console/test_registers.py",
    "server/services/sessions.py": "tests/api/console/test_session.py",
    "server/services/slots.py": "tests/api/field/test_photos.py",
    "server/services/subjects.py": "tests/api/console/test_registers.py",
}


def modules(room: str) -> list[str]:
    return [str(p.relative_to(HERE)) for p in sorted((HERE / room).glob("*.py")) if p.name != "__init__.py"]


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_has_its_mirror(room: str) -> None:
    bare = []
    for module in modules(room):
        name = module.rsplit("/", 1)[1]
        mirror = HERE / "tests" / "unit" / room / f"test_{name}"
        through_http = room == "server/services" and _api_mirror(name)
        if not mirror.is_file() and not through_http and module not in NO_MIRROR | PROVEN_BY:
            bare.append(module)
    assert not bare, bare


def _api_mirror(name: str) -> bool:
    """A use case may be proven through HTTP, on both databases."""
    return any((HERE / "tests" / "api" / door / f"test_{name}").is_file() for door in ("field", "console", "public"))


def test_exceptions_are_still_needed() -> None:
    for module in NO_MIRROR:
        room, name = module.rsplit("/", 1)
        assert (HERE / module).is_file()
        assert not (HERE / "tests" / "unit" / room / f"test_{name}").is_file(), module


def test_proofs_elsewhere_exist() -> None:
    assert [m for m, proof in PROVEN_BY.items() if not ((HERE / m).is_file() and (HERE / proof).is_file())] == []
