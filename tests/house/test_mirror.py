"""测试在你猜得到的地方：domain、formats、storage、schemas 的每个模块都有自己的镜子。"""

from __future__ import annotations

import pytest

from tests.house.source import HERE

ROOMS = ("server/domain", "server/formats", "server/storage", "server/services", "schemas/public")
# A module without rules of its own, proven by the tests of those who use it.
NO_MIRROR = {
    "server/domain/errors.py": "只有类名；每个代码由 tests/house 核对",
    "server/domain/register_facts.py": "只有词；每个词由名录、计划的测试用到",
}
# Use cases proven through HTTP, on both databases, in a test named after the door's word.
PROVEN_IN = {
    "server/services/assignment_checks.py": "field/test_assignments.py",
    "server/services/assignment_steps.py": "console/test_assignments.py",
    "server/services/draw_changes.py": "console/test_draws.py",
    "server/services/draw_numbers.py": "console/test_draws.py",
    "server/services/draw_openings.py": "console/test_draws.py",
    "server/services/draw_secrets.py": "console/test_draws.py",
    "server/services/drawing.py": "console/test_draws.py",
    "server/services/frames.py": "console/test_draws.py",
    "server/services/case_totals.py": "console/test_bulletins.py",
    "server/services/custody.py": "field/test_evidence.py",
    "server/services/drafting.py": "console/test_bulletins.py",
    "server/services/import_judging.py": "console/test_imports.py",
    "server/services/import_lookup.py": "console/test_imports.py",
    "server/services/import_writing.py": "console/test_imports.py",
    "server/services/register_exports.py": "console/test_imports.py",
    "server/services/envelopes.py": "field/test_sync.py",
    "server/services/judging.py": "field/test_checks.py",
    "server/services/likeness.py": "field/test_evidence.py",
    "server/services/officers.py": "console/test_registers.py",
    "server/services/register_history.py": "console/test_register_edits.py",
    "server/services/subject_places.py": "console/test_register_edits.py",
    "server/services/packages.py": "field/test_package.py",
    "server/services/parts.py": "field/test_merging.py",
    "server/services/questions.py": "field/test_merging.py",
    "server/services/regions.py": "console/test_registers.py",
    "server/services/sessions.py": "console/test_session.py",
    "server/services/slots.py": "field/test_photos.py",
    "server/services/submission_checks.py": "openrosa/test_submissions.py",
    "server/services/subjects.py": "console/test_registers.py",
    "server/services/terms.py": "console/test_calendars.py",
    "server/services/violations.py": "console/test_bulletins.py",
}


def modules(room: str) -> list[str]:
    return [str(p.relative_to(HERE)) for p in sorted((HERE / room).glob("*.py")) if p.name != "__init__.py"]


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_has_its_mirror(room: str) -> None:
    bare = []
    for module in modules(room):
        name = module.rsplit("/", 1)[1]
        mirror = HERE / "tests" / "unit" / room / f"test_{name}"
        through_http = room == "server/services" and (_api_mirror(name) or _proven(module))
        if not mirror.is_file() and not through_http and module not in NO_MIRROR:
            bare.append(module)
    assert not bare, bare


def _proven(module: str) -> bool:
    place = PROVEN_IN.get(module)
    return place is not None and (HERE / "tests" / "api" / place).is_file()


def _api_mirror(name: str) -> bool:
    """A use case may be proven through HTTP, on both databases."""
    return any(
        (HERE / "tests" / "api" / door / f"test_{name}").is_file()
        for door in ("field", "console", "openrosa", "public")
    )


def test_exceptions_are_still_needed() -> None:
    for module in NO_MIRROR:
        room, name = module.rsplit("/", 1)
        assert (HERE / module).is_file()
        assert not (HERE / "tests" / "unit" / room / f"test_{name}").is_file(), module
