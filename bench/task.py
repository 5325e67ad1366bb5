"""一件事，一个新进程：做几遍，打印秒数的中位数和内存最高值。

    python -m bench.task NAME BULLETIN REPEATS        （设置来自环境，与产品相同）

Peak memory is VmHWM of this very process: ru_maxrss would also count the parent from before exec. `base_mb` is the size
once everything is imported and the first connection is open.
"""

from __future__ import annotations

import csv
import io
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from statistics import median
from uuid import UUID

import orjson
import psycopg
from sqlalchemy import func, select, text, update

from bench.servers import memory_mb
from server.config import Settings, load_settings
from server.db import Database
from server.domain.bulletins import from_dict
from server.formats.bulletin_html import render_html
from server.formats.bulletin_markdown import render_markdown
from server.models.bulletins import Bulletin, Publication, PublicRecord
from server.models.regions import Region
from server.publishing.bulletins import KIND, publish_bulletin
from server.publishing.exports import export_file
from server.publishing.records import records_csv
from server.services.drafting import REQUESTED, draft_bulletin
from server.storage.disk import DiskStorage
from server.uow import House

Work = Callable[[], int]
RECORD_COLUMNS = (
    "check_ref, region_code, frame, subject_name, checked_on, checklist_code, section_code, item_code, chain_link, "
    "liable, outcome"
)


def draft(house: House, bulletin: UUID) -> Work:
    """Freeze the records, count, compose, store and render; answers with the bytes of the two renderings."""
    with house.unit() as uow:
        uow.session.execute(update(Bulletin).where(Bulletin.uuid == bulletin).values(state=REQUESTED))

    def work() -> int:
        with house.unit() as uow:
            content = draft_bulletin(uow, bulletin).content
        document = from_dict(content or {})
        return len(render_html(document)) + len(render_markdown(document))

    return work


def publish(house: House, bulletin: UUID) -> Work:
    """Freeze the public snapshot: the document, its cases and one public record an answer."""
    with house.unit() as uow:
        uow.session.execute(update(Bulletin).where(Bulletin.uuid == bulletin).values(number="测住建通〔2026〕1号"))

    def work() -> int:
        with house.unit() as uow:
            publish_bulletin(uow, bulletin, ())
            return uow.session.scalar(select(func.count()).select_from(PublicRecord)) or 0

    return work


def _drain(chunks: Iterable[bytes]) -> int:
    return sum(map(len, chunks))


def _export(name: str) -> Callable[[House, UUID], Work]:
    def prepare(house: House, _: UUID) -> Work:
        def work() -> int:
            with house.unit(writing=False) as uow:
                return _drain(export_file(uow, name))

        return work

    return prepare


def records(house: House, bulletin: UUID) -> Work:
    def work() -> int:
        with house.unit(writing=False) as uow:
            mine = select(Publication).where(Publication.kind == KIND, Publication.source_uuid == bulletin)
            return _drain(records_csv(uow, uow.session.scalars(mine).one(), {}))

    return work


def bare_count(house: House, _: UUID) -> Work:
    """The floor of counting: one plain GROUP BY over the same answers."""

    def work() -> int:
        with house.database.engine.connect() as connection:
            rows = connection.execute(text("SELECT section_code, outcome, count(*) FROM answers GROUP BY 1, 2"))
            return sum(row[2] for row in rows)

    return work


def bare_csv(house: House, _: UUID) -> Work:
    """The floor of exporting: the driver's own cursor into csv.writer, nothing shaped, nothing named."""

    def work() -> int:
        written = 0
        with house.database.engine.connect() as connection:
            for row in _plain_rows(connection.connection.driver_connection):
                line = io.StringIO()
                csv.writer(line).writerow(row)
                written += len(line.getvalue())
        return written

    return work


def _plain_rows(raw: object) -> Iterable[tuple[object, ...]]:
    query = f"SELECT {RECORD_COLUMNS} FROM public_records ORDER BY id"
    if isinstance(raw, psycopg.Connection):
        with raw.cursor(name="bare") as cursor:
            cursor.itersize = 1000
            yield from cursor.execute(query)
        return
    yield from raw.execute(query)  # type: ignore[attr-defined]


TASKS: Mapping[str, Callable[[House, UUID], Work]] = {
    "draft": draft,
    "publish": publish,
    "cases.json": _export("cases.json"),
    "cases.csv": _export("cases.csv"),
    "cases.geojson": _export("cases.geojson"),
    "cases.atom": _export("cases.atom"),
    "records.csv": records,
    "bare count": bare_count,
    "bare csv": bare_csv,
}


def _house(settings: Settings) -> House:
    return House(settings, Database(settings), DiskStorage(settings.storage.root))


def main(name: str, bulletin: str, repeats: int) -> int:
    house = _house(load_settings())
    with house.unit(writing=False) as uow:
        uow.session.scalar(select(func.count()).select_from(Region))
    base = memory_mb("self", "VmRSS")
    seconds, cpu = [], []
    for _ in range(repeats):
        work = TASKS[name](house, UUID(bulletin))
        began, busy = time.perf_counter(), time.process_time()
        result = work()
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - busy)
    facts = {
        "seconds": median(seconds),
        "cpu": median(cpu),
        "base_mb": base,
        "peak_mb": memory_mb("self", "VmHWM"),
        "result": result,
    }
    print(orjson.dumps(facts).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
