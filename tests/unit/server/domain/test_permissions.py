"""权限：默认不许，范围是区划子树，公众只读。"""

from __future__ import annotations

from uuid import UUID

import pytest

from server.domain.permissions import (
    ANONYMOUS,
    ROLE_NAMES,
    ROLE_PERMISSIONS,
    SYSTEM,
    Actor,
    Grant,
    Permission,
    Role,
    Scope,
)


def actor(*grants: Grant) -> Actor:
    return Actor(1, UUID(int=1), "某人", grants)


def test_every_role_has_a_name_and_a_table() -> None:
    assert set(ROLE_NAMES) == set(ROLE_PERMISSIONS) == set(Role)


@pytest.mark.parametrize("nobody", [ANONYMOUS, SYSTEM, actor()])
def test_without_roles_nothing_but_reading_what_is_public(nobody: Actor) -> None:
    assert [p for p in Permission if nobody.may(p)] == [Permission.PUBLIC_READ]
    assert all(nobody.scope(p) == Scope(()) for p in Permission)


def test_scope_is_where_the_role_that_allows_it_holds() -> None:
    both = actor(Grant(Role.SUPERVISOR, "330200"), Grant(Role.LEGAL_REVIEWER, "441300"))
    assert both.scope(Permission.CONSOLE_CASE_READ) == Scope(("330200", "441300"))
    assert both.scope(Permission.CONSOLE_CASE_DECIDE) == Scope(("330200",))
    assert both.scope(Permission.CONSOLE_BULLETIN_REVIEW) == Scope(("441300",))
    assert both.scope(Permission.CONSOLE_USER_MANAGE) == Scope(())


def test_who_drafts_does_not_review_and_who_administers_does_not_decide() -> None:
    assert Permission.CONSOLE_BULLETIN_REVIEW not in ROLE_PERMISSIONS[Role.SUPERVISOR]
    assert Permission.CONSOLE_BULLETIN_DRAFT not in ROLE_PERMISSIONS[Role.LEGAL_REVIEWER]
    assert Permission.CONSOLE_BULLETIN_PUBLISH not in ROLE_PERMISSIONS[Role.SUPERVISOR]
    decides = {p for p in Permission if p.value.endswith(":decide")}
    assert not decides & ROLE_PERMISSIONS[Role.ADMINISTRATOR]
    assert not any(p.value.startswith("field:") for r in Role if r is not Role.INSPECTOR for p in ROLE_PERMISSIONS[r])


def test_permissions_are_kept_in_alphabetical_order() -> None:
    assert [p.name for p in Permission] == sorted(p.name for p in Permission)


def test_ledger_names_no_person() -> None:
    assert actor().label == f"user:{UUID(int=1)}"
    assert SYSTEM.label == "system"
