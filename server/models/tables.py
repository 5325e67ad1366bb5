"""所有表的名单：导入它，元数据就齐了。"""

from server.models import bulletins, checks, evidence, outbox, regions, subjects, users, violations

ROOMS = (bulletins, checks, evidence, outbox, regions, subjects, users, violations)
