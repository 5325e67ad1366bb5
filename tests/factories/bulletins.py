"""One invented season for bulletins: two regions, three checklists, four cases in different states."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from server.domain.bulletin_data import (
    BulletinData,
    CaseFacts,
    Demands,
    Fact,
    Handling,
    ItemSpread,
    Names,
    Notice,
    Party,
    SubjectResult,
)
from server.domain.bulletins import BulletinKind
from server.domain.cases import Case, Decision, Penalty, PenaltyKind, Stage, decide_case, file_case
from server.domain.clauses import parse_basis
from server.domain.statistics import (
    Control,
    CountRow,
    FindingCount,
    NoticeCount,
    Pair,
    Statistics,
    SubjectCount,
    tabulate,
)
from server.domain.typical_cases import Candidate, Choice, choose_cases
from server.domain.violations import Severity

ROWS = (
    CountRow("441302", "enterprise_site", "production", "RMC", "02", ("concrete_producer",), 46, 14, 3),
    CountRow("441303", "enterprise_site", "production", "RMC", "03", ("concrete_producer",), 38, 9, 1),
    CountRow("441302", "project", "use", "RMC", "06", ("contractor", "supervisor_firm"), 52, 11, 0, 2),
    CountRow("441303", "project", "use", "RES", "01", ("contractor", "supervisor_firm"), 61, 8),
    CountRow("441303", "enterprise_site", "", "LAB", "05", ("testing_laboratory",), 33, 5),
)
NAMES = Names(
    regions={"441302": "惠城区", "441303": "惠阳区"},
    checklists={"RMC": "预拌混凝土", "RES": "住宅工程“五严”", "LAB": "质量检测机构"},
    sections={
        "RMC-02": "原材料管理",
        "RMC-03": "试验室管理",
        "RMC-06": "进场与交货检验",
        "RES-01": "严格建材管控",
        "LAB-05": "检测过程与报告",
    },
)


def season_statistics() -> Statistics:
    """Statistics of the season with separately counted totals."""
    return tabulate(
        date(2026, 7, 1),
        date(2026, 9, 30),
        ROWS,
        subjects=[
            SubjectCount("混凝土企业", "enterprise_site", "441302", 5, 4, 5),
            SubjectCount("混凝土企业", "enterprise_site", "441303", 4, 3, 4),
            SubjectCount("检测机构", "enterprise_site", "441303", 3, 2, 3, 1),
            SubjectCount("在建项目", "project", "441302", 7, 5, 8),
            SubjectCount("在建项目", "project", "441303", 6, 4, 6),
        ],
        notices=[
            NoticeCount("rectification", "441302", "project", 5),
            NoticeCount("rectification", "441303", "enterprise_site", 6),
            NoticeCount("partial_stop", "441303", "project", 1),
        ],
        findings=[
            FindingCount("441302", "enterprise_site", "RMC", "02", "critical", 4),
            FindingCount("441302", "enterprise_site", "RMC", "02", "major", 8),
            FindingCount("441303", "enterprise_site", "RMC", "03", "minor", 7),
            FindingCount("441302", "project", "RMC", "06", "major", 9),
            FindingCount("441303", "project", "RES", "01", "minor", 6),
            FindingCount("441303", "enterprise_site", "LAB", "05", "critical", 3),
        ],
        control=Control(230, 47, 25, 37, 12),
        previous=Pair(410, 512),
    )


def season_items() -> tuple[ItemSpread, ...]:
    """Items of the season, given out of order on purpose."""
    return (
        ItemSpread("RMC", "03", "RMC-03-04", "enterprise_site", "试验设备在检定有效期内", 1, 9),
        ItemSpread(
            "RMC",
            "02",
            "RMC-02-01",
            "enterprise_site",
            "原材料未经检验不得使用",
            5,
            9,
            "原材料“先用后检”，磅单、质保书与复验报告不能逐批对应",
        ),
        ItemSpread("RMC", "06", "RMC-06-01", "project", "建立预拌混凝土进场检验制度和逐车台账", 4, 13),
        ItemSpread("RES", "01", "RES-01-02", "project", "进场验收台账、监理签认齐全", 2, 13),
        ItemSpread("LAB", "05", "LAB-05-01", "enterprise_site", "试验视频与报告项目逐项对应", 1, 3),
        ItemSpread("LAB", "05", "LAB-05-02", "enterprise_site", "原始记录可追溯", 0, 3),
    )


def decided_case(identity: str = "c-1") -> CaseFacts:
    """A concrete producer fined by a decision in force; its manager, a natural person, fined too."""
    filed = file_case(Case(identity), on=date(2026, 8, 3), number="〔示〕住建罚立字〔2026〕第1号")
    decision = Decision(
        "﹝示﹞住建罚决字﹝2026﹞第1号",
        date(2026, 9, 11),
        (
            Penalty(PenaltyKind.FINE, "concrete_producer", "示范一号混凝土有限公司", amount=Decimal(120000)),
            Penalty(PenaltyKind.FINE, "technical_manager", "张某实名", True, Decimal(8500)),
        ),
        parse_basis("粤质条48", "V:S09"),
        date(2026, 9, 15),
        Decimal("1.5"),
    )
    return CaseFacts(
        decide_case(filed, decision),
        "示范一号混凝土有限公司",
        "enterprise_site",
        "441302",
        "RMC",
        date(2026, 7, 21),
        (Party("concrete_producer", "示范一号混凝土有限公司", "91441300MA0000001X"),),
        (
            Fact("RMC-02-01", "抽查的5批水泥中有2批未经复验即投入生产", evidence=("P-0001", "P-0002")),
            Fact("RMC-02-05", "细骨料氯离子含量超过限值", "0.041%", "不大于0.02%", ("P-0003",)),
        ),
        parse_basis("粤质条14(3)、48", "V:S09"),
        (Notice("rectification", "惠市住建改〔2026〕21号", date(2026, 7, 21), date(2026, 8, 5)),),
    )


def filed_case(identity: str = "c-2") -> CaseFacts:
    """A testing laboratory under investigation; its clause numbers are not verified."""
    case = file_case(Case(identity), on=date(2026, 9, 2), number="〔示〕住建罚立字〔2026〕第2号")
    return CaseFacts(
        case,
        "示范检测技术有限公司",
        "enterprise_site",
        "441303",
        "LAB",
        date(2026, 8, 18),
        (Party("testing_laboratory", "示范检测技术有限公司"),),
        (Fact("LAB-05-01", "报告列有反向弯曲试验结果，回放视频显示未进行该项试验", evidence=("V-01",)),),
        parse_basis("检测办法30(5)(6)（线索）", "K"),
    )


def found_case(identity: str = "c-3") -> CaseFacts:
    """A project with a stop notice, no case filed; one supplier is a natural person."""
    return CaseFacts(
        Case(identity),
        "示范花园二期3号楼",
        "project",
        "441303",
        "RES",
        date(2026, 9, 8),
        (
            Party("supervisor_firm", "示范监理有限公司"),
            Party("contractor", "示范建筑工程有限公司"),
            Party("client", "示范房地产开发有限公司"),
            Party("supplier", "李某实名", natural_person=True),
        ),
        (Fact("RES-01-02", "钢筋进场未经监理签认即投入使用，联系人电话13812345678"),),
        parse_basis("质量条例29、37", "V:S01"),
        (Notice("partial_stop", "惠市住建停〔2026〕3号", date(2026, 9, 8)),),
    )


def season_selection() -> tuple[Choice, ...]:
    """The three cases chosen by the default weights."""
    return choose_cases(
        [
            Candidate("c-3", "441303", "RES", Severity.MAJOR, (2, 13), (5, 6), (4, 5), Stage.FOUND),
            Candidate("c-1", "441302", "RMC", Severity.CRITICAL, (5, 9), (6, 6), (6, 6), Stage.DECIDED),
            Candidate("c-2", "441303", "LAB", Severity.CRITICAL, (1, 3), (4, 4), (3, 4), Stage.SUSPECTED),
        ],
        3,
    )


def season_results() -> tuple[SubjectResult, ...]:
    """Attached results, out of order, adding up to the total of the season."""
    return (
        SubjectResult(
            "s-3",
            "441303",
            "示范检测技术有限公司",
            "enterprise_site",
            "91441300MA0000003X",
            date(2026, 8, 18),
            "LAB",
            Pair(33, 38),
            critical=3,
            rectification="整改中",
        ),
        SubjectResult(
            "s-1",
            "441302",
            "示范一号混凝土有限公司",
            "enterprise_site",
            "91441300MA0000001X",
            date(2026, 7, 21),
            "RMC",
            Pair(84, 107),
            7,
            8,
            4,
            ("惠市住建改〔2026〕21号",),
            date(2026, 8, 5),
            "已复查合格",
        ),
        SubjectResult(
            "s-2", "441303", "示范花园二期3号楼", "project", "", date(2026, 9, 8), "RES", Pair(113, 132), 6, 9
        ),
    )


def season(**changes: object) -> BulletinData:
    """The whole season; `changes` replace single inputs."""
    data = BulletinData(
        id="b-2026-3",
        kind=BulletinKind.CHECK_RESULTS,
        issuer="示范市住房和城乡建设局",
        recipients=("各县（区）住房和城乡建设局", "各有关企业"),
        occasion="2026年第三季度建设工程质量“双随机、一公开”抽查",
        basis=("《关于开展2026年“质量月”活动的通知》（示市住建函〔2026〕57号）",),
        method="按照随机抽取检查对象、随机选派执法检查人员的方式，对全市预拌混凝土、检测机构和在建住宅工程质量进行了抽查",
        statistics=season_statistics(),
        demands=Demands(date(2026, 10, 30), "工程质量安全监督科", date(2026, 10, 20)),
        dated_on=date(2026, 10, 12),
        snapshot="2026Q3-1",
        frequent=season_items(),
        cases=(decided_case(), filed_case(), found_case()),
        selection=season_selection(),
        handling=Handling(2, 1, 2, Decimal(128500), Decimal("1.5"), 1, 1, 3),
        results=season_results(),
        names=NAMES,
        region_codes=("441302", "441303"),
        checklists=("RES", "RMC", "LAB"),
    )
    return replace(data, **changes)  # type: ignore[arg-type]
