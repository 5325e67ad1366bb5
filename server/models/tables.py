"""所有表的名单：导入它，元数据就齐了。"""

from server.models import (
    assignments,
    bulletins,
    checks,
    draws,
    evidence,
    imports,
    matters,
    openrosa,
    outbox,
    regions,
    subjects,
    sync,
    transparency,
    uploads,
    users,
    violations,
)

ROOMS = (
    assignments,
    bulletins,
    checks,
    draws,
    evidence,
    imports,
    matters,
    openrosa,
    outbox,
    regions,
    subjects,
    sync,
    transparency,
    uploads,
    users,
    violations,
)
