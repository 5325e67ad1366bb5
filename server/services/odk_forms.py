"""Collect 的表单：每个已发布的检查单版本按对象的框各做一份；做好就不再变字节。"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from server.domain.checklists import Frame
from server.domain.errors import Missing
from server.domain.openrosa import FormState
from server.formats.xform import BuiltForm, build_form, form_version
from server.models.checks import ChecklistVersion
from server.models.openrosa import OdkForm
from server.services.checklists import checklist_of
from server.uow import UnitOfWork


def ensure_forms(uow: UnitOfWork) -> int:
    """Make the forms that are missing and let older ones close; how many were made. May run any number of times.

    A form stays open while its checklist version is the newest of its code and not retired, and its layout is ours.
    """
    made = 0
    versions = uow.session.scalars(select(ChecklistVersion).order_by(ChecklistVersion.id)).all()
    newest = {v.code: v for v in versions if v.retired_at is None}
    for version in versions:
        made += sum(_ensure(uow, version, frame) for frame in Frame)
    _close_others(uow, {form_version(checklist_of(v)) for v in newest.values()}, {v.id for v in newest.values()})
    return made


def _ensure(uow: UnitOfWork, version: ChecklistVersion, frame: Frame) -> int:
    checklist = checklist_of(version)
    if not checklist.items_for(frame) or _known(uow, version, frame, form_version(checklist)):
        return 0
    built: BuiltForm = build_form(checklist, frame)
    uow.session.add(
        OdkForm(
            checklist_version_id=version.id,
            frame=frame.value,
            form_id=built.form_id,
            version=built.version,
            title=built.title,
            xml=built.xml,
            md5=built.md5,
            state=FormState.OPEN.value,
            made_at=uow.now,
        )
    )
    return 1


def _known(uow: UnitOfWork, version: ChecklistVersion, frame: Frame, words: str) -> bool:
    known = select(OdkForm.id).where(
        OdkForm.checklist_version_id == version.id, OdkForm.frame == frame.value, OdkForm.version == words
    )
    return uow.session.scalar(known) is not None


def _close_others(uow: UnitOfWork, versions: set[str], ids: set[int]) -> None:
    """Forms nobody should begin with any more; what was begun is still taken."""
    uow.session.flush()
    current = OdkForm.version.in_(versions) & OdkForm.checklist_version_id.in_(ids)
    closing = update(OdkForm).where(OdkForm.state == FormState.OPEN.value, ~current)
    uow.session.execute(closing.values(state=FormState.CLOSING.value))


def open_forms(uow: UnitOfWork, form_id: str = "") -> Sequence[OdkForm]:
    """The forms a phone may begin with, by name; filtered when the phone asks for one."""
    wanted = select(OdkForm).where(OdkForm.state == FormState.OPEN.value).order_by(OdkForm.form_id, OdkForm.id)
    return uow.session.scalars(wanted.where(OdkForm.form_id == form_id) if form_id else wanted).all()


def find_form(uow: UnitOfWork, form_id: str, version: str) -> OdkForm:
    """A form in any state; raises Missing `form-not-found`."""
    found = uow.session.scalar(select(OdkForm).where(OdkForm.form_id == form_id, OdkForm.version == version))
    if found is None:
        raise Missing("form-not-found", "没有这份表单的这个版本；请在手机上更新表单，已填的记录不要删。")
    return found
