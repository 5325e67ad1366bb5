"""演示的人：各角色都有，证号不重，口令只有本人可读。"""

import stat
from pathlib import Path

import pytest

from server.demo.people import REGIONS, Logins, cast, inspectors
from server.domain.permissions import Role


def test_every_working_role_is_cast_and_every_name_is_marked() -> None:
    people = cast()
    assert {p.role for p in people} == set(Role) - {Role.ADMINISTRATOR}
    assert all("示例" in p.name for p in people)
    assert len({p.login for p in people}) == len(people)


def test_each_region_has_three_officers_with_own_certificates() -> None:
    crews = [inspectors(region) for region in REGIONS]
    certificates = [p.certificate for crew in crews for p in crew]
    assert [len(crew) for crew in crews] == [3, 3, 3, 3]
    assert len(set(certificates)) == len(certificates)
    assert crews == [inspectors(region) for region in REGIONS]


def test_book_of_logins_is_for_its_owner_alone_and_is_read_again(tmp_path: Path) -> None:
    logins = Logins(tmp_path)
    logins.add("a", "甲（示例）", Role.SUPERVISOR, "secret-word")
    assert stat.S_IMODE(logins.path.stat().st_mode) == 0o600
    assert Logins(tmp_path).password("a") == "secret-word"
    with pytest.raises(KeyError):
        logins.password("b")
