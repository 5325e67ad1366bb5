"""Which snapshot stands: the last revision, unless it was withdrawn."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from server.domain.errors import Gone, Missing
from server.models.bulletins import Publication
from server.publishing.standing import find_standing, newest, standing
from server.uow import UnitOfWork
from tests.factories.published import NOW, SLUG

GONE = ("x-withdrawn", "已撤下")


def revise(uow: UnitOfWork, revision: int) -> Publication:
    """A later revision of the season's bulletin."""
    row = uow.session.scalars(select(Publication).where(Publication.slug == SLUG).limit(1)).one()
    copy = {c.key: getattr(row, c.key) for c in Publication.__table__.columns if c.key not in ("id", "uuid")}
    later = Publication(**{**copy, "uuid": uuid4(), "revision": revision, "title": f"第{revision}版"})
    uow.session.add(later)
    uow.session.flush()
    return later


def titles(uow: UnitOfWork, condition: object) -> list[str]:
    return list(uow.session.scalars(select(Publication.title).where(condition)))  # type: ignore[arg-type]


def test_a_correction_replaces_what_it_corrects(uow: UnitOfWork) -> None:
    revise(uow, 2)
    assert titles(uow, standing("bulletin")) == ["第2版"]
    assert find_standing(uow, "bulletin", SLUG, missing=Missing("x", "无"), gone=GONE).revision == 2


def test_a_withdrawn_correction_does_not_bring_the_old_one_back(uow: UnitOfWork) -> None:
    later = revise(uow, 2)
    later.withdrawn_at, later.withdrawn_reason = NOW, "有误"
    uow.session.flush()
    assert titles(uow, standing("bulletin")) == []
    assert titles(uow, newest("bulletin")) == ["第2版"]
    with pytest.raises(Gone) as caught:
        find_standing(uow, "bulletin", SLUG, missing=Missing("x", "无"), gone=GONE)
    assert (caught.value.code, caught.value.detail) == ("x-withdrawn", "已撤下：有误")


def test_the_kind_matters(uow: UnitOfWork) -> None:
    with pytest.raises(Missing):
        find_standing(uow, "case", SLUG, missing=Missing("x", "无"), gone=GONE)
