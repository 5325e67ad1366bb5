"""The allow-list of a public bulletin."""

from datetime import UTC, datetime

from schemas.public.bulletins import PublicBulletinLineSchema, PublicBulletinSchema, public_bulletin
from server.domain.bulletin_composition import compose
from server.domain.bulletins import digest
from tests.factories.bulletins import season

BULLETIN = compose(season())
PUBLIC = public_bulletin(
    BULLETIN,
    slug="示市住建通-2026-12号",
    number="示市住建通〔2026〕12号",
    published_at=datetime(2026, 10, 13, tzinfo=UTC),
    sha256=digest(BULLETIN),
)


def test_the_fields_that_may_leave() -> None:
    assert sorted(PUBLIC) == sorted(PublicBulletinSchema().fields)
    assert {"notes", "selection", "scope", "snapshot"}.isdisjoint(PUBLIC)
    assert set(PUBLIC["figures"][0]) == {"id", "text", "value", "definition"}


def test_the_content_is_whole() -> None:
    assert len(PUBLIC["figures"]) == len(BULLETIN.figures)
    assert PUBLIC["sections"][0]["heading"] == "一、总体情况"
    table = PUBLIC["attachments"][0]
    assert len(table["rows"]) == 3
    assert table["rows"][0][2] == [{"text": "示范一号混凝土有限公司"}]


def test_evidence_and_scores_do_not_leave() -> None:
    text = str(PUBLIC)
    assert "P-0001" not in text
    assert "同一检查表" not in text


def test_a_line_of_the_list_has_no_content() -> None:
    assert sorted(PublicBulletinLineSchema().fields) == [
        "dated_on",
        "id",
        "issuer",
        "kind",
        "number",
        "published_at",
        "sha256",
        "slug",
        "title",
    ]
