"""任务：一次检查派给谁、走到哪里、怎样结束；结果口径照 20 个工作日公示的说法。"""

from __future__ import annotations

from enum import StrEnum


class AssignmentState(StrEnum):
    """派出、已开始、已完成（有检查记录）、已结束（没有检查成）、已换下、已随抽签作废。"""

    ASSIGNED = "assigned"
    STARTED = "started"
    DONE = "done"
    ENDED = "ended"
    REPLACED = "replaced"
    VOID = "void"


OPEN = (AssignmentState.ASSIGNED, AssignmentState.STARTED)


class Outcome(StrEnum):
    """抽查结果的公示口径。"""

    NO_PROBLEM = "no_problem"
    ORDERED = "ordered"
    FILED = "filed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    STOPPED = "stopped"


OUTCOME_TITLES = {
    Outcome.NO_PROBLEM: "未发现问题",
    Outcome.ORDERED: "发现问题已责令改正",
    Outcome.FILED: "发现问题已立案待处理",
    Outcome.REFUSED: "不配合检查",
    Outcome.UNREACHABLE: "通过登记住所无法联系",
    Outcome.STOPPED: "已停工停产不具备检查条件",
}


class Act(StrEnum):
    """任务历程里的一步。"""

    ASSIGNED = "assigned"
    STARTED = "started"
    POSTPONED = "postponed"
    HANDED_OVER = "handed_over"
    OFFICER_REPLACED = "officer_replaced"
    SUBJECT_REPLACED = "subject_replaced"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    STOPPED = "stopped"
    DONE = "done"
    VOIDED = "voided"
    REOPENED = "reopened"
