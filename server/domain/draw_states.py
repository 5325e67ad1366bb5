"""抽签流转：已公告 → 已录数字 → 开奖计算中 → 已封存 → 已开封；任一步可以作废，作废不覆盖，另起一轮。

The passage is append-only: no state is ever left backwards except that numbers which two people typed differently
bring the draw back to `announced`, with both versions kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.domain.errors import Conflict, FieldError, Invalid, NotReady, Refused

STEPS = 8
MOST_ROUNDS = STEPS - 1
LOTTERY_NOTICE = timedelta(hours=24)


class DrawState(StrEnum):
    """一次抽签走到哪里。"""

    ANNOUNCED = "announced"
    TYPED = "typed"
    DRAWING = "drawing"
    SEALED = "sealed"
    OPENED = "opened"
    VOID = "void"


STATE_TITLES = {
    DrawState.ANNOUNCED: "已公告，待公布数字",
    DrawState.TYPED: "数字已录入，待另一人确认",
    DrawState.DRAWING: "数字已确认，正在抽取",
    DrawState.SEALED: "已抽取并封存",
    DrawState.OPENED: "已开封",
    DrawState.VOID: "已作废",
}

VOID_REASONS = {
    "lists-wrong": "名单有误",
    "numbers-missing": "约定的公开数字没有产生",
    "numbers-wrong": "录入的数字与公告不符",
    "pairing-infeasible": "人员无法按规则派齐",
    "leaked": "名单泄露",
    "other": "其他（另附说明）",
}

SUBSTITUTION_REASONS = {
    "stopped": "已停工停产，不具备检查条件",
    "finished": "已竣工或已注销",
    "unreachable": "通过登记住所无法联系",
    "duplicate": "与同批另一对象为同一单位",
    "transferred": "已由其他机关检查同一事项",
    "recusal": "抽签后发现应当回避",
    "leave": "抽签后请假、离岗或证件失效",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules of passage need to know of a draw."""

    state: DrawState
    announced_at: datetime
    numbers_due_at: datetime


def require_state(state: DrawState, *allowed: DrawState) -> None:
    """Raise Conflict `draw-state-forbids` unless the draw stands in one of `allowed`."""
    if state in allowed:
        return
    raise Conflict(
        "draw-state-forbids",
        f"这次抽签现在是“{STATE_TITLES[state]}”，不能这样做。",
        facts={"state": state.value, "allowed": [s.value for s in allowed]},
    )


def check_notice(kind: str, announced_at: datetime, numbers_due_at: datetime) -> None:
    """A lottery must lie at least a day ahead; numbers called out on site must lie ahead at all."""
    least = LOTTERY_NOTICE if kind == "lottery" else timedelta(0)
    if numbers_due_at - announced_at < least:
        words = "彩票开奖时间至少要在公告之后24小时。" if least else "叫号时间不能早于公告。"
        raise Invalid(
            "draw-notice-too-short", words, errors=[FieldError("/entropy/at", words, "draw-notice-too-short")]
        )


def check_numbers_time(standing: Standing, now: datetime) -> None:
    """Numbers can't be typed before they exist: raises NotReady `numbers-not-due`."""
    require_state(standing.state, DrawState.ANNOUNCED)
    wait = (standing.numbers_due_at - now).total_seconds()
    if wait > 0:
        raise NotReady("numbers-not-due", "公开数字还没有到产生的时间，到时再录入。", retry_after=int(wait) + 1)


def check_second_person(first: int, second: int | None) -> None:
    """Numbers typed by one person are confirmed by another; raises Refused `draw-same-person`."""
    if first == second:
        raise Refused("draw-same-person", "录入和确认必须是两个人，请另一人独立再录一遍。")


def check_round(number: int) -> None:
    """Raise Conflict `draw-rounds-spent` when the chain of one-time codes has no code left for this round."""
    if number > MOST_ROUNDS:
        raise Conflict(
            "draw-rounds-spent", f"同一批次最多抽{MOST_ROUNDS}轮，请另立批次。", facts={"rounds": MOST_ROUNDS}
        )


def check_reason(reason: str, note: str, allowed: dict[str, str], pointer: str = "/reason") -> None:
    """A reason is one of the listed codes, and `other` says more; raises Invalid `reason-unknown` or `reason-missing`."""
    if reason not in allowed:
        raise Invalid("reason-unknown", "理由不在计划列明的范围内。", errors=[FieldError(pointer, "没有这个理由码")])
    if reason == "other" and not note.strip():
        raise Invalid("reason-missing", "选“其他”时请写明理由。", errors=[FieldError("/note", "不能为空")])
