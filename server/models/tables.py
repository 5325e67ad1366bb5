"""所有表的名单：导入它，元数据就齐了。"""

from server.models import (
    assignments,
    bulletins,
    checks,
    draws,
    evidence,
    imports,
    matters,
    outbox,
    regions,
    subjects,
    transparency,
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
    outbox,
    regions,
    subjects,
    transparency,
    users,
    violations,
)
