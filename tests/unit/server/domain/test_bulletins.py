"""The tree: canonical bytes, figures with their records, what may be published."""

import json

import pytest

from server.domain.bulletin_composition import compose
from server.domain.bulletins import (
    FigureRef,
    Text,
    canonical_bytes,
    digest,
    from_dict,
    to_dict,
    without_internals,
)
from server.domain.errors import Invalid
from tests.factories.bulletins import season

BULLETIN = compose(season())


def test_a_bulletin_survives_its_json() -> None:
    read = from_dict(json.loads(canonical_bytes(BULLETIN)))
    assert read == BULLETIN
    assert canonical_bytes(read) == canonical_bytes(BULLETIN)


def test_the_bytes_hold_no_float_and_sorted_keys() -> None:
    def refuse(text: str) -> None:
        raise AssertionError(f"float {text}")

    data = json.loads(canonical_bytes(BULLETIN), parse_float=refuse)
    assert list(data) == sorted(data)
    assert len(digest(BULLETIN)) == 64


def test_every_run_points_at_a_known_figure_and_every_figure_is_used() -> None:
    known = {figure.id for figure in BULLETIN.figures}
    used = {run.figure for run in BULLETIN.runs() if isinstance(run, FigureRef)}
    # 涉及对象占比的分母在附件表中使用，因此全部数都应出现。
    assert used == known


def test_a_record_filter_is_scope_and_figure_together() -> None:
    asked = BULLETIN.record_filter("section.RMC.02.checked")
    assert asked == {
        "first_on": "2026-07-01",
        "last_on": "2026-09-30",
        "regions": ["441302", "441303"],
        "checklists": ["LAB", "RES", "RMC"],
        "snapshot": "2026Q3-1",
        "records": "answers",
        "outcome": ["conforming", "failing"],
        "checklist": "RMC",
        "section": "RMC-02",
    }


def test_an_unknown_figure_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        BULLETIN.figure("nothing")


def test_the_public_copy_has_no_notes_and_no_scores() -> None:
    assert BULLETIN.notes
    assert BULLETIN.selection
    public = to_dict(without_internals(BULLETIN))
    assert public["notes"] == []
    assert public["selection"] == []


@pytest.mark.parametrize("broken", [{}, {"format": "bulletin/2"}, {"format": "bulletin/1", "id": "x"}])
def test_unreadable_data_is_refused(broken: dict[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        from_dict(broken)
    assert caught.value.code == "bulletin-unreadable"


def test_plain_text_shows_figures() -> None:
    text = BULLETIN.plain_text()
    assert "检查277项，符合230项，符合率83.0%" in text
    assert any(isinstance(run, Text) for run in BULLETIN.runs())
