"""边界文件试读：画出来的一圈，和它的毛病。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from server.domain.boundaries import area_m2, far_reason, tidy_ring
from server.domain.errors import Invalid
from server.domain.registers import Datum, Ring
from server.formats.boundary_files import read_boundary
from server.formats.datum import to_wgs84
from server.services.import_lookup import Regions
from server.services.regions import require_region
from server.uow import UnitOfWork


@dataclass
class BoundaryPreview:
    """What a file holds: `ring` as drawn in `datum`, the same in WGS-84, square metres, and every fault found."""

    source: str | None = None
    datum: str | None = None
    ring: Ring | None = None
    ring_wgs84: Ring | None = None
    area_m2: float | None = None
    faults: list[dict[str, Any]] = field(default_factory=list)


def preview_boundary(uow: UnitOfWork, data: bytes, datum: Datum | None, region_code: str | None) -> BoundaryPreview:
    """Read a boundary file and judge it; what is wrong with its content is told as `faults`, never raised.

    Raises TooLarge `boundary-file-too-large` and `archive-too-large`, Invalid `region-unknown`, `region-out-of-scope`.
    """
    if region_code is not None:
        require_region(uow, region_code)
    preview = BoundaryPreview()
    outline = _attempt(preview, lambda: read_boundary(data, datum))
    if outline is None:
        return preview
    preview.source, preview.datum, preview.ring = outline.source, outline.datum.value, outline.ring
    preview.ring_wgs84 = tuple(to_wgs84(lon, lat, outline.datum.value) for lon, lat in outline.ring)
    closed = _attempt(preview, lambda: tidy_ring(outline.ring))
    if closed is not None:
        preview.ring, preview.area_m2 = closed, round(area_m2(closed), 1)
        preview.ring_wgs84 = tuple(to_wgs84(lon, lat, outline.datum.value) for lon, lat in closed)
    extent = Regions(uow.session, uow.scope).extent(region_code)
    if reason := far_reason(preview.ring_wgs84, extent):
        preview.faults.append({"code": "position-far-from-region", "reason": f"边界{reason}"})
    return preview


def _attempt(preview: BoundaryPreview, work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Invalid as refusal:
        preview.faults.append({"code": refusal.code, "reason": refusal.detail.rstrip("。")})
        return None
