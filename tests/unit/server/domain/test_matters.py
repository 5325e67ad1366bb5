"""抽查事项：依据要查得到，比例是两个整数，检查单要同一抽样框。"""

from __future__ import annotations

import pytest

from server.domain.checklists import Frame
from server.domain.errors import Invalid
from server.domain.matters import MatterBasis, check_bases, check_matter_checklists, check_share

KNOWN = {"penalties_law"}
FULL = MatterBasis("K", title="某市办法", clause="第八条", source="某府规〔2025〕3号")


@pytest.mark.parametrize("confidence", ["K", "V:S02", "V:S02,S101"])
def test_a_known_code_or_a_full_citation_will_do(confidence: str) -> None:
    check_bases([MatterBasis(confidence, code="penalties_law"), FULL], KNOWN)


@pytest.mark.parametrize("confidence", ["", "V", "k", "V:S2", "V:S02,", "已核", "V:S02 "])
def test_a_mark_nobody_can_read_is_refused(confidence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_bases([MatterBasis(confidence, code="penalties_law")], KNOWN)
    assert refusal.value.code == "matter-without-basis"
    assert [e.pointer for e in refusal.value.errors] == ["/legal_bases/0/confidence"]


def test_every_missing_part_is_named() -> None:
    with pytest.raises(Invalid) as refusal:
        check_bases([FULL, MatterBasis("K", title="某市办法")], KNOWN)
    assert [e.pointer for e in refusal.value.errors] == ["/legal_bases/1/clause", "/legal_bases/1/source"]


def test_no_basis_no_matter_and_no_unknown_code() -> None:
    for bases, code in (([], "matter-without-basis"), ([MatterBasis("K", code="other")], "basis-unknown")):
        with pytest.raises(Invalid) as refusal:
            check_bases(bases, KNOWN)
        assert refusal.value.code == code


def test_only_a_verified_basis_may_be_cited_in_a_formal_document() -> None:
    assert FULL.stored() == {
        "title": "某市办法",
        "clause": "第八条",
        "source": "某府规〔2025〕3号",
        "confidence": "K",
        "verified": False,
    }
    assert MatterBasis("V:S02", code="penalties_law").stored() == {
        "code": "penalties_law",
        "confidence": "V:S02",
        "verified": True,
    }


@pytest.mark.parametrize(("num", "den", "good"), [(1, 100, True), (100, 100, True), (101, 100, False), (0, 100, False)])
def test_a_share_is_more_than_nothing_and_at_most_all(num: int, den: int, good: bool) -> None:
    if good:
        check_share(num, den)
        return
    with pytest.raises(Invalid, match="share-invalid"):
        check_share(num, den)


def test_checklists_must_be_published_and_of_the_frame() -> None:
    published = {"RES": {Frame.PROJECT}, "RMC": {Frame.PROJECT, Frame.ENTERPRISE_SITE}}
    check_matter_checklists(["RES", "RMC"], published, Frame.PROJECT)
    wrong = [([], "checklist-unknown"), (["RMC", "XXX"], "checklist-unknown"), (["RES"], "checklist-frame-mismatch")]
    for wanted, code in wrong:
        with pytest.raises(Invalid) as refusal:
            check_matter_checklists(wanted, published, Frame.ENTERPRISE_SITE)
        assert refusal.value.code == code
