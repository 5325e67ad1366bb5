"""Public copies: only of what a person chose, with a digest of their own and a line in the custody ledger."""

import hashlib

import pytest
from sqlalchemy import func, select

from server.domain.errors import Gone, Missing
from server.models.evidence import CustodyEntry, Evidence, PublicPhoto
from server.models.violations import Case
from server.publishing import bulletins, photos
from server.uow import UnitOfWork
from tests.factories.published import Season, named


def custody(uow: UnitOfWork) -> int:
    return uow.session.scalar(select(func.count()).select_from(CustodyEntry)) or 0


def test_the_chosen_photo_was_published_once(uow: UnitOfWork, season: Season) -> None:
    (photo,) = uow.session.scalars(select(PublicPhoto))
    assert photo.sha256 == season.public_photo
    assert photo.sha256 not in season.originals
    with photos.open_public_photo(uow, photo.sha256) as copy:
        assert hashlib.sha256(copy.read()).hexdigest() == photo.sha256


def test_publishing_it_again_adds_no_line(uow: UnitOfWork, season: Season) -> None:
    case = uow.session.scalars(select(Case).where(Case.uuid == named("case 0"))).one()
    before = custody(uow)
    shown = photos.publish_photos(uow, case, [named("photo 0"), named("photo 1")])
    assert [line["sha256"] for line in shown] == [season.public_photo]
    assert custody(uow) == before


def test_a_photo_nobody_chose_or_could_examine_stays_in_the_house(uow: UnitOfWork) -> None:
    case = uow.session.scalars(select(Case).where(Case.uuid == named("case 1"))).one()
    assert photos.publish_photos(uow, case, []) == []
    evidence = uow.session.scalars(select(Evidence).where(Evidence.uuid == named("photo 1"))).one()
    evidence.state = "unreadable"
    uow.session.flush()
    assert photos.publish_photos(uow, case, [named("photo 1")]) == []


def test_originals_are_not_public(uow: UnitOfWork, season: Season) -> None:
    with pytest.raises(Missing):
        photos.open_public_photo(uow, season.originals[0])


def test_a_photo_goes_with_its_last_case(uow: UnitOfWork, season: Season) -> None:
    bulletins.withdraw_bulletin(uow, season.bulletin, "数据有误")
    uow.session.flush()
    with pytest.raises(Gone):
        photos.open_public_photo(uow, season.public_photo)
