"""公开导出：案例的 JSON、CSV、GeoJSON、Atom 和清单；逐条生成，同样的数据得到同样的字节。

Nothing here depends on the time of the request: instants come from the publications themselves, addresses from the
settings. The manifest is made by running the very same generators to their end, so its digests are those of the files.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote
from uuid import uuid5

from sqlalchemy import func, select

from schemas.public.cases import PUBLISHED_COLUMNS, csv_row
from server.domain.errors import Missing
from server.formats.atom import Entry, Feed, Tombstone, write_atom
from server.formats.csvfile import write_csv
from server.formats.geojson import PointFeature, write_geojson
from server.formats.jsonfile import write_json
from server.formats.manifest import CountedRows, ExportedFile, MeasuredFile, build_manifest
from server.models.bulletins import Publication
from server.publishing.cases import KIND, public_value, stream_cases, thaw
from server.uow import UnitOfWork

LICENCE = "CC BY 4.0（署名后可自由使用）"
#: Moves when a generator changes, so that a copy kept by a browser is asked for again.
EDITION = 1
MANIFEST_TYPE = "application/json"
_BEFORE_ANYTHING = datetime(1970, 1, 1, tzinfo=UTC)
Chunks = Iterator[bytes]
Writer = Callable[[UnitOfWork, Iterable[Publication]], Chunks]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of what is published: `token` changes with it, `at` is the latest publication or withdrawal."""

    token: str
    at: datetime
    empty: bool


@dataclass(frozen=True, slots=True)
class _Kind:
    """One downloadable file: its type, whether withdrawn cases leave a mark in it, and its writer."""

    media_type: str
    withdrawn: bool
    write: Writer


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the manifest says, for pages: the snapshot and its files in order of name."""

    snapshot: Snapshot
    files: Sequence[ExportedFile]


# ------------------------------------------------------------------------------------------------ writers


def _json(_: UnitOfWork, rows: Iterable[Publication]) -> Chunks:
    return write_json(map(public_value, rows))


def _csv(_: UnitOfWork, rows: Iterable[Publication]) -> Chunks:
    return write_csv(PUBLISHED_COLUMNS, map(_table_row, rows))


def _table_row(row: Publication) -> dict[str, Any]:
    marks = {"bulletin": row.body["bulletin"], "published_at": row.published_at.isoformat(), "sha256": row.body_sha256}
    return csv_row(thaw(row.body)) | marks


def _geojson(uow: UnitOfWork, rows: Iterable[Publication]) -> Chunks:
    features = (PointFeature(row.slug, thaw(row.body).position, public_value(row)) for row in rows)
    return write_geojson(features, decimals=uow.settings.publishing.coordinate_decimals)


def _atom(uow: UnitOfWork, rows: Iterable[Publication]) -> Chunks:
    base, authority = site_address(uow), uow.settings.publishing.authority
    feed = Feed(
        id=f"{base}/cases",
        title=f"{authority}：公开的典型案例",
        updated_at=snapshot_of(uow).at,
        author=authority,
        self_link=f"{base}/api/v1/public/exports/cases.atom",
        alternate_link=f"{base}/cases",
    )
    return write_atom(feed, (_entry(base, row) for row in rows))


def _entry(base: str, row: Publication) -> Entry | Tombstone:
    identity = f"urn:uuid:{uuid5(row.uuid, 'entry')}"
    if row.withdrawn_at is not None:
        return Tombstone(identity, row.withdrawn_at, row.withdrawn_reason or "")
    case = thaw(row.body)
    return Entry(
        id=identity,
        title=f"{case.title}（{case.stage}）",
        updated_at=row.published_at,
        published_at=row.published_at,
        link=f"{base}/cases/{quote(row.slug)}",
        summary="".join(case.text),
        categories=(case.region, case.checklist, case.stage),
    )


FILES: Mapping[str, _Kind] = {
    "cases.atom": _Kind("application/atom+xml", True, _atom),
    "cases.csv": _Kind("text/csv", False, _csv),
    "cases.geojson": _Kind("application/geo+json", False, _geojson),
    "cases.json": _Kind("application/json", False, _json),
}


# ------------------------------------------------------------------------------------------------ use


def site_address(uow: UnitOfWork) -> str:
    """Where the public reaches this site, without a slash at the end; from the settings, never from the request."""
    web = uow.settings.web
    return (web.public_url or f"http://{web.host}:{web.port}").rstrip("/")


def snapshot_of(uow: UnitOfWork) -> Snapshot:
    """The state of the published cases, from one aggregate over their rows."""
    facts = uow.session.execute(
        select(
            func.count(),
            func.count(Publication.withdrawn_at),
            func.max(Publication.id),
            func.min(Publication.body_sha256),
            func.max(Publication.body_sha256),
            func.max(Publication.published_at),
            func.max(Publication.withdrawn_at),
        ).where(Publication.kind == KIND)
    ).one()
    at = max((moment for moment in facts[-2:] if moment), default=_BEFORE_ANYTHING)
    publishing = uow.settings.publishing
    told = (EDITION, *facts, publishing.authority, publishing.coordinate_decimals, site_address(uow))
    return Snapshot(sha256("\n".join(map(str, told)).encode()).hexdigest()[:32], at, facts[0] == 0)


def export_file(uow: UnitOfWork, name: str) -> MeasuredFile:
    """One file as it is written, counted and digested on the way. Raises Missing `export-not-found`."""
    kind = FILES.get(name)
    if kind is None:
        raise Missing("export-not-found", "没有这个导出文件。")
    rows = CountedRows(stream_cases(uow, withdrawn=kind.withdrawn))
    return MeasuredFile(name, kind.media_type, rows, kind.write(uow, rows))


def _measure(uow: UnitOfWork) -> list[ExportedFile]:
    files = []
    for name in FILES:
        measured = export_file(uow, name)
        for _ in measured:
            pass
        files.append(measured.facts())
    return files


_LATEST: dict[str, Inventory] = {}
_MEASURING = threading.Lock()


def inventory(uow: UnitOfWork) -> Inventory:
    """Rows, bytes and digest of every file; measured once per state of the data, in constant memory."""
    snapshot = snapshot_of(uow)
    key = f"{uow.settings.database.url}\n{snapshot.token}"
    with _MEASURING:
        if key not in _LATEST:
            found = Inventory(snapshot, _measure(uow))
            _LATEST.clear()
            _LATEST[key] = found
        return _LATEST[key]


def manifest(uow: UnitOfWork) -> bytes:
    """The manifest of all files; the same for the same data."""
    held = inventory(uow)
    return build_manifest(
        held.files,
        generated_at=held.snapshot.at,
        snapshot=held.snapshot.token,
        title=f"{uow.settings.publishing.authority}：公开的典型案例",
        licence=LICENCE,
    )
