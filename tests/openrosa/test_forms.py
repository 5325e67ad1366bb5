"""每份检查单的表单：ODK Validate 都认，Enketo 都认，手机上算出的结论与服务器一致。"""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring
from playwright.sync_api import Browser, Page, sync_playwright

from schemas.checks import CheckRecordShape
from server.domain.answers import Answer
from server.domain.checklists import Frame
from server.domain.findings import Finding
from server.domain.rules import judge
from server.formats.xform_names import ON_SERVER, item_node
from server.formats.xform_record import read_record
from tests.checklists.house import Example, checklists, examples
from tests.openrosa import java, made
from tests.openrosa.forms import built, frame_of, pairs
from tests.openrosa.writer import Record, new_record, put_answers

#: An answer that no form lets through: a word that is not among the choices.
OUTSIDE = {("SND-01-01", "没有这种砂")}
MADE = 6  # records of made-up answers per form
REGION = "441300"
DIGESTS = Path(__file__).parents[1] / "golden" / "xform" / "digests.txt"
TRANSFORMER = Path(__file__).parent / "node_modules/enketo-transformer/dist/enketo-transformer/web/transformer.js"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every form as a file."""
    made_at = tmp_path_factory.mktemp("forms")
    for name, frame in pairs():
        form = built(name, frame)
        (made_at / f"{form.form_id}.xml").write_bytes(form.xml)
    return made_at


def test_odk_validate_accepts_every_form(folder: Path) -> None:
    forms = sorted(folder.glob("*.xml"))
    said = java.validate(forms)
    assert len(forms) == len(pairs()) >= 12
    assert said.startswith("exit 0"), said[-3000:]
    assert said.count("Xform is valid") == len(forms), said[-3000:]


def test_golden_digests() -> None:
    """Bytes under a form's version never change: whoever changes them raises LAYOUT and rewrites this list."""
    forms = [built(name, frame) for name, frame in pairs()]
    text = "".join(f"{f.md5}  {f.form_id} {f.version}\n" for f in sorted(forms, key=lambda f: f.form_id))
    if os.environ.get("ZHIJIAN_TEST_GOLDEN") == "rewrite":
        DIGESTS.write_text(text, encoding="utf-8")
    assert DIGESTS.read_text(encoding="utf-8") == text, "表单的字节变了：把 LAYOUT 加一，再 make golden"


# ------------------------------------------------------------------------------------------- round trip


def _sheet(found: Finding) -> Finding:
    """A finding without its sentences: a phone keeps 3.0 as 3, so the sentences may differ where the facts do not."""
    facts = {k: v.removesuffix(".0") for k, v in (found.facts or {}).items()}
    return replace(found, explanation="", facts=facts)


def expressible() -> list[Example]:
    return [e for e in examples() if e.item and (e.item, e.title) not in OUTSIDE]


@dataclass(frozen=True)
class Case:
    """A record to be opened: what was answered, on which day, in which region."""

    name: str
    frame: Frame
    on: date
    region: str
    answers: tuple[Answer, ...]

    def record(self) -> Record:
        facts = {"today": self.on.isoformat(), "who/chosen": subject(self.region)}
        record = new_record(built(self.name, self.frame).xml, facts)
        put_answers(record, checklists()[self.name], self.frame, self.answers)
        return record


def subject(region: str) -> str:
    return f"7f6d0000-0000-4000-8000-{region:0>12}"


def example_cases() -> Iterator[Case]:
    """All examples, as many to a record as have different items and the same day and region."""
    left: dict[tuple[str, Frame, date, str], list[list[Answer]]] = defaultdict(list)
    for e in expressible():
        records = left[(e.checklist, frame_of(e.checklist, e.item), e.on, e.region)]
        room = next((r for r in records if all(a.item_code != e.item for a in r)), None)
        if room is None:
            room = []
            records.append(room)
        room.append(e.answer)
    for key, records in left.items():
        yield from (Case(*key, tuple(r)) for r in records)


def made_cases() -> Iterator[Case]:
    for name, frame in pairs():
        days = [date(2025, 6, 10), *made.turning_days(checklists()[name].items_for(frame))]
        for seed in range(MADE):
            given = tuple(made.answers(checklists()[name], frame, seed))
            yield Case(name, frame, days[seed % len(days)], REGION, given)


@pytest.fixture(scope="module")
def cases() -> list[tuple[Case, Record]]:
    """Every example and the made-up answers, written down as records."""
    return [(case, case.record()) for case in (*example_cases(), *made_cases())]


