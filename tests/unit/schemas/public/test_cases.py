"""The allow-list of a public case."""

from datetime import date

from schemas.public.cases import CSV_COLUMNS, PublicCaseSchema, csv_row, public_case
from server.domain.disclosed_cases import disclose_case
from server.formats.csvfile import write_csv
from tests.factories.bulletins import decided_case, filed_case, found_case

CASES = [
    disclose_case(facts, number=f"2026-{place}", region="惠城区", on=date(2026, 10, 12))
    for place, facts in enumerate((decided_case(), filed_case(), found_case()), 1)
]


def test_the_fields_that_may_leave() -> None:
    assert sorted(PublicCaseSchema().fields) == [
        "basis",
        "checked_on",
        "checklist",
        "decided_on",
        "decision_number",
        "findings",
        "number",
        "parties",
        "penalties",
        "region",
        "region_code",
        "stage",
        "text",
        "title",
    ]


def test_a_case_as_json() -> None:
    case = public_case(CASES[0])
    assert case["checked_on"] == "2026-07-21"
    assert case["parties"] == [
        {"role": "混凝土企业", "name": "示范一号混凝土有限公司", "credit_code": "91441300MA0000001X"}
    ]
    assert case["penalties"][1] == {"party": "技术负责人", "name": "", "kind": "罚款", "yuan": "8500"}


def test_a_case_as_a_row() -> None:
    text = b"".join(write_csv(CSV_COLUMNS, map(csv_row, CASES))).decode("utf-8-sig")
    assert text.splitlines()[0] == ",".join(heading for _, heading in CSV_COLUMNS)
    assert "混凝土企业示范一号混凝土有限公司罚款120000元、技术负责人罚款8500元" in text


def test_nothing_of_a_natural_person_leaves() -> None:
    text = str([public_case(case) for case in CASES]) + str([csv_row(case) for case in CASES])
    assert "实名" not in text
    assert "13812345678" not in text
