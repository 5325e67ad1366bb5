"""XForm 里的检查项：问什么、要几张照片、什么时候问。"""

from __future__ import annotations

from server.domain.checklists import Frame, Kind
from server.formats.xform_items import EXACT, Choices, Row, item_rows
from server.formats.xform_names import Place, places
from tests.checklists.house import checklists

ALL = {p.item.code: p for f in Frame for c in checklists().values() for p in places(c, f)}


def rows(code: str) -> dict[str, Row]:
    return {row["name"]: row for row in item_rows(ALL[code], Choices()) if "name" in row}


def test_as_many_photos_are_required_as_the_evidence_demand_says() -> None:
    for place in ALL.values():
        fixed = [r for r in item_rows(place, Choices()) if r.get("name", "").startswith("photo_")]
        assert len(fixed) == place.item.photos.minimum
        for row in fixed:
            assert (row["type"], row["required"]) == ("image", "yes")
            assert "max-pixels" not in row.get("parameters", "")
            assert row["relevant"] == f"{place.ask('verdict')} != 'not_applicable'"


def test_photos_per_place_follow_the_count() -> None:
    place = next(p for p in ALL.values() if p.item.photos.per == 1 and Kind.COUNT in p.item.kinds)
    count = rows(place.item.code)[place.repeat("p")]["repeat_count"]
    counted = f"if({place.ask('count')} > 1, {place.ask('count')}, 1)"
    assert f"1 * {counted} - {place.item.photos.minimum}" in count


def test_an_item_not_applicable_asks_for_its_reason_and_nothing_else() -> None:
    for place in ALL.values():
        for row in item_rows(place, Choices()):
            asks = row["type"].split()[0] in ("decimal", "integer", "date", "select_one", "select_multiple", "image")
            if not asks or row["name"] in ("verdict", "reason") or "/" in row["name"] or row["name"] in ("v", "photo"):
                continue
            assert "relevant" in row, (place.item.code, row["name"])
            assert place.ask("verdict") in row["relevant"]


def test_a_verdict_is_always_asked_and_numbers_may_speak_for_themselves() -> None:
    choices = Choices()
    tri, number = ALL["RMC-01-02"], ALL["RMC-02-06"]
    assert [r["type"] for r in item_rows(tri, choices) if r.get("name") == "verdict"] == ["select_one verdict"]
    assert [r["type"] for r in item_rows(number, choices) if r.get("name") == "verdict"] == [
        "select_one verdict_or_value"
    ]
    words = [r["name"] for r in choices.rows if r["list_name"] == "verdict_or_value"]
    assert words == ["by_value", "conforming", "failing", "not_applicable"]


def test_a_limit_is_shown_and_never_refuses_the_reading() -> None:
    """What is above the limit is what has to be recorded; only what is no number is refused."""
    found = rows("RMC-02-06")
    assert found["value"]["constraint"] == EXACT
    assert "0.03" not in found["value"]["constraint"]
    assert "依据：GB 55008-2021" in found["about"]["hint"]
    assert found["conclusion"]["label"] == "结论：${say_RMC_02_06}"


def test_readings_are_asked_one_by_one_where_a_limit_looks_at_each() -> None:
    names = [r.get("name") for r in item_rows(ALL["CQI-03-02"], Choices())]
    assert {"v", "m", "below_0_4"} <= set(names)
    assert "value" not in names
    assert "list" in rows("RMC-09-03")
    assert "v" not in rows("RMC-09-03")


def test_severity_may_be_changed_only_for_what_fails_and_with_a_reason() -> None:
    found = rows("RMC-02-06")
    assert found["severity"]["label"] == "程度（本项为严重，需要调整时才选）"
    assert "outcome = 'failing'" in found["severity"]["relevant"]
    assert found["severity_reason"]["required"] == "yes"
    assert "!= 'critical'" in found["severity_reason"]["relevant"]


def test_an_item_of_one_region_is_shown_only_there() -> None:
    place: Place = next(p for p in ALL.values() if p.item.region)
    group = next(iter(item_rows(place, Choices())))
    assert group["relevant"] == f"starts-with(/data/who/region, '{place.item.region.rstrip('0')}')"


def test_a_list_of_words_is_written_once() -> None:
    choices = Choices()
    for place in ALL.values():
        list(item_rows(place, choices))
    lists: dict[str, list[tuple[str, str]]] = {}
    for row in choices.rows:
        lists.setdefault(row["list_name"], []).append((row["name"], row["label"]))
    assert len({tuple(words) for words in lists.values()}) == len(lists)
    assert not any(" " in name for words in lists.values() for name, _ in words)
