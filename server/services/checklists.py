"""检查单版本：发布即冻结。"""

from __future__ import annotations

from sqlalchemy import select

from server.domain.checklists import Checklist
from server.domain.errors import Conflict, Missing
from server.models.checks import ChecklistVersion
from server.uow import UnitOfWork

_PARSED: dict[str, Checklist] = {}
_MOST_PARSED = 64


def checklist_of(version: ChecklistVersion) -> Checklist:
    """The checklist of a stored version, kept per digest: a published version never changes.

    `content` is touched only when the digest is new to this process; queries may leave it deferred.
    """
    digest = version.digest_sha256
    found = _PARSED.get(digest)
    if found is None:
        if len(_PARSED) >= _MOST_PARSED:
            _PARSED.clear()
        found = _PARSED[digest] = Checklist.from_dict(version.content)
    return found


def publish_checklist(uow: UnitOfWork, checklist: Checklist) -> bool:
    """Publish a version; True when it is new, False when the same one is there.

    Raises Conflict `checklist-frozen` when this code and version was published with other content.
    """
    known = uow.session.scalar(
        select(ChecklistVersion).where(
            ChecklistVersion.code == checklist.code, ChecklistVersion.version == checklist.version
        )
    )
    if known is not None:
        if known.digest_sha256 != checklist.digest:
            raise Conflict(
                "checklist-frozen",
                f"检查单 {checklist.code} {checklist.version} 已发布，内容不能再改；请另立新版本。",
                facts={"published": known.digest_sha256, "given": checklist.digest},
            )
        return False
    uow.session.add(
        ChecklistVersion(
            code=checklist.code,
            version=checklist.version,
            title=checklist.title,
            digest_sha256=checklist.digest,
            content=checklist.to_dict(),
            published_at=uow.now,
        )
    )
    return True


def find_version(uow: UnitOfWork, code: str, version: str) -> ChecklistVersion:
    found = uow.session.scalar(
        select(ChecklistVersion).where(ChecklistVersion.code == code, ChecklistVersion.version == version)
    )
    if found is None:
        raise Missing("checklist-not-found", f"没有检查单 {code} {version}。")
    return found
