"""名录库里的固定说法：状态、风险分类、形象进度、利害关系、变更。

风险分类的界面文字一律写全称：企业信用风险分类的 A 最好，失信行为分级的 A 最重，单个字母会读反。
"""

from __future__ import annotations

from enum import StrEnum


class SubjectStatus(StrEnum):
    """对象的状态；抽样框按它剔除。"""

    ACTIVE = "active"
    STOPPED = "stopped"
    FINISHED = "finished"


STATUS_TITLES = {
    SubjectStatus.ACTIVE: "在建或在产",
    SubjectStatus.STOPPED: "停工或停产",
    SubjectStatus.FINISHED: "已竣工或已注销",
}


class RiskClass(StrEnum):
    """企业信用风险分类，由低到高；没有分类的单列一类，不混进“一般”。"""

    LOW = "credit-low"
    ORDINARY = "credit-ordinary"
    RAISED = "credit-raised"
    HIGH = "credit-high"
    UNCLASSIFIED = "credit-unclassified"


RISK_TITLES = {
    RiskClass.LOW: "企业信用风险低（A类）",
    RiskClass.ORDINARY: "企业信用风险一般（B类）",
    RiskClass.RAISED: "企业信用风险较高（C类）",
    RiskClass.HIGH: "企业信用风险高（D类）",
    RiskClass.UNCLASSIFIED: "企业信用风险未分类",
}


class InterestKind(StrEnum):
    """回避的缘由：主动申报、历史关系、当事人申请（行政处罚法第四十三条）。"""

    DECLARED = "declared"
    RELATIVE = "relative"
    FORMER_POST = "former_post"
    SHAREHOLDING = "shareholding"
    PARTY_REQUEST = "party_request"


INTEREST_TITLES = {
    InterestKind.DECLARED: "本人申报",
    InterestKind.RELATIVE: "亲属关系",
    InterestKind.FORMER_POST: "曾任职",
    InterestKind.SHAREHOLDING: "持股",
    InterestKind.PARTY_REQUEST: "当事人申请",
}


class Register(StrEnum):
    """几本名录；导入、变更记录按它分开。"""

    SUBJECT = "subject"
    ORGANISATION = "organisation"
    OFFICER = "officer"
    MATTER = "matter"


class RegisterAct(StrEnum):
    """名录变更的动作；没有删除。"""

    CREATED = "created"
    EDITED = "edited"
    RETIRED = "retired"
    RESTORED = "restored"
