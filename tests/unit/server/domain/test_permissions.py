"""权限：默认不许；角色只在自己的区划子树里有效。"""

from __future__ import annotations

import pytest

from server.domain.permissions import ANONYMOUS, ROLE_NAMES, ROLE_PERMISSIONS, Actor, Grant, Permission, Role, Scope


def actor(*grants: Grant) -> Actor:
    return Actor(user_id=1, uuid=None, name="示例", grants=grants)


def test_the_enum_is_in_alphabetical_order_and_reads_scope_resource_action() -> None:
    names = [p.name for p in Permission]
    assert names == sorted(names)
    assert all(len(p.value.split(":")) == 3 for p in Permission)


@pytest.mark.parametrize("permission", [p for p in Permission if p is not Permission.PUBLIC_READ])
def test_nobody_may_do_anything_but_read_what_is_public(permission: Permission) -> None:
    assert not ANONYMOUS.may(permission)
    assert ANONYMOUS.scope(permission) == Scope(())
    assert ANONYMOUS.may(Permission.PUBLIC_READ)


@pytest.mark.parametrize("permission", [p for p in Permission if p is not Permission.PUBLIC_READ])
def test_every_permission_belongs_to_some_role(permission: Permission) -> None:
    assert any(permission in held for held in ROLE_PERMISSIONS.values())


def test_every_role_has_a_name_and_a_list() -> None:
    assert set(ROLE_NAMES) == set(ROLE_PERMISSIONS) == set(Role)


def test_duties_that_check_each_other_are_apart() -> None:
    draft, review, publish = (
        Permission.CONSOLE_BULLETIN_DRAFT,
        Permission.CONSOLE_BULLETIN_REVIEW,
        Permission.CONSOLE_BULLETIN_PUBLISH,
    )
    for held in ROLE_PERMISSIONS.values():
        assert len({draft, review, publish} & held) <= 1
    inspector = ROLE_PERMISSIONS[Role.INSPECTOR]
    assert Permission.CONSOLE_VIOLATION_DECIDE not in inspector


def test_scope_is_where_the_role_is_held_and_nowhere_else() -> None:
    both = actor(Grant(Role.SUPERVISOR, "330211"), Grant(Role.REGISTRAR, "441302"))
    assert both.scope(Permission.CONSOLE_VIOLATION_DECIDE) == Scope(("330211",))
    assert both.scope(Permission.CONSOLE_SUBJECT_WRITE) == Scope(("441302",))
    assert both.scope(Permission.CONSOLE_SUBJECT_READ) == Scope(("330211", "441302"))
    assert both.scope(Permission.CONSOLE_USER_MANAGE) == Scope(())
