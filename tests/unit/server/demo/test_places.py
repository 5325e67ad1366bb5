"""演示的单位和对象：代码校验得过，边界围得住中心。"""

from server.demo.people import REGIONS
from server.demo.places import ORGANISATIONS, _enterprise_sites, _projects, credit_code
from server.domain.identifiers import judge_credit_code
from server.domain.registers import OrganisationKind, close_ring

REGION = REGIONS[0]
HELD = {(REGION.code, f"{REGION.name}{name}"): f"id of {name}" for _, name in ORGANISATIONS}


def test_credit_codes_pass_both_checks_and_differ() -> None:
    codes = [credit_code(region.code, name) for region in REGIONS for _, name in ORGANISATIONS]
    judged = [judge_credit_code(code) for code in codes]
    assert [j for j in judged if j.errors or j.warnings] == []
    assert len(set(codes)) == len(codes)


def test_every_firm_has_a_known_kind_and_is_marked() -> None:
    assert all(OrganisationKind(kind) and "（示例）" in name for kind, name in ORGANISATIONS)


def test_sites_are_bounded_around_their_centre() -> None:
    sites = [*_projects(REGION, HELD), *_enterprise_sites(REGION, HELD)]
    assert {s["frame"] for s in sites} == {"project", "enterprise_site"}
    for site in sites:
        ring = close_ring(tuple((x, y) for x, y in site["boundary"]))
        lon, lat = site["centre"]["longitude"], site["centre"]["latitude"]
        assert min(x for x, _ in ring) < lon < max(x for x, _ in ring)
        assert min(y for _, y in ring) < lat < max(y for _, y in ring)


def test_projects_name_their_parties_and_plants_their_firm() -> None:
    assert {p["party"] for p in _projects(REGION, HELD)[0]["parties"]} >= {"client", "contractor", "supervisor_firm"}
    assert all(site["organisation"] in HELD.values() for site in _enterprise_sites(REGION, HELD))
