"""演示的单位、检查对象和执法人员：名称都带（示例），代码的校验位是对的。"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.demo.client import Client, every_item
from server.demo.people import REGIONS, Region, inspectors
from server.demo.plan import Chance
from server.domain.identifiers import credit_check_character

ORGANISATIONS = (
    ("client", "滨海置业有限公司（示例）"),
    ("client", "城投建设有限公司（示例）"),
    ("contractor", "第一建筑工程有限公司（示例）"),
    ("contractor", "恒固建设集团有限公司（示例）"),
    ("supervisor_firm", "方正工程监理有限公司（示例）"),
    ("surveyor", "大地勘察有限公司（示例）"),
    ("designer", "新筑建筑设计院有限公司（示例）"),
    ("drawing_reviewer", "施工图审查中心（示例）"),
    ("testing_laboratory", "衡准检测有限公司（示例）"),
    ("testing_laboratory", "中测工程检测有限公司（示例）"),
    ("concrete_producer", "江海混凝土有限公司（示例）"),
    ("concrete_producer", "磐石混凝土有限公司（示例）"),
    ("supplier", "砂石供应有限公司（示例）"),
)
PROJECTS = ("安居小区一期", "海棠学校", "滨江医院", "科创园", "文体中心", "和园安置房")
SITE_KINDS = {"testing_laboratory": "检测场所", "concrete_producer": "搅拌站", "supplier": "砂场"}
PROJECT_PARTIES = ("client", "contractor", "supervisor_firm", "surveyor", "designer", "testing_laboratory")
RISKS = ("credit-low", "credit-ordinary", "credit-raised")
CERTIFIED_UNTIL = "2036-12-31"
HALF_SITE = 0.0011  # degrees: about 110 m each way from the centre


@dataclass(frozen=True, slots=True)
class Site:
    """一个登记了的检查对象，和它在 WGS-84 里的中心（经度、纬度）。"""

    uuid: str
    code: str
    name: str
    frame: str
    kind: str
    region: str
    centre: tuple[float, float]


def authority_name(region: Region) -> str:
    return f"{region.authority}（示例）"


def credit_code(region: str, words: str) -> str:
    """A made-up unified social credit code with right check characters for a firm of this region."""
    inner = f"{Chance(f'credit/{region}/{words}').below(10**8):08d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    check = 11 - sum(int(c) * w for c, w in zip(inner, weights, strict=True)) % 11
    body = f"91{region}{inner}{ {10: 'X', 11: '0'}.get(check, str(check)) }"
    return body + credit_check_character(body)


def register_organisations(registrar: Client) -> dict[tuple[str, str], str]:
    """All firms and authorities; returns {(region, name): id}."""
    known = {o["credit_code"]: o["uuid"] for o in every_item(registrar, "/api/v1/console/organisations")}
    found = {}
    for region in REGIONS:
        wanted = [(kind, f"{region.name}{name}") for kind, name in ORGANISATIONS]
        for kind, name in [("authority", authority_name(region)), *wanted]:
            found[(region.code, name)] = _organisation(registrar, known, region, kind, name)
    return found


def _organisation(registrar: Client, known: dict[str, str], region: Region, kind: str, name: str) -> str:
    code = credit_code(region.code, name)
    if code not in known:
        content = {"name": name, "kind": kind, "region_code": region.code, "credit_code": code}
        reply = registrar.call("POST", "/api/v1/console/organisations", content=content, expect=(201, 409))
        if reply.status == 409:  # an earlier attempt was stored but its answer was lost
            known[code] = registrar.get("/api/v1/console/organisations", {"q": code})["items"][0]["uuid"]
        else:
            known[code] = reply.json()["uuid"]
    return known[code]


def register_officers(registrar: Client, organisations: dict[tuple[str, str], str]) -> dict[str, str]:
    """All officers; returns {certificate number: id}."""
    path = "/api/v1/console/officers"
    known = {o["certificate_no"]: o["uuid"] for o in every_item(registrar, path)}
    for region in REGIONS:
        for person in inspectors(region):
            if person.certificate in known:
                continue
            content = {
                "name": person.name,
                "certificate_no": person.certificate,
                "certificate_expires_on": CERTIFIED_UNTIL,
                "organisation": organisations[(region.code, authority_name(region))],
                "region_code": region.code,
            }
            registrar.call("POST", path, content=content, expect=(201, 409))
            known[person.certificate] = registrar.get(path, {"q": person.certificate})["items"][0]["uuid"]
    return known


def register_sites(registrar: Client, organisations: dict[tuple[str, str], str]) -> list[Site]:
    """All subjects: projects with a boundary and five parties, enterprise sites of the firms."""
    path = "/api/v1/console/subjects"
    known = {s["code"]: s["uuid"] for s in every_item(registrar, path)}
    sites = []
    for region in REGIONS:
        for content in [*_projects(region, organisations), *_enterprise_sites(region, organisations)]:
            code = content["code"]
            if code not in known:
                registrar.call("POST", path, content=content, expect=(201, 409))
                known[code] = registrar.get(path, {"q": code})["items"][0]["uuid"]
            sites.append(_site(known[code], content, region))
    return sites


def _site(uuid: str, content: dict[str, Any], region: Region) -> Site:
    ring = content["boundary"]
    centre = (sum(p[0] for p in ring[:4]) / 4, sum(p[1] for p in ring[:4]) / 4)
    return Site(uuid, content["code"], content["name"], content["frame"], content["kind"], region.code, centre)


def _spot(region: Region, words: str) -> tuple[float, float]:
    """A made-up spot within a few kilometres of the region's centre, in steps of a hundred-thousandth degree."""
    chance = Chance(f"spot/{region.code}/{words}")
    lon, lat = region.place
    return round(lon + chance.between(-3000, 3000) / 100_000, 5), round(lat + chance.between(-3000, 3000) / 100_000, 5)