def test_answers_sent_through_the_form_give_the_same_findings(cases: list[tuple[Case, Record]]) -> None:
    seen = 0
    for case, record in cases:
        checklist = checklists()[case.name]
        pruned = Record(deepcopy(record.root)).prune().xml()
        read = CheckRecordShape().load(read_record(fromstring(pruned), checklist, case.frame))
        came = {a.item_code: a for a in read["answers"]}
        for answer in case.answers:
            item = checklist.item(answer.item_code)
            mine, theirs = (
                _sheet(judge(item, a, fact_on=case.on, region_code=case.region))
                for a in (came.get(item.code, Answer(item.code)), answer)
            )
            assert mine == theirs, (case.name, answer)
            seen += 1
    assert seen > 2000


def test_the_phone_concludes_what_the_server_concludes(
    folder: Path, tmp_path: Path, cases: list[tuple[Case, Record]]
) -> None:
    """Collect's own engine, on every example and on made-up answers at every limit, against the server's evaluator."""
    regions = sorted({case.region for case, _ in cases})
    java.write_lists(tmp_path, {"subjects.csv": [f"{subject(r)},对象,1,project,{r},路" for r in regions]})
    opened = {}
    for n, (case, record) in enumerate(cases):
        path = tmp_path / f"{n}.xml"
        path.write_bytes(record.xml())
        opened[path] = (folder / f"{built(case.name, case.frame).form_id}.xml", case)
    concluded = java.evaluate(tmp_path, [(form, path) for path, (form, _) in opened.items()])
    wrong, told, silent = [], 0, set()
    for path, (_, case) in opened.items():
        values = concluded[path]
        assert "!" not in values, values["!"]
        for answer in case.answers:
            mine, theirs = _both(case, answer, values)
            told += mine is not None and mine != "server"
            silent |= {answer.item_code} if mine == "server" else set()
            if mine not in (theirs, "server"):
                wrong.append((case.name, answer, mine, theirs))
    assert wrong == [], f"{len(wrong)}：{wrong[:3]}"
    assert told > 2000
    assert silent == server_items(), "表单说由服务器判定的，恰是限定的几条"


def _both(case: Case, answer: Answer, values: dict[str, str]) -> tuple[str | None, str | None]:
    """(what the form concluded, what the server concludes); None for an item not shown in this region."""
    checklist = checklists()[case.name]
    item, section = checklist.item(answer.item_code), checklist.section_of(answer.item_code)
    said = values.get(f"/data/s{section.no}/{item_node(item.code)}/a/outcome")
    found = judge(item, answer, fact_on=case.on, region_code=case.region)
    hidden = found.explanation.endswith("本检查项不在本地区适用")
    return said, None if hidden else found.outcome.value


def server_items() -> set[str]:
    """Items whose rules go beyond a phone's arithmetic."""
    items = (item for checklist in checklists().values() for item in checklist.items)
    return {i.code for i in items if any(c.rule.operator in ON_SERVER for c in i.checks)}


# ------------------------------------------------------------------------------------------- Enketo


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page whose only content is Enketo's transformer; nothing else can be fetched."""
    chromium = shutil.which("chromium")
    assert chromium, "没有 chromium；请用 make test 运行，它会装好"
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        found = browser.new_page()
        script, kind = TRANSFORMER.read_text(encoding="utf-8"), "text/javascript"
        found.route("**/*", lambda route: route.fulfill(body="<html></html>", content_type="text/html"))
        found.route("**/transformer.js", lambda route: route.fulfill(body=script, content_type=kind))
        found.goto("http://enketo.test/")
        yield found
        browser.close()


TRANSFORM = """async (xform) => {
  const { transform } = await import('/transformer.js');
  const found = await transform({ xform, media: {} });
  const form = new DOMParser().parseFromString(found.form, 'text/html');
  const model = new DOMParser().parseFromString(found.model, 'text/xml');
  return {
    controls: form.querySelectorAll('.question, fieldset.question').length,
    repeats: form.querySelectorAll('.or-repeat').length,
    calculated: form.querySelectorAll('[data-calculate]').length,
    nodes: model.querySelectorAll('instance:first-of-type *').length,
    broken: model.querySelectorAll('parsererror').length,
  };
}"""


def test_enketo_transforms_every_form(page: Page) -> None:
    for name, frame in pairs():
        items = len(checklists()[name].items_for(frame))
        found = page.evaluate(TRANSFORM, built(name, frame).xml.decode())
        assert found["broken"] == 0
        assert found["controls"] > items * 4, (name, found)
        assert found["repeats"] >= items
        assert found["calculated"] > items * 2
        assert found["nodes"] > items * 8
