"""演示单元测试共用的一小片天地：真的检查单，编出来的对象和人。"""

from argparse import Namespace
from datetime import date
from functools import lru_cache
from pathlib import Path

from server.cli.operations import read_folder
from server.demo.checks import Field
from server.demo.people import REGIONS, inspectors
from server.demo.places import Site
from server.demo.plan import Plan
from server.domain.checklists import Checklist

CHECKLISTS = Path(__file__).resolve().parents[4] / "checklists"
KINDS = (("project", "住宅"), ("project", "公共建筑"), ("enterprise_site", "搅拌站"), ("enterprise_site", "检测场所"))


@lru_cache(maxsize=1)
def checklists() -> dict[str, Checklist]:
    return {c.code: c for c in read_folder(Namespace(folder=CHECKLISTS))}


def field_of(plan: Plan, files: tuple[Path, ...] = ()) -> Field:
    sites = [
        Site(str(plan.id("site", r.code, n)), f"S{n}", f"对象{n}", frame, kind, r.code, r.place)
        for r in REGIONS
        for n, (frame, kind) in enumerate(KINDS)
    ]
    crews = {r.code: [(p, str(plan.id("officer", p.certificate))) for p in inspectors(r)] for r in REGIONS}
    return Field(plan, sites, crews, checklists(), files)


PLAN = Plan("单元", date(2026, 3, 1), 12, small=True)
