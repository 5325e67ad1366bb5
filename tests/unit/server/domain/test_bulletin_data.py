"""The inputs of a bulletin."""

from server.domain.bulletin_data import BulletinData, ItemSpread
from server.domain.statistics import Pair
from server.domain.wording import Quantifiers
from tests.factories.bulletins import season


def test_the_share_of_an_item_is_a_pair_of_subjects() -> None:
    item = ItemSpread("RMC", "02", "RMC-02-01", "project", "要求", 5, 9)
    assert item.pair == Pair(5, 9)


def test_the_defaults_are_those_of_the_method() -> None:
    data: BulletinData = season()
    assert data.quantifiers == Quantifiers(50, 20)
    assert data.most_frequent == 10
