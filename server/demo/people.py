"""演示的人：虚构的姓名、账号、角色和辖区；口令随机，只写在数据目录里。"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.demo.client import Client, every_item
from server.demo.plan import Chance
from server.domain.permissions import ROLE_NAMES, Role

COUNTRY = "000000"
LOGINS = "demo-logins.json"
OFFICERS_EACH = 3
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫"
GIVEN = ("示明", "示清", "示远", "示安", "示宁", "示和", "示达", "示康", "示文", "示武", "示春", "示秋")


@dataclass(frozen=True, slots=True)
class Region:
    """演示辖区：真实的区划代码，虚构的机关。`place` 是经度、纬度（WGS-84）的大致中心。"""

    code: str
    short: str
    name: str
    authority: str
    place: tuple[float, float]


REGIONS = (
    Region("330211", "zhenhai", "宁波市镇海区", "镇海区示例建设交通局", (121.7166, 29.9489)),
    Region("441302", "huicheng", "惠州市惠城区", "惠城区示例住房和城乡规划建设局", (114.3826, 23.0841)),
    Region("440803", "xiashan", "湛江市霞山区", "霞山区示例住房和城乡建设局", (110.4064, 21.1943)),
    Region("460100", "haikou", "海口市", "海口市示例住房和城乡建设局", (110.3312, 20.0311)),
)


@dataclass(frozen=True, slots=True)
class Person:
    """一个人：账号、姓名、角色、辖区；检查员另有执法证号。"""

    login: str
    name: str
    role: Role
    region: str
    certificate: str = ""


def cast() -> tuple[Person, ...]:
    """Everybody in the season; all names are made up and carry 示例."""
    country = (
        Person("mingluguan", "名录管理员（示例）", Role.REGISTRAR, COUNTRY),
        Person("zhijianke", "质量科负责人（示例）", Role.SUPERVISOR, COUNTRY),
        Person("fenguan", "分管负责人（示例）", Role.SUPERVISOR, COUNTRY),
        Person("fazhike", "法制审核员（示例）", Role.LEGAL_REVIEWER, COUNTRY),
        Person("gongshi", "公示发布员（示例）", Role.PUBLISHER, COUNTRY),
    )
    heads = tuple(Person(f"kezhang.{r.short}", f"{r.name}科室负责人（示例）", Role.SUPERVISOR, r.code) for r in REGIONS)
    return country + heads + tuple(p for r in REGIONS for p in inspectors(r))


def inspectors(region: Region) -> tuple[Person, ...]:
    """The officers of one region, each with an own phone."""
    chance = Chance(f"people/{region.code}")
    surnames, given = chance.some(SURNAMES, OFFICERS_EACH), chance.some(GIVEN, OFFICERS_EACH)
    return tuple(
        Person(
            f"jiancha{n + 1}.{region.short}",
            f"{surnames[n]}{given[n]}（示例）",
            Role.INSPECTOR,
            region.code,
            f"{region.code[:4]}示{chance.below(10**7):07d}",
        )
        for n in range(OFFICERS_EACH)
    )


class Logins:
    """账号与口令的小本子：`demo-logins.json`，只有本人可读。"""

    def __init__(self, data: Path) -> None:
        self.path = data / LOGINS
        self.known: dict[str, dict[str, str]] = {}
        if self.path.is_file():
            self.known = {row["login"]: row for row in json.loads(self.path.read_text(encoding="utf-8"))["people"]}

    def password(self, login: str) -> str:
        """The password of a login; KeyError when it is not in the book."""
        return self.known[login]["password"]

    def add(self, login: str, name: str, role: Role, password: str) -> None:
        self.known[login] = {"login": login, "name": name, "role": ROLE_NAMES[role], "password": password}
        fresh = self.path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump({"people": list(self.known.values())}, out, ensure_ascii=False, indent=2)
        fresh.replace(self.path)


def create_people(admin: Client, logins: Logins, officers: dict[str, str]) -> int:
    """Create whoever is missing; `officers` maps certificate numbers to officer ids. Returns how many are there."""
    people = [p for p in cast() if not p.certificate or p.certificate in officers]
    users = {u["login"]: u for u in every_item(admin, "/api/v1/console/users")}
    for person in people:
        _create(admin, person, logins, users, officers.get(person.certificate))
    return len(people)


def _create(
    admin: Client, person: Person, logins: Logins, users: dict[str, dict[str, Any]], officer: str | None
) -> None:
    """The password is written down before the account exists, so that no account is ever without one."""
    if person.login not in logins.known:
        logins.add(person.login, person.name, person.role, secrets.token_urlsafe(12))
        if person.login in users:
            reset = {"password": logins.password(person.login)}
            admin.call("PUT", f"/api/v1/console/users/{users[person.login]['uuid']}/password", content=reset)
    if person.login not in users:
        content: dict[str, Any] = {
            "login": person.login,
            "name": person.name,
            "password": logins.password(person.login),
            "officer": officer,
            "grants": [{"role": person.role.value, "region_code": person.region}],
        }
        admin.call("POST", "/api/v1/console/users", content=content, expect=(201, 409))
