"""词汇表与检查表词表一致：一个词都不多，一个词都不少。"""

from __future__ import annotations

import re

from server.formats.checklist_files import read_vocabulary
from tests.checklists.house import ROOT

GLOSSARY = (ROOT.parent / "docs" / "glossary.md").read_text(encoding="utf-8")
TABLES = (
    "severities", "parties", "frames", "chain_links", "answer_kinds", "outcomes",
    "five_stricts", "operators", "na_reasons", "legal_bases", "rules", "inputs",
)  # fmt: skip
ROW = re.compile(r"^\| (.+?) \| `([A-Za-z_0-9]+)` \|$", re.M)


def test_glossary_equals_the_vocabulary() -> None:
    tables = read_vocabulary(ROOT)
    wanted = {(r["title"], r.get("code") or r["name"]) for name in TABLES for r in tables[name]}
    part = GLOSSARY.split("# 检查表词表", 1)[1]
    assert set(ROW.findall(part)) == wanted


def test_every_section_of_the_vocabulary_is_headed() -> None:
    assert len(re.findall(r"^## ", GLOSSARY.split("# 检查表词表", 1)[1], re.M)) == len(TABLES)
