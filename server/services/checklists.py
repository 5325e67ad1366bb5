"""检查单版本：发布即冻结。"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from server.domain.checklists import Checklist, Frame, Item, Section
from server.domain.errors import Conflict, Missing
from server.models.checks import ChecklistVersion
from server.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checklist with what every check asks of it: which items are put to a kind of subject, where each item stands."""

    checklist: Checklist
    codes: dict[Frame, frozenset[str]]
    places: dict[str, tuple[Section, Item]]


_PARSED: dict[str, Checklist] = {}
_PREPARED: dict[int, Prepared] = {}
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


def prepared(checklist: Checklist) -> Prepared:
    """Worked out once for each checklist object; holding the object keeps its number from meaning another one."""
    found = _PREPARED.get(id(checklist))
    if found is None:
        if len(_PREPARED) >= _MOST_PARSED:
            _PREPARED.clear()
        codes = {frame: frozenset(item.code for item in checklist.items_for(frame)) for frame in Frame}
        places = {item.code: (section, item) for section in checklist.sections for item in section.items}
        found = _PREPARED[id(checklist)] = Prepared(checklist, codes, places)
    return found


def kept_checklist(digest: str) -> Checklist | None:
    """The checklist under this digest if the process has read it before."""
    return _PARSED.get(digest)


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
