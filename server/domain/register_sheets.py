"""名录库的表格：四本名录各有哪些列。"""

from __future__ import annotations

from collections.abc import Mapping

from server.domain.register_columns import (
    KIND_TITLES,
    Column,
    RegisterRoom,
    read_code,
    read_corners,
    read_credit_code,
    read_credit_codes,
    read_date,
    read_datum,
    read_degrees,
    read_kind,
    read_money,
    read_names,
    read_risk,
    read_skills,
    read_status,
    read_yes_no,
    text_of,
)
from server.domain.registers import OrganisationKind

CODE_SUFFIX = "统一社会信用代码"

# 五方责任主体在前，其余在后；列名就是单位类别。
PARTIES: tuple[OrganisationKind, ...] = (
    OrganisationKind.CLIENT,
    OrganisationKind.CONTRACTOR,
    OrganisationKind.SUPERVISOR_FIRM,
    OrganisationKind.SURVEYOR,
    OrganisationKind.DESIGNER,
    OrganisationKind.DRAWING_REVIEWER,
    OrganisationKind.TESTING_LABORATORY,
    OrganisationKind.CONCRETE_PRODUCER,
)


def _place(address: tuple[str, ...]) -> tuple[Column, ...]:
    return (
        Column(
            "region",
            "区划代码",
            text_of(2, 40),
            ("行政区划代码", "所属区划代码", "所属区划", "行政区划", "所在区划"),
            required=True,
            example="330211",
        ),
        Column("address", address[0], text_of(1, 300), address[1:], required=True, example="示例路1号"),
        Column("longitude", "经度", read_degrees(180), ("中心经度", "lon"), required=True, example="121.7166"),
        Column("latitude", "纬度", read_degrees(90), ("中心纬度", "lat"), required=True, example="29.9489"),
        Column("datum", "坐标系", read_datum, ("坐标系统", "坐标系类型"), required=True, example="CGCS2000"),
        Column("boundary", "边界", read_corners, ("边界坐标", "四至坐标", "工地边界")),
    )


def _party_columns() -> tuple[Column, ...]:
    found: list[Column] = []
    for kind in PARTIES:
        title = KIND_TITLES[kind]
        codes = (f"{title}信用代码", f"{title}代码", f"{title}社会信用代码")
        found.append(Column(f"party_{kind.value}", title, read_names, (f"{title}名称",)))
        found.append(Column(f"party_{kind.value}_code", f"{title}{CODE_SUFFIX}", read_credit_codes, codes))
    return tuple(found)


def _unit(title: str, *synonyms: str, required: bool = False) -> tuple[Column, ...]:
    """A unit is named, coded, or both; where it is required one of the two must be there."""
    codes = (f"{title}信用代码", f"{title}代码", f"{title}社会信用代码")
    return (
        Column("organisation", title, text_of(2, 200), synonyms, required=required, example="示例有限公司"),
        Column("organisation_code", f"{title}{CODE_SUFFIX}", read_credit_code, codes),
    )


_RISK = Column("risk_class", "企业信用风险分类", read_risk, ("信用风险分类", "风险分类"))
COLUMNS: Mapping[RegisterRoom, tuple[Column, ...]] = {
    RegisterRoom.PROJECTS: (
        Column(
            "code",
            "项目编号",
            read_code,
            ("对象编号", "工程项目编码", "工程编号", "项目编码", "工程项目编号"),
            required=True,
            example="3302112026010001",
        ),
        Column(
            "name", "项目名称", text_of(2, 200), ("工程名称", "工程项目名称"), required=True, example="示例花园一期"
        ),
        Column("kind", "工程类别", text_of(1, 32), ("工程类型", "项目类别", "项目类型"), required=True, example="住宅"),
        *_place(("工程地址", "项目地址", "建设地点", "建设地址", "地址")),
        Column("stage", "形象进度", text_of(1, 40), ("工程进度", "施工阶段")),
        Column("status", "工程状态", read_status, ("项目状态", "状态"), example="在建"),
        _RISK,
        Column("permit_no", "施工许可证编号", text_of(1, 40), ("施工许可证号",)),
        Column("contract_price", "合同价（元）", read_money(1), ("合同价款（元）", "合同价格（元）")),
        Column("contract_price_wan", "合同价（万元）", read_money(10_000), ("合同价款（万元）", "合同价格（万元）")),
        *_party_columns(),
    ),
    RegisterRoom.ENTERPRISE_SITES: (
        Column("code", "站点编号", read_code, ("对象编号", "企业站点编号"), required=True, example="330211-JBZ-01"),
        Column(
            "name", "站点名称", text_of(2, 200), ("企业站点名称", "场所名称"), required=True, example="示例混凝土搅拌站"
        ),
        Column("kind", "站点类别", text_of(1, 32), ("站点类型", "企业类别"), required=True, example="搅拌站"),
        *_place(("站点地址", "经营地址", "场所地址", "地址")),
        *_unit("所属企业", "所属单位", "企业名称"),
        Column("status", "经营状态", read_status, ("站点状态", "状态"), example="在产"),
        _RISK,
        Column("qualification_no", "资质证书编号", text_of(1, 60), ("资质证书号", "证书编号")),
        Column("qualification_expires_on", "资质有效期至", read_date, ("资质有效期",)),
    ),
    RegisterRoom.OFFICERS: (
        Column("name", "姓名", text_of(1, 64), ("执法人员姓名", "人员姓名"), required=True, example="某某"),
        Column(
            "certificate_no",
            "行政执法证号",
            text_of(4, 40),
            ("执法证号", "执法证编号", "行政执法证编号", "证件号", "执法证件号"),
            required=True,
            example="33020000001",
        ),
        Column(
            "certificate_expires_on",
            "证件有效期至",
            read_date,
            ("有效期至", "执法证有效期", "证件有效期", "有效期"),
            required=True,
            example="2030-12-31",
        ),
        *_unit("所属单位", "单位", "工作单位", "单位名称", required=True),
        Column(
            "region",
            "区划代码",
            text_of(2, 40),
            ("行政区划代码", "执法区域", "所属区划", "行政区划"),
            required=True,
            example="330211",
        ),
        Column("unit", "科室", text_of(1, 80), ("所属科室", "部门")),
        Column("issuer", "发证机关", text_of(1, 120), ("发证单位",)),
        Column("skills", "执法专业", read_skills, ("专业", "执法类别"), example="房建、市政"),
        Column("may_lead", "可任主办", read_yes_no, ("可任组长",), example="是"),
    ),
    RegisterRoom.ORGANISATIONS: (
        Column("name", "单位名称", text_of(2, 200), ("企业名称", "名称"), required=True, example="示例有限公司"),
        Column("kind", "单位类别", read_kind, ("单位类型", "主体类别", "企业类别"), required=True, example="施工单位"),
        Column("credit_code", "统一社会信用代码", read_credit_code, ("社会信用代码", "信用代码", "统一信用代码")),
        Column(
            "region",
            "区划代码",
            text_of(2, 40),
            ("行政区划代码", "所属区划", "行政区划"),
            required=True,
            example="330211",
        ),
    ),
}
