"""“还在手机上”和一次检查的网页。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from schemas.sync import UnsentQuery
from server.domain.findings import OUTCOME_WORDS
from server.domain.merging import OPEN
from server.domain.permissions import Permission
from server.queries import console
from server.queries.console_pages import region_names
from server.routes.console.page_frame import page_room, query_of, show
from server.routes.console.unsent import board
from server.routes.endpoint import endpoint
from server.routes.receipts import slot_rows
from server.services import checks, packages
from server.uow import UnitOfWork

pages = page_room("check-pages")
P = Permission
NOTE_WORDS = {
    "differing-submission": "同一编号又送来另一份内容，已另行保留",
    "assignment-unmatched": "没有对上任务，待核对",
    "announced-differs": "收到的记录与先报的摘要不符",
    "photo-unannounced": "一张照片晚到，此前没有报过它的摘要",
    "stamp-unknown": "记录里的时间戳不是本服务器签发的",
    "stamp-later": "记录说的结束时间早于它所带的时间戳",
    "part-of-stranger": "有人送来一部分，但不在这次检查的执法人员里，没有合并",
    "part-items-unknown": "送来的部分里有不属于这份检查单的条目，没有合并",
    "merge-unreadable": "原记录逐项读不出，没有与部分比较",
    "reply-differs": "同一编号又送来另一份答复，已另行保留",
    "merge-signed": "执法人员签署了合并结果",
}


@pages.get("/unsent")
@endpoint(P.CONSOLE_CHECK_READ, door="console")
def unsent_board(uow: UnitOfWork) -> str:
    """还在手机上：谁还有没交的，欠得最久的在前。"""
    asked = query_of(UnsentQuery)
    told = board(uow, asked)
    names = region_names(uow.session, [row["region_code"] for row in told["items"]])
    return show("unsent.html", uow, "unsent", board=told, asked=asked, regions=names)


@pages.get("/checks/<uuid:check>")
@endpoint(P.CONSOLE_CHECK_READ, door="console", refuses=(404,))
def check_page(check: UUID, uow: UnitOfWork) -> str:
    """一次检查：照片到了没有、补记、两人说法不一的各项。"""
    row = checks.find_check(uow, check)
    merge = packages.merge_of(uow, row)
    answers = console.answers_of(uow.session, row.id)
    signed = set(merge["signed_by"])
    return show(
        "check.html",
        uow,
        "unsent",
        check=row,
        slots=_slots(row),
        notes=[{"at": n.at, "words": NOTE_WORDS.get(n.kind, n.kind)} for n in console.notes_of(uow.session, row.id)],
        counts=[(words, sum(a.outcome == outcome for a in answers)) for outcome, words in OUTCOME_WORDS.items()],
        merge=merge,
        signers=[(seat.officer.name, str(seat.officer.uuid) in signed) for seat in row.officers],
        questions=[_question(question) for question in merge["items"]],
    )


def _slots(row: Any) -> dict[str, int]:
    states = [slot["state"] for slot in slot_rows(row)]
    return {state: states.count(state) for state in ("verified", "received", "expected", "mismatch")}


def _question(told: dict[str, Any]) -> dict[str, Any]:
    """A question with what each side says in a few words."""
    sides = [{**side, "words": _words(side["answer"])} for side in told["sides"]]
    choices = {side["sha256"]: f"{side['name']}：{side['words']}" for side in sides}
    ended = _words(told["settlement"]["answer"]) if told["settlement"] else ""
    return {**told, "sides": sides, "choices": list(choices.items()), "open": told["state"] == OPEN, "ended": ended}


VERDICTS = {"conforming": "符合", "failing": "不符合", "not_applicable": "不适用"}
NAMED = (("value", "读数"), ("count", "数量"), ("choice", "选项"), ("text", "内容"), ("on", "日期"), ("note", "备注"))


def _words(answer: dict[str, Any]) -> str:
    """符合，读数 0.03，备注 北侧."""
    told = [VERDICTS[answer["verdict"]]] if answer.get("verdict") else []
    told += [f"{words} {answer[name]}" for name, words in NAMED if answer.get(name) not in (None, "")]
    told += [f"读数 {'、'.join(answer['readings'])}"] if answer.get("readings") else []
    told += [f"样品 {len(answer['groups'])} 组"] if answer.get("groups") else []
    told += (
        [f"条件 {'，'.join(f'{k}={v}' for k, v in sorted(answer['inputs'].items()))}"] if answer.get("inputs") else []
    )
    return "，".join(told) or "没有作答"
