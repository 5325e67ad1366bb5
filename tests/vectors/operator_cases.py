"""各种运算的边角：做出来的规则、保护层、试块、检验批、样品组。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

from tests.vectors.cases import Case

VALUES = (
    "0",
    "-0",
    "1.5",
    "1.51",
    "3",
    "2.999",
    "-3",
    "5",
    "5.001",
    "-5.001",
    "1499.9",
    "1450",
    "1550",
    "0.045",
    "1e1",
    "0.105",
)
SOLO = (
    "strict", "equal", "absolute", "open_ends", "hundreds", "thirds", "screened", "bands_open", "regions", "exempt", "banned",
)  # fmt: skip
GARBAGE = ("", " ", "-", "1.", ".5", "１．５", "1,000", "NaN", "1e16", "0x10", "9" * 16, "甲")


def operator_cases() -> Iterator[Case]:
    for name in SOLO:
        for value in VALUES:
            yield Case({"value": value, "inputs": {}}, rule=f"made/{name}")
        for readings in (["1.5", "2", "3", "2.75", "1"], ["1.6", "2", "3", "4", "2.75"]):
            yield Case({"readings": readings}, rule=f"made/{name}")
        yield Case({"count": 2}, rule=f"made/{name}")
        yield Case({}, rule=f"made/{name}", own=False)
    yield from _named(_TABLED)
    yield from _regions()
    yield from _dates()
    yield from _bases()
    yield from cover_cases()
    yield from group_cases()
    yield from batch_cases()


def _named(cases: Mapping[str, Sequence[dict[str, Any]]]) -> Iterator[Case]:
    for name, answers in cases.items():
        for answer in answers:
            yield Case(answer, rule=f"made/{name}")


_TABLED: dict[str, Sequence[dict[str, Any]]] = {
    "statistics": [
        {"readings": r}
        for r in (
            ["1", "2", "9"], ["1.04", "1.05", "9.05"], ["1.05", "1.06"], ["0.95", "3", "4"], ["5.04", "5.06", "5.05"],
            ["1", "1", "1", "20"], ["9.049"], [],
        )
    ] + [{"groups": [{"sample_no": "1", "values": ["1", "2"]}, {"sample_no": "2", "values": ["3.33", "4"]}]}],
    "exempt": [
        {"value": "9", "inputs": i}
        for i in ({"use": "甲", "base": "3"}, {"use": "甲", "base": "2.9"}, {"use": "甲"}, {"use": "乙"}, {"base": "4"}, {"base": "x"})
    ],
    "banned": [{"inputs": i} for i in ({"use": "甲"}, {"use": "乙"}, {"use": ["甲", "乙"]}, {"use": True}, {"use": ""})],
    "chosen": [
        {"choice": c, "inputs": i}
        for c in ("一星", "三星", "")
        for i in ({}, {"use": "甲"}, {"use": "丙"}, {"use": False}, {"use": True}, {"use": []}, {"use": ["甲"]})
    ],
    "screened": [{"value": v, "inputs": {"method": m}} for v in ("0.06", "0.061") for m in ("快速检测", "标准方法")],
    "words_as_numbers": [
        {"value": "1", "inputs": {"base": b}} for b in ("100", "100.0", "１５０", "C150", " 1e2 ", "200", "x", True, ["100"], 150, 100.5)
    ],
    "quota_fixed": [
        {"count": c, "inputs": i}
        for c in (0, 1, 2, 3, 4, 6)
        for i in ({"use": "甲", "base": "0.9"}, {"use": "甲", "base": "0.91"}, {"use": "甲", "base": "-0.1"}, {"base": "0"}, {"use": ""})
    ],
    "bands_open": [{"value": v} for v in ("85", "80", "80.1", "60", "59.999", "90.00", "-1")],
    "samples_spare": [
        {"groups": g}
        for g in (
            [], [{"sample_no": "1", "spare_no": "2"}], [{"sample_no": "1", "spare_no": "2"}] * 2,
            [{"sample_no": "1", "spare_no": "2"}, {"sample_no": "3"}],
        )
    ],
    "prototype_names": [{"value": "1"}, {"value": "2", "inputs": {"constructor": "toString"}}, {"value": "1", "inputs": {"__proto__": "a"}}],
    "formula": [{"value": "1", "inputs": {"base": g}} for g in GARBAGE],
}  # fmt: skip


def _regions() -> Iterator[Case]:
    for region in ("440000", "441300", "441322", "330211", "330200", "110000", "000000", ""):
        for value in ("3", "3.5", "4.5", "5.5"):
            for on in ("2024-12-31", "2025-01-01"):
                yield Case({"value": value}, on=on, region=region, rule="made/regions")


def _dates() -> Iterator[Case]:
    days = (
        "2019-12-31", "2020-01-01", "2021-02-27", "2021-02-28", "2024-02-28", "2024-02-29", "2024-03-01", "20240301",
        "2024-W09-5", "2024W095", "2024-W09", "2024-W53-1", "2020-W53-7", "2024-W00-1", "2024-W01-0", "2024-W01-8", "9999-W52-7",
        "2023-02-29", "2024-2-1", "2024-13-01", "0000-01-01",
        "0001-01-01", "2999-12-31", "3000-01-01", "9999-12-31", "2024-03-01T00:00", " 2024-03-01 ", "２０２４-03-01",
    )  # fmt: skip
    for day in days:
        for value in ("3", "4.5"):
            yield Case({"value": value, "inputs": {"deadline": day}}, rule="made/dated")
        for on in ("2024-03-16",):
            yield Case({"on": on, "inputs": {"deadline": day}}, rule="made/days")
    yield Case({"inputs": {"deadline": "2024-03-01"}}, rule="made/days")
    yield Case({"value": "3"}, rule="made/dated")
    yield Case({"value": "3", "inputs": {"deadline": True}}, rule="made/dated")


def _bases() -> Iterator[Case]:
    for base in ("0", "0.1", "3", "5.25", "14.25", "-6", "99999999999999.999999999999999", "0.000000000000001"):
        for value in ("0", "4.0000001", "10.01", "1.75", "3.35", "-6.35", "123456789012345.123456789012345"):
            for name in ("formula", "reference", "share"):
                answer = {"value": value, "inputs": {"base": base}}
                yield Case(answer, rule=f"made/{name}")


# ------------------------------------------------------------------------------------------- concrete


def cover_cases() -> Iterator[Case]:
    """合格点率：0~100%、再抽样、超过 1.5 倍、两次合计。"""
    good, bad = ["-5", "8", "0", "3", "10"], ["11", "-7.01", "8.1", "10.001"]
    for member in ("梁类", "板类", "柱"):
        for taken in (5, 10):
            for wrong in range(5):
                readings = [good[n % 5] for n in range(taken - wrong)] + [bad[n % 4] for n in range(wrong)]
                said = {"readings": readings, "inputs": {"member": member}}
                yield Case(said, rule="cover_slab")
    first = ["0"] * 8 + ["11", "9"]
    for member in ("梁类", "板类"):
        for second in (
            [],
            ["0"] * 9,
            ["0"] * 10,
            ["0"] * 9 + ["11"],
            ["0"] * 7 + ["11"] * 3,
            ["0"] * 9 + ["15.1"],
            ["0"] * 30,
        ):
            said = {"readings": first, "groups": _grouped([second]), "inputs": {"member": member}}
            yield Case(said, rule="cover_slab")
        for edge in ("15", "15.001", "12", "12.01", "-10.5", "-10.51", "-7.5", "-7.51"):
            said = {"readings": ["0"] * 19 + [edge], "inputs": {"member": member}}
            yield Case(said, rule="cover_slab")
        said = {"groups": _grouped([["0"] * 10, ["1"] * 10, ["99"]]), "inputs": {"member": member}}
        yield Case(said, rule="cover_slab")
    yield Case({"inputs": {"member": "梁类"}}, rule="cover_slab")
    yield Case({"readings": ["1"]}, rule="cover_slab")


def _grouped(samples: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    return [{"sample_no": str(n), "values": list(v)} for n, v in enumerate(samples, 1)]


def group_cases() -> Iterator[Case]:
    """试件代表值：15% 的界、两头都超、系数、85% 与 100% 的界、编号重复。"""
    trios = (
        ("30", "30", "30"), ("25.5", "30", "34.5"), ("25.49", "30", "34.5"), ("25.49", "30", "34.51"), ("25.4", "30", "32"),
        ("25.5", "25.5", "25.5"), ("25.4", "25.5", "25.5"), ("26.84", "26.84", "26.84"), ("28.57", "28.57", "28.58"), ("0", "30", "60"),
    )  # fmt: skip
    for cube in ("100", "150", "200"):
        for grade in ("C30", "C60"):
            for trio in trios:
                groups = [{"sample_no": no, "values": list(trio)} for no in ("10", "9", "甲")]
                said = {"groups": groups, "inputs": {"cube_size": cube, "grade": grade}}
                yield Case(said, rule="cube_group_value")
    mixed = [
        {"sample_no": no, "values": v} for no, v in (("2", ["31"] * 3), ("1", ["24", "30", "36"]), ("2", ["33"] * 3))
    ]
    for inputs in (
        {"cube_size": "150", "grade": "C30"},
        {"cube_size": "150"},
        {"grade": "C30"},
        {"cube_size": "150", "grade": "高"},
    ):
        yield Case({"groups": mixed, "inputs": inputs}, rule="cube_group_value")
    full = {"cube_size": "150", "grade": "30"}
    yield Case({"groups": mixed[:2], "inputs": full}, rule="cube_group_value")
    short = [*mixed, {"sample_no": "5", "values": ["30", "30"]}]
    yield Case({"groups": short, "inputs": full}, rule="cube_group_value")


def batch_cases() -> Iterator[Case]:
    """检验批：1~25 组各种离散，三种方法，同条件除以 0.88；数由固定的种子给出。"""
    chance = Random(50107)
    for size in (1, 2, 9, 10, 14, 15, 19, 20):
        for spread in (0, 4, 40):
            for grade in ("C20", "60"):
                middle = int(Decimal(grade.strip("C")) * 10) + 15 + spread // 2
                values = [_tenths(middle + chance.randint(-spread, spread)) for _ in range(size)]
                said: dict[str, Any] = {
                    "readings": values,
                    "inputs": {"grade": grade, "curing": "标准养护", "assessment": "按组数"},
                }
                if spread == 4:
                    said["inputs"]["curing"] = "同条件养护"
                yield Case(said, rule="cube_acceptance")
    for grade in ("C20", "C25"):
        for sigma in ("2", "2.5", "3.1", "", None):
            for values in (["27", "26.5", "28"], ["22.1", "22", "21.9"], ["27", "28"]):
                inputs = {"grade": grade, "curing": "标准养护", "assessment": "标准差已知", "sigma0": sigma}
                said = {"readings": values, "inputs": {k: v for k, v in inputs.items() if v is not None}}
                yield Case(said, rule="cube_acceptance")
    for inputs in ({}, {"grade": "C30"}, {"grade": "0"}, {"curing": "标准养护", "assessment": "按组数"}):
        for values in ([], ["33", "34", "35"]):
            said = {"readings": values, "inputs": inputs}
            yield Case(said, rule="cube_acceptance")


def _tenths(value: int) -> str:
    return f"{value // 10}.{value % 10}" if value >= 0 else "0"
