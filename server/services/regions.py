"""行政区划：装入与祖先闭包。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, insert, select

from server.domain.errors import FieldError, Invalid
from server.models.regions import ROOT, Region, RegionAncestor
from server.queries.scope import covers
from server.uow import UnitOfWork


def load_regions(uow: UnitOfWork, rows: Iterable[Mapping[str, str]]) -> int:
    """Insert or rename regions from (code, name, parent, level) rows and rebuild the closure; returns how many rows."""
    known = {r.code: r for r in uow.session.scalars(select(Region))}
    if ROOT not in known:
        known[ROOT] = Region(code=ROOT, name="全国", level="country", parent_code=None)
        uow.session.add(known[ROOT])
        uow.session.flush()
    listed = sorted(rows, key=lambda row: row["code"])
    pending = [row for row in listed if row["code"] not in known]
    while pending:
        ready = [row for row in pending if (row["parent"] or ROOT) in known]
        if not ready:
            raise Invalid("region-orphan", f"区划 {pending[0]['code']} 的上级 {pending[0]['parent']} 不存在。")
        for row in ready:
            known[row["code"]] = Region(
                code=row["code"], name=row["name"], level=row["level"], parent_code=row["parent"] or ROOT
            )
            uow.session.add(known[row["code"]])
        uow.session.flush()
        pending = [row for row in pending if row["code"] not in known]
    for row in listed:
        known[row["code"]].name = row["name"]
    _rebuild_closure(uow, known)
    return len(listed)


def _rebuild_closure(uow: UnitOfWork, known: Mapping[str, Region]) -> None:
    pairs = []
    for code in known:
        ancestor: str | None = code
        while ancestor is not None:
            pairs.append({"ancestor_code": ancestor, "region_code": code})
            ancestor = known[ancestor].parent_code
    uow.session.flush()
    uow.session.execute(delete(RegionAncestor))
    uow.session.execute(insert(RegionAncestor), pairs)


def require_region(uow: UnitOfWork, code: str, pointer: str = "/region_code") -> Region:
    """The region, inside the actor's scope; raises Invalid with the pointer otherwise."""
    region = uow.session.get(Region, code)
    if region is None:
        raise Invalid(
            "region-unknown",
            f"没有区划 {code}。",
            errors=[FieldError(pointer, "没有这个区划", "region-unknown")],
        )
    if not covers(uow.session, uow.scope, code):
        raise Invalid(
            "region-out-of-scope",
            f"{region.name}不在您的管辖范围内。",
            errors=[FieldError(pointer, "不在管辖范围内", "region-out-of-scope")],
        )
    return region
