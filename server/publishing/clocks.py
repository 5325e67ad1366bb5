"""公示的钟在这里停：检查随通报公示，撤回的内容从公开页取下。"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from server.domain.deadlines import DeadlineKind
from server.models.assignments import Deadline
from server.models.bulletins import BulletinCheck
from server.uow import UnitOfWork


def meet_disclosures(uow: UnitOfWork, bulletin_id: int) -> None:
    """Every check whose records this bulletin publishes is disclosed now."""
    held = select(BulletinCheck.check_id).where(BulletinCheck.bulletin_id == bulletin_id)
    uow.session.execute(
        update(Deadline)
        .where(Deadline.kind == DeadlineKind.DISCLOSE_CHECK.value, Deadline.met_at.is_(None))
        .where(Deadline.about_id.in_(held))
        .values(met_at=uow.now)
    )


def meet_withdrawals(uow: UnitOfWork, publication_ids: Sequence[int]) -> None:
    """These snapshots are taken down now."""
    uow.session.execute(
        update(Deadline)
        .where(Deadline.kind == DeadlineKind.WITHDRAW_PUBLICATION.value, Deadline.met_at.is_(None))
        .where(Deadline.about_id.in_(publication_ids))
        .values(met_at=uow.now)
    )
