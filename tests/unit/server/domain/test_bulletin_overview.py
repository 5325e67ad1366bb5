"""The overview: what the figures of 总体情况 ask for."""

from dataclasses import replace

from server.domain.bulletin_draft import Draft
from server.domain.bulletin_overview import compose_overview, pair_figures, pair_parts
from server.domain.bulletins import FigureRef, Paragraph, Text
from server.domain.statistics import Pair, tabulate
from tests.factories.bulletins import season, season_statistics


def test_a_pair_becomes_three_figures_over_the_right_records() -> None:
    draft = Draft()
    checked, conforming, ratio = pair_figures(draft, "x", Pair(3, 4), {"link": "use"}, "使用环节")
    assert (checked, conforming, ratio) == (
        FigureRef("x.checked"),
        FigureRef("x.conforming"),
        FigureRef("x.ratio"),
    )
    assert draft.figures["x.conforming"].filter == {
        "records": "answers",
        "outcome": "conforming",
        "link": "use",
    }
    assert draft.figures["x.ratio"].value == {"conforming": 3, "checked": 4}
    assert draft.figures["x.ratio"].text == "75.0%"
    assert pair_parts(draft, "x", Pair(3, 4), {"link": "use"}, "使用环节")[1] == "项，符合"


def test_a_liable_set_is_asked_for_as_a_whole_and_a_party_as_contained() -> None:
    draft = Draft()
    compose_overview(draft, season())
    whole = draft.figures["liable_set.contractor.supervisor_firm.checked"].filter
    single = draft.figures["party.contractor.checked"].filter
    assert whole["liable"] == ["contractor", "supervisor_firm"]
    assert single["party"] == "contractor"
    assert "liable" not in single


def test_links_are_shown_only_when_both_ends_of_the_chain_were_checked() -> None:
    statistics = season_statistics()
    one_end = tabulate(statistics.first_on, statistics.last_on, [])
    data = season(statistics=replace(statistics, tables=one_end.tables, total=one_end.total))
    blocks = compose_overview(Draft(), data)
    texts = [
        run.text for block in blocks if isinstance(block, Paragraph) for run in block.runs if isinstance(run, Text)
    ]
    assert not any("生产环节" in text for text in texts)


def test_region_lines_carry_subjects_and_findings() -> None:
    draft = Draft()
    compose_overview(draft, season())
    assert draft.figures["region.441302.subjects"].text == "12"
    assert draft.figures["all.findings"].text == "37"
    assert draft.figures["region.441302.findings"].filter["distinct"] == "subject,item"
