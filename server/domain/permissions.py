"""权限：谁在哪片区划里可以做什么。

A permission reads scope:resource:action. Roles are fixed sets of permissions; a grant ties a role to a region subtree.
Default deny: what a role does not list, it may not do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """角色。"""

    INSPECTOR = "inspector"
    SUPERVISOR = "supervisor"
    LEGAL_REVIEWER = "legal_reviewer"
    PUBLISHER = "publisher"
    REGISTRAR = "registrar"
    ADMINISTRATOR = "administrator"


ROLE_NAMES = {
    Role.INSPECTOR: "检查员",
    Role.SUPERVISOR: "科室负责人",
    Role.LEGAL_REVIEWER: "法制审核",
    Role.PUBLISHER: "公示发布",
    Role.REGISTRAR: "名录管理",
    Role.ADMINISTRATOR: "系统管理",
}


class Permission(StrEnum):
    """Kept in alphabetical order."""

    CONSOLE_ASSIGNMENT_MANAGE = "console:assignment:manage"
    CONSOLE_ASSIGNMENT_READ = "console:assignment:read"
    CONSOLE_BULLETIN_DRAFT = "console:bulletin:draft"
    CONSOLE_BULLETIN_PUBLISH = "console:bulletin:publish"
    CONSOLE_BULLETIN_READ = "console:bulletin:read"
    CONSOLE_BULLETIN_REVIEW = "console:bulletin:review"
    CONSOLE_BULLETIN_SIGN = "console:bulletin:sign"
    CONSOLE_CALENDAR_WRITE = "console:calendar:write"
    CONSOLE_CASE_DECIDE = "console:case:decide"
    CONSOLE_CASE_READ = "console:case:read"
    CONSOLE_CHECKLIST_PUBLISH = "console:checklist:publish"
    CONSOLE_CHECKLIST_READ = "console:checklist:read"
    CONSOLE_CHECK_READ = "console:check:read"
    CONSOLE_DISCLOSURE_WITHDRAW = "console:disclosure:withdraw"
    CONSOLE_DRAW_ANNOUNCE = "console:draw:announce"
    CONSOLE_DRAW_CONFIRM = "console:draw:confirm"
    CONSOLE_DRAW_OPEN = "console:draw:open"
    CONSOLE_DRAW_READ = "console:draw:read"
    CONSOLE_DRAW_SUBSTITUTE = "console:draw:substitute"
    CONSOLE_DRAW_TYPE = "console:draw:type"
    CONSOLE_DRAW_VOID = "console:draw:void"
    CONSOLE_EVIDENCE_READ = "console:evidence:read"
    CONSOLE_MATTER_READ = "console:matter:read"
    CONSOLE_MATTER_WRITE = "console:matter:write"
    CONSOLE_OFFICER_READ = "console:officer:read"
    CONSOLE_OFFICER_WRITE = "console:officer:write"
    CONSOLE_PLAN_READ = "console:plan:read"
    CONSOLE_PLAN_WRITE = "console:plan:write"
    CONSOLE_SESSION_OWN = "console:session:own"
    CONSOLE_SUBJECT_READ = "console:subject:read"
    CONSOLE_SUBJECT_WRITE = "console:subject:write"
    CONSOLE_USER_MANAGE = "console:user:manage"
    CONSOLE_VIOLATION_DECIDE = "console:violation:decide"
    CONSOLE_VIOLATION_READ = "console:violation:read"
    FIELD_ASSIGNMENT_READ = "field:assignment:read"
    FIELD_ASSIGNMENT_REPORT = "field:assignment:report"
    FIELD_CHECKLIST_READ = "field:checklist:read"
    FIELD_CHECK_READ = "field:check:read"
    FIELD_CHECK_SUBMIT = "field:check:submit"
    FIELD_DEVICE_OWN = "field:device:own"
    FIELD_PHOTO_UPLOAD = "field:photo:upload"
    FIELD_SUBJECT_READ = "field:subject:read"
    PUBLIC_READ = "public:disclosure:read"


_P = Permission
_EVERY_CONSOLE = {_P.CONSOLE_SESSION_OWN, _P.CONSOLE_CHECKLIST_READ}
_READS = {
    _P.CONSOLE_ASSIGNMENT_READ,
    _P.CONSOLE_DRAW_READ,
    _P.CONSOLE_MATTER_READ,
    _P.CONSOLE_PLAN_READ,
    _P.CONSOLE_CHECK_READ,
    _P.CONSOLE_EVIDENCE_READ,
    _P.CONSOLE_VIOLATION_READ,
    _P.CONSOLE_CASE_READ,
    _P.CONSOLE_BULLETIN_READ,
    _P.CONSOLE_SUBJECT_READ,
    _P.CONSOLE_OFFICER_READ,
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.INSPECTOR: frozenset(
        _EVERY_CONSOLE
        | {
            _P.FIELD_ASSIGNMENT_READ,
            _P.FIELD_ASSIGNMENT_REPORT,
            _P.FIELD_CHECKLIST_READ,
            _P.FIELD_CHECK_READ,
            _P.FIELD_CHECK_SUBMIT,
            _P.FIELD_DEVICE_OWN,
            _P.FIELD_PHOTO_UPLOAD,
            _P.FIELD_SUBJECT_READ,
        }
    ),
    Role.SUPERVISOR: frozenset(
        _EVERY_CONSOLE
        | _READS
        | {
            _P.CONSOLE_ASSIGNMENT_MANAGE,
            _P.CONSOLE_DRAW_ANNOUNCE,
            _P.CONSOLE_DRAW_CONFIRM,
            _P.CONSOLE_DRAW_OPEN,
            _P.CONSOLE_DRAW_SUBSTITUTE,
            _P.CONSOLE_DRAW_TYPE,
            _P.CONSOLE_DRAW_VOID,
            _P.CONSOLE_PLAN_WRITE,
            _P.CONSOLE_VIOLATION_DECIDE,
            _P.CONSOLE_CASE_DECIDE,
            _P.CONSOLE_BULLETIN_DRAFT,
            _P.CONSOLE_BULLETIN_SIGN,
        }
    ),
    Role.LEGAL_REVIEWER: frozenset(_EVERY_CONSOLE | _READS | {_P.CONSOLE_BULLETIN_REVIEW, _P.CONSOLE_DRAW_CONFIRM}),
    Role.PUBLISHER: frozenset(
        _EVERY_CONSOLE
        | {
            _P.CONSOLE_BULLETIN_READ,
            _P.CONSOLE_CASE_READ,
            _P.CONSOLE_BULLETIN_SIGN,
            _P.CONSOLE_BULLETIN_PUBLISH,
            _P.CONSOLE_DISCLOSURE_WITHDRAW,
        }
    ),
    Role.REGISTRAR: frozenset(
        _EVERY_CONSOLE
        | {
            _P.CONSOLE_SUBJECT_READ,
            _P.CONSOLE_SUBJECT_WRITE,
            _P.CONSOLE_MATTER_READ,
            _P.CONSOLE_MATTER_WRITE,
            _P.CONSOLE_OFFICER_READ,
            _P.CONSOLE_OFFICER_WRITE,
            _P.CONSOLE_PLAN_READ,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        _EVERY_CONSOLE | {_P.CONSOLE_CALENDAR_WRITE, _P.CONSOLE_USER_MANAGE, _P.CONSOLE_CHECKLIST_PUBLISH}
    ),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """一个角色在一片区划子树内有效。"""

    role: Role
    region_code: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What the actor may see for one permission: the roots of region subtrees (empty sees nothing)."""

    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """做事的人（或匿名公众、后台任务），随每个动作传递，从不放在全局。"""

    user_id: int | None
    uuid: UUID | None
    name: str
    grants: tuple[Grant, ...] = ()
    device_id: int | None = None
    session_id: int | None = None

    def may(self, permission: Permission) -> bool:
        return permission is Permission.PUBLIC_READ or any(permission in ROLE_PERMISSIONS[g.role] for g in self.grants)

    def scope(self, permission: Permission) -> Scope:
        """Region roots in which this actor holds `permission`, sorted."""
        roots = {g.region_code for g in self.grants if permission in ROLE_PERMISSIONS[g.role]}
        return Scope(tuple(sorted(roots)))

    @property
    def label(self) -> str:
        """How the ledger names the actor: never a person's name, always a stable id."""
        return f"user:{self.uuid}" if self.uuid else self.name


ANONYMOUS = Actor(user_id=None, uuid=None, name="public")
SYSTEM = Actor(user_id=None, uuid=None, name="system")
