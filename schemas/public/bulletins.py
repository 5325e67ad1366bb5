"""公开通报的形状：只有列在这里的字段可以离开；记录筛选条件、拟稿备注和评分不在其中。"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from server.domain.bulletins import Bulletin, to_dict


class PublicFigureSchema(Schema):
    """One figure: what is shown, the counts behind it, and what it means."""

    id = fields.String(required=True)
    text = fields.String(required=True)
    value = fields.Dict(keys=fields.String(), required=True)
    definition = fields.String(required=True)


class PublicRunSchema(Schema):
    """A run of text or a pointer to a figure."""

    text = fields.String()
    figure = fields.String()


class PublicBlockSchema(Schema):
    """A paragraph (`runs`) or a table (`caption`, `columns`, `rows`)."""

    block = fields.String(required=True)
    role = fields.String()
    runs = fields.List(fields.Nested(PublicRunSchema))
    caption = fields.String()
    columns = fields.List(fields.String())
    rows = fields.List(fields.List(fields.List(fields.Nested(PublicRunSchema))))


class PublicSectionSchema(Schema):
    """One numbered part."""

    key = fields.String(required=True)
    heading = fields.String(required=True)
    blocks = fields.List(fields.Nested(PublicBlockSchema), required=True)


class PublicBulletinSchema(Schema):
    """One published bulletin; `slug` is its part of the address, `sha256` its check value (`checked_bytes`)."""

    id = fields.String(required=True)
    slug = fields.String(required=True)
    kind = fields.String(required=True)
    number = fields.String(required=True)
    title = fields.String(required=True)
    issuer = fields.String(required=True)
    recipients = fields.List(fields.String(), required=True)
    dated_on = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True)
    sha256 = fields.String(required=True)
    lead = fields.List(fields.Nested(PublicBlockSchema), required=True)
    sections = fields.List(fields.Nested(PublicSectionSchema), required=True)
    attachments = fields.List(fields.Nested(PublicBlockSchema), required=True)
    figures = fields.List(fields.Nested(PublicFigureSchema), required=True)


class PublicBulletinLineSchema(PublicBulletinSchema):
    """One line of the public list: the same fields without the content."""

    class Meta:
        exclude = ("lead", "sections", "attachments", "figures", "recipients")


class PublicBulletinPage(Schema):
    """One page of the list, newest first; `next` is the cursor of the next page, null at the end."""

    items = fields.List(fields.Nested(PublicBulletinLineSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


def public_bulletin(bulletin: Bulletin, *, slug: str, number: str, published_at: Any, sha256: str) -> dict[str, Any]:
    """Return a published bulletin as the JSON object of the public export; `published_at` is aware."""
    facts = {**to_dict(bulletin), "slug": slug, "number": number, "published_at": published_at, "sha256": sha256}
    dumped: dict[str, Any] = PublicBulletinSchema().dump(facts)
    return dumped


def checked_bulletin(bulletin: Bulletin, *, slug: str, number: str) -> dict[str, Any]:
    """Return what the check value of a bulletin covers: the public object without `sha256` and `published_at`."""
    facts = {**to_dict(bulletin), "slug": slug, "number": number}
    dumped: dict[str, Any] = PublicBulletinSchema(exclude=("sha256", "published_at")).dump(facts)
    return dumped
