"""演示的检查：读得成领域的记录，结论与预期一致，再组一次一模一样。"""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from schemas.checks import CheckRecordShape
from server.demo.checks import compose_visit
from server.domain.checks import CheckRecord, check_form, expected_photos
from server.domain.findings import Outcome
from server.domain.rules import judge
from tests.unit.server.demo.world import PLAN, checklists, field_of


@pytest.mark.parametrize("number", range(12))
def test_visit_is_a_record_without_faults_and_comes_to_what_it_says(number: int) -> None:
    visit = compose_visit(field_of(PLAN), number)
    record = CheckRecord(uuid=visit.uuid, raw=visit.body, **CheckRecordShape().load(visit.body))
    check_form(record)
    checklist = checklists()[record.checklist_code]
    region = next(s.region for s in field_of(PLAN).sites if UUID(s.uuid) == record.subject)
    found = {
        a.item_code: judge(checklist.item(a.item_code), a, fact_on=record.ended_on, region_code=region).outcome.value
        for a in record.answers
    }
    assert found == visit.outcomes
    assert len(record.officers) == 2
    assert PLAN.first_on <= record.ended_on <= PLAN.last_on
    assert (
        record.started_at
        < record.ended_at
        < record.device_at
        <= datetime.combine(PLAN.base_on, datetime.min.time(), UTC)
    )


def test_photos_of_a_visit_are_expected_with_their_digests() -> None:
    visit = compose_visit(field_of(PLAN), 0)
    record = CheckRecord(uuid=visit.uuid, raw=visit.body, **CheckRecordShape().load(visit.body))
    wanted = {(p.uuid, p.item, sha256(p.load()).hexdigest()) for p in visit.photos}
    assert {(p.uuid, p.item, p.sha256) for p in expected_photos(record)} == wanted
    assert len(wanted) == PLAN.photos_each


def test_composing_again_gives_the_same_visit() -> None:
    assert compose_visit(field_of(PLAN), 3).body == compose_visit(field_of(PLAN), 3).body


def test_season_finds_failures_and_skips_with_reasons() -> None:
    visits = [compose_visit(field_of(PLAN), n) for n in range(PLAN.checks)]
    outcomes = [o for visit in visits for o in visit.outcomes.values()]
    assert 0.02 < outcomes.count(Outcome.FAILING.value) / len(outcomes) < 0.3
    skipped = [a for v in visits for a in v.body["answers"] if a.get("verdict") == "not_applicable"]
    assert skipped
    assert all(a["reason"] for a in skipped)


def test_files_are_shared_out_once_each(tmp_path: Path) -> None:
    files = tuple(tmp_path / f"{n}.jpg" for n in range(7))
    for file in files:
        file.write_bytes(file.name.encode())
    visits = [compose_visit(field_of(PLAN, files), n) for n in range(3)]
    assert [p.name for v in visits for p in v.photos] == [f.name for f in files]
    assert [len(v.photos) for v in visits] == [3, 3, 1]
