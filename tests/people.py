"""测试里的人：有名有姓，全是虚构；一个人一个角色，管一片辖区。"""

from __future__ import annotations

from dataclasses import dataclass

from server.domain.permissions import Role

PASSWORD = "correct horse battery"
COUNTRY, ZHENHAI, NINGBO, HUICHENG = "000000", "330211", "330200", "441302"


@dataclass(frozen=True, slots=True)
class Person:
    """`login` is the key in tests; `certificate` makes the person an officer of the register."""

    login: str
    name: str
    role: Role
    region: str
    certificate: str = ""


PEOPLE = (
    Person("lin", "林检", Role.INSPECTOR, ZHENHAI, "3302示0000001"),
    Person("zhou", "周检", Role.INSPECTOR, ZHENHAI, "3302示0000002"),
    Person("he", "何检", Role.INSPECTOR, HUICHENG, "4413示0000001"),
    Person("ou", "欧检", Role.INSPECTOR, HUICHENG, "4413示0000002"),
    Person("chen", "陈科", Role.SUPERVISOR, NINGBO),
    Person("tang", "唐科", Role.SUPERVISOR, COUNTRY),
    Person("fang", "方法", Role.LEGAL_REVIEWER, COUNTRY),
    Person("gong", "龚布", Role.PUBLISHER, COUNTRY),
    Person("lu", "陆录", Role.REGISTRAR, COUNTRY),
    Person("guan", "关管", Role.ADMINISTRATOR, COUNTRY),
)
BY_LOGIN = {person.login: person for person in PEOPLE}
OF_ROLE = {Role.INSPECTOR: "lin", **{p.role: p.login for p in PEOPLE if p.role is not Role.INSPECTOR}}