def _place(spot: tuple[float, float]) -> dict[str, Any]:
    lon, lat = spot
    corners = [(lon - HALF_SITE, lat - HALF_SITE), (lon + HALF_SITE, lat - HALF_SITE)]
    corners += [(lon + HALF_SITE, lat + HALF_SITE), (lon - HALF_SITE, lat + HALF_SITE)]
    ring = [[round(x, 6), round(y, 6)] for x, y in corners]
    return {"centre": {"longitude": lon, "latitude": lat, "datum": "cgcs2000"}, "boundary": [*ring, ring[0]]}


def _projects(region: Region, organisations: dict[tuple[str, str], str]) -> list[dict[str, Any]]:
    projects = []
    for n, word in enumerate(PROJECTS):
        chance = Chance(f"parties/{region.code}/{n}")
        firms = [(kind, chance.pick([name for k, name in ORGANISATIONS if k == kind])) for kind in PROJECT_PARTIES]
        parties = [
            {"party": kind, "organisation": organisations[(region.code, f"{region.name}{name}")]}
            for kind, name in firms
        ]
        projects.append(
            {
                "code": f"示-{region.code}-P{n + 1:02d}",
                "name": f"{region.name}{word}（示例）",
                "frame": "project",
                "kind": ("住宅", "公共建筑", "公共建筑", "工业建筑", "公共建筑", "住宅")[n],
                "region_code": region.code,
                "address": f"{region.name}示例路{n * 10 + 8}号",
                "parties": parties,
                "risk_class": RISKS[n % len(RISKS)],
                "stage": "主体施工",
                **_place(_spot(region, word)),
            }
        )
    return projects


def _enterprise_sites(region: Region, organisations: dict[tuple[str, str], str]) -> list[dict[str, Any]]:
    firms = [(kind, name) for kind, name in ORGANISATIONS if kind in SITE_KINDS]
    return [
        {
            "code": f"示-{region.code}-E{n + 1:02d}",
            "name": f"{region.name}{name.removesuffix('（示例）')}{SITE_KINDS[kind]}（示例）",
            "frame": "enterprise_site",
            "kind": SITE_KINDS[kind],
            "region_code": region.code,
            "address": f"{region.name}示例工业区{n + 1}号",
            "organisation": organisations[(region.code, f"{region.name}{name}")],
            "risk_class": RISKS[(n // 2) % len(RISKS)],
            **_place(_spot(region, name)),
        }
        for n, (kind, name) in enumerate(firms)
    ]
