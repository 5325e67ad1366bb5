"""Freezing, listing and withdrawing bulletins."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from server.domain.bulletins import from_dict
from server.domain.errors import Gone, Missing
from server.models.bulletins import Publication, PublicRecord
from server.publishing import bulletins
from server.uow import UnitOfWork
from tests.factories.published import NUMBER, SLUG, Season


@pytest.mark.parametrize(
    ("number", "slug"), [("示住建通〔2026〕1号", "示住建通-2026-1号"), ("〔示〕通〔2026〕第3号", "示-通-2026-第3号")]
)
def test_a_number_becomes_a_path_segment(number: str, slug: str) -> None:
    assert bulletins.slug_of(number) == slug


def test_publishing_again_changes_nothing(uow: UnitOfWork, season: Season) -> None:
    def count() -> tuple[int, int]:
        session = uow.session
        return (
            session.scalar(select(func.count()).select_from(Publication)) or 0,
            session.scalar(select(func.count()).select_from(PublicRecord)) or 0,
        )

    before = count()
    again = bulletins.publish_bulletin(uow, season.bulletin, [])
    assert again.slug == SLUG
    assert count() == before


def test_the_snapshot_has_no_internals(uow: UnitOfWork) -> None:
    row = bulletins.find_bulletin(uow, SLUG)
    document = from_dict(row.body["document"])
    assert (document.selection, document.notes) == ((), ())
    assert row.body_sha256 == bulletins.check_value(document, SLUG, NUMBER)


def test_the_list_turns_pages(uow: UnitOfWork) -> None:
    row = bulletins.find_bulletin(uow, SLUG)
    for place in range(3):
        copy = {c.key: getattr(row, c.key) for c in Publication.__table__.columns if c.key not in ("id", "uuid")}
        uow.session.add(Publication(**{**copy, "uuid": uuid4(), "slug": f"另-{place}"}))
    uow.session.flush()
    first = bulletins.list_bulletins(uow, 0, 3)
    rest = bulletins.list_bulletins(uow, first.next or 0, 3)
    assert [line["slug"] for line in [*first.items, *rest.items]] == ["另-2", "另-1", "另-0", SLUG]
    assert rest.next is None
    assert bulletins.count_bulletins(uow) == 4


def test_a_withdrawn_bulletin_takes_its_cases_with_it(uow: UnitOfWork, season: Season) -> None:
    bulletins.withdraw_bulletin(uow, season.bulletin, "数据有误")
    uow.session.flush()
    with pytest.raises(Gone, match="数据有误"):
        bulletins.find_bulletin(uow, SLUG)
    left = select(func.count()).select_from(Publication).where(Publication.withdrawn_at.is_(None))
    assert uow.session.scalar(left) == 0


def test_an_unknown_bulletin(uow: UnitOfWork) -> None:
    with pytest.raises(Missing):
        bulletins.find_bulletin(uow, "没有")


def test_a_figure_is_told_only_for_its_own_list(uow: UnitOfWork) -> None:
    row = bulletins.find_bulletin(uow, SLUG)
    figure = bulletins.figure_counted(row, "total.conforming", {"outcome": "conforming"})
    assert figure is not None
    assert figure["text"] == str(figure["count"])
    assert bulletins.figure_counted(row, "total.conforming", {"outcome": "failing"}) is None
    assert bulletins.figure_counted(row, "没有", {"outcome": "conforming"}) is None
