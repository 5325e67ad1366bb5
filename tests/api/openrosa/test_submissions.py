"""Collect 交记录：分几批、任意次序、重复、并行、断开、改过；一样也不丢，一样也不多。"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from server.domain.permissions import Role
from server.models.checks import Check
from server.models.evidence import Evidence
from server.models.openrosa import Submission, SubmissionFile
from server.models.users import User, UserGrant
from server.uow import House
from tests.api.desk import Desk, ok
from tests.factories.checks import can_fail, check_body
from tests.factories.photos import photo
from tests.factories.submissions import Collect, collect_for, multipart, new_instance, submission_xml
from tests.factories.world import World
from tests.people import HUICHENG, NINGBO, ZHENHAI

RESPONSE = "{http://openrosa.org/http/response}"


@pytest.fixture(scope="module")
def phone(app: Flask, house: House) -> Collect:
    return collect_for(app, house)


def message(reply: TestResponse) -> str:
    """The words Collect shows; it looks for the plain name in a document it can parse."""
    assert reply.content_type.startswith("text/xml")
    assert reply.headers["X-OpenRosa-Version"] == "1.0"
    root = ET.fromstring(reply.data)
    assert root.tag == f"{RESPONSE}OpenRosaResponse"
    assert b"<message" in reply.data
    found = root.find(f"{RESPONSE}message")
    assert found is not None
    return found.text or ""


def taken(reply: TestResponse) -> str:
    assert reply.status_code == 201, (reply.status_code, reply.text)
    return message(reply)


def turned_away(reply: TestResponse, status: int) -> str:
    assert reply.status_code == status, (reply.status_code, reply.text)
    words = message(reply)
    assert words
    return words


def files_of(house: House, instance: UUID) -> list[tuple[str, str]]:
    with house.unit(writing=False) as uow:
        wanted = (
            select(SubmissionFile.name, SubmissionFile.sha256)
            .join(Submission, Submission.id == SubmissionFile.submission_id)
            .where(Submission.instance_id == f"uuid:{instance}")
            .order_by(SubmissionFile.id)
        )
        return list(uow.session.execute(wanted).tuples())


def row_of(house: House, instance: UUID) -> Submission:
    with house.unit(writing=False) as uow:
        return uow.session.scalars(select(Submission).where(Submission.instance_id == f"uuid:{instance}")).one()


def count(house: House, model: Any, *where: Any) -> int:
    with house.unit(writing=False) as uow:
        return uow.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def incoming(house: House) -> list[str]:
    folder = house.settings.data / "originals" / "incoming"
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_asking_the_way_is_204_with_the_size_of_a_batch(phone: Collect) -> None:
    for method in ("head", "get"):
        reply = getattr(phone.client(), method)(f"{phone.home}/submission?deviceID=x")
        assert (reply.status_code, reply.data) == (204, b"")
        assert reply.headers["X-OpenRosa-Version"] == "1.0"
        assert reply.headers["X-OpenRosa-Accept-Content-Length"] == "4000000"
        assert reply.headers["Date"].endswith("GMT")


def test_a_bad_token_is_403_and_never_asks_for_a_password(phone: Collect) -> None:
    home = phone.home.replace("/key/", "/key/x")
    for method in ("head", "post"):
        reply = getattr(phone.client(), method)(f"{home}/submission")
        assert reply.status_code == 403
        assert "WWW-Authenticate" not in reply.headers


def test_another_openrosa_is_refused(phone: Collect) -> None:
    reply = phone.client().head(f"{phone.home}/submission", headers={"X-OpenRosa-Version": "2.0"})
    assert reply.status_code == 400


def test_a_record_becomes_the_same_check_as_our_own_door_makes(
    phone: Collect, desk: Desk, house: House, world: World
) -> None:
    bad = can_fail("RMC", "yard1")[:3]
    instance, picture = new_instance(), photo(901)
    words = taken(phone.send(submission_xml(world, instance, ["一.jpg"], failing=bad), ("一.jpg", picture)))
    assert "已收全" in words
    assert sha256(submission_xml(world, instance, ["一.jpg"], failing=bad)).hexdigest()[:4] in words
    desk.run_outbox()
    theirs = ok(desk.console("chen").get(f"/checks/{instance}"))
    own = new_instance()
    ok(desk.phone("lin").put(f"/checks/{own}", json=check_body(world, failing=bad, source="campaign")), 201)
    desk.run_outbox()
    ours = ok(desk.console("chen").get(f"/checks/{own}"))
    outcomes = [{f["item"]: (f["outcome"], f["severity"]) for f in check["findings"]} for check in (theirs, ours)]
    assert outcomes[0] == outcomes[1]
    assert {item for item, (outcome, _) in outcomes[0].items() if outcome == "failing"} >= set(bad)
    assert row_of(house, instance).state == "processed"
    with house.unit(writing=False) as uow:
        check = uow.session.scalars(select(Check).where(Check.uuid == instance)).one()
        assert [(s.verified_at is not None, s.complaint) for s in check.slots] == [(True, None)]


def test_parts_in_every_order_make_one_record(phone: Collect, house: House, desk: Desk, world: World) -> None:
    pictures = [(f"照片{n}.jpg", photo(910 + n)) for n in range(3)]
    for order in itertools.permutations(range(3)):
        instance = new_instance()
        xml = submission_xml(world, instance, [name for name, _ in pictures])
        words = [taken(phone.post(multipart(xml, [pictures[n]], incomplete=True))) for n in order]
        assert "还差 2 个" in words[0]
        assert "已收全" in words[-1]
        assert sorted(name for name, _ in files_of(house, instance)) == sorted(name for name, _ in pictures)
        desk.run_outbox(backwards=order[0] == 2)
        assert count(house, Check, Check.uuid == instance) == 1
        assert count(house, Evidence, Evidence.check_uuid == instance) == 3


def test_five_identical_at_once_are_all_taken_once(phone: Collect, house: House, desk: Desk, world: World) -> None:
    instance = new_instance()
    body = multipart(submission_xml(world, instance, ["a.jpg"]), [("a.jpg", photo(920))])
    with ThreadPoolExecutor(5) as pool:
        replies = list(pool.map(lambda _: phone.post(body), range(5)))
    assert [reply.status_code for reply in replies] == [201] * 5
    assert len(files_of(house, instance)) == 1
    desk.run_outbox()
    assert count(house, Check, Check.uuid == instance) == 1


def test_eight_records_at_once_with_the_same_photo_bytes_all_keep_it(
    phone: Collect, house: House, desk: Desk, world: World
) -> None:
    picture, instances = photo(921), [new_instance() for _ in range(8)]
    bodies = [multipart(submission_xml(world, i, ["同.jpg"]), [("同.jpg", picture)]) for i in instances]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(phone.post, bodies))
    assert [reply.status_code for reply in replies] == [201] * 8
    desk.run_outbox()
    for instance in instances:
        assert files_of(house, instance) == [("同.jpg", sha256(picture).hexdigest())]
        assert count(house, Evidence, Evidence.check_uuid == instance) == 1


def test_other_bytes_under_a_stored_name_are_kept_beside(
    phone: Collect, house: House, desk: Desk, world: World
) -> None:
    instance, first, second = new_instance(), photo(930), photo(931)
    xml = submission_xml(world, instance, ["a.jpg"])
    taken(phone.send(xml, ("a.jpg", first)))
    assert "两份都已保留" in taken(phone.send(xml, ("a.jpg", second)))
    assert [digest for _, digest in files_of(house, instance)] == [sha256(p).hexdigest() for p in (first, second)]
    desk.run_outbox()
    assert count(house, Evidence, Evidence.check_uuid == instance) == 2


def test_a_file_the_record_does_not_mention_is_kept_and_said(
    phone: Collect, house: House, desk: Desk, world: World
) -> None:
    instance = new_instance()
    words = taken(phone.send(submission_xml(world, instance), ("多出.jpg", photo(932))))
    assert "没有提到" in words
    assert [name for name, _ in files_of(house, instance)] == ["多出.jpg"]
    desk.run_outbox()
    assert count(house, Evidence, Evidence.check_uuid == instance) == 1
    assert "多出.jpg" in desk.console("chen").client.get("/console/submissions").text


def test_names_match_however_they_are_composed(phone: Collect, house: House, world: World) -> None:
    instance = new_instance()
    words = taken(phone.send(submission_xml(world, instance, ["Café.jpg"]), ("Cafe\u0301.jpg", photo(933))))
    assert "已收全" in words
    with house.unit(writing=False) as uow:
        raw = uow.session.scalars(select(SubmissionFile.raw_name).where(SubmissionFile.name == "Café.jpg")).all()
    assert raw == ["Cafe\u0301.jpg"]


def test_other_content_under_a_used_id_is_409_and_nothing_changes(phone: Collect, house: House, world: World) -> None:
    instance = new_instance()
    xml = submission_xml(world, instance)
    taken(phone.send(xml))
    assert "没有覆盖" in turned_away(phone.send(xml + b"\n"), 409)
    assert row_of(house, instance).xml == xml


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda xml: xml[: len(xml) // 2], 400),
        (lambda xml: xml.replace(b"utf-8", b"iso-8859-1", 1), 400),
        (lambda xml: xml.decode().encode("utf-16"), 400),
        (lambda xml: xml.replace("项目经理".encode(), b"\xcf\xee\xc4\xbf") + b"\xff", 400),
        (lambda xml: xml.replace(b"uuid:", b"uuid:\0", 1), 400),
        (lambda xml: b'<!DOCTYPE d [<!ENTITY a "b">]>' + xml.partition(b"?>")[2], 400),
        (lambda xml: b"", 400),
        (lambda xml: b"<data" + b"><a" * 60 + b">" + b"</a>" * 60 + b"</data>", 400),
        (lambda xml: b'<data xmlns="http://opendatakit.org/submissions" encrypted="yes" id="x"/>', 400),
        (lambda xml: xml.replace(b"uuid:", b"", 1).replace(b"<instanceID>", b"<instanceIDs>"), 400),
        (lambda xml: xml.replace(b'version="', b'version="0', 1), 404),
    ],
)
def test_what_is_no_record_is_told_so_and_leaves_nothing(
    phone: Collect, house: House, world: World, spoil: Any, status: int
) -> None:
    before = count(house, Submission), count(house, SubmissionFile)
    reply = phone.send(spoil(submission_xml(world, new_instance(), ["a.jpg"])), ("a.jpg", photo(940)))
    turned_away(reply, status)
    assert (count(house, Submission), count(house, SubmissionFile)) == before
    assert incoming(house) == []


def test_a_record_without_an_instance_id_is_refused(phone: Collect, world: World) -> None:
    instance = new_instance()
    xml = submission_xml(world, instance).replace(f"uuid:{instance}".encode(), b"")
    assert "instanceID" in turned_away(phone.send(xml), 400)


def test_bodies_that_are_no_form_are_refused(phone: Collect, house: House, world: World) -> None:
    xml = submission_xml(world, new_instance())
    whole = multipart(xml, [("a.jpg", photo(941))])
    turned_away(phone.post(whole[: len(whole) - 400]), 400)
    turned_away(phone.post(multipart(None, [("a.jpg", photo(941))])), 400)
    turned_away(phone.post(multipart(xml).replace(b"--\r\n", b"\r\n") + multipart(xml)), 400)
    turned_away(phone.post(xml, headers={"Content-Type": "text/xml"}), 415)
    turned_away(phone.post(multipart(xml, [("../a.jpg", b"x")])), 400)
    assert incoming(house) == []


def test_an_edit_replaces_the_newest_version_alone(phone: Collect, house: House, desk: Desk, world: World) -> None:
    first, second, third = new_instance(), new_instance(), new_instance()
    bad = can_fail("RMC", "yard1")[:1]
    turned_away(phone.send(submission_xml(world, second, old=first)), 404)
    taken(phone.send(submission_xml(world, first, ["a.jpg", "b.jpg"]), ("a.jpg", photo(950)), ("b.jpg", photo(951))))
    edited = submission_xml(world, second, ["a.jpg", "b.jpg"], old=first, failing=bad)
    assert "已收全" in taken(phone.send(edited, ("b.jpg", photo(952))))
    assert dict(files_of(house, second)) == {
        "b.jpg": sha256(photo(952)).hexdigest(),
        "a.jpg": sha256(photo(950)).hexdigest(),
    }
    assert row_of(house, first).state == "superseded"
    taken(phone.send(edited))
    turned_away(phone.send(submission_xml(world, third, old=first)), 409)
    desk.run_outbox()
    assert count(house, Check, Check.uuid.in_([first, second])) == 1
    assert count(house, Check, Check.uuid == first) == 1


def test_the_parts_of_an_edit_put_back_what_was_carried_over(
    phone: Collect, house: House, desk: Desk, world: World
) -> None:
    first, second, names = new_instance(), new_instance(), ["a.jpg", "b.jpg", "c.jpg"]
    old = [(name, photo(960 + n)) for n, name in enumerate(names)]
    taken(phone.send(submission_xml(world, first, names), *old))
    edited = submission_xml(world, second, names, old=first)
    taken(phone.post(multipart(edited, [("a.jpg", photo(963))], incomplete=True)))
    words = taken(phone.post(multipart(edited, [("b.jpg", photo(964)), old[2]])))
    assert "已收全" in words
    assert "两份" not in words
    wanted = {"a.jpg": photo(963), "b.jpg": photo(964), "c.jpg": old[2][1]}
    assert sorted(files_of(house, second)) == sorted((n, sha256(data).hexdigest()) for n, data in wanted.items())
    assert len(files_of(house, first)) == 3


@pytest.mark.parametrize("backwards", [False, True])
def test_versions_become_one_check_in_the_order_they_were_sealed(
    phone: Collect, house: House, desk: Desk, world: World, backwards: bool
) -> None:
    bad, versions = can_fail("RMC", "yard1"), [new_instance() for _ in range(3)]
    for n, (old, instance) in enumerate(zip([None, *versions], versions, strict=False)):
        taken(phone.send(submission_xml(world, instance, old=old, failing=bad[: n + 1])))
    desk.run_outbox(backwards=backwards)
    check = ok(desk.console("chen").get(f"/checks/{versions[0]}"))
    assert sum(f["outcome"] == "failing" for f in check["findings"]) == 1
    assert [note["kind"] for note in check["notes"]] == ["edited-submission"] * 2
    assert [row_of(house, v).state for v in versions] == ["superseded", "superseded", "processed"]


def test_an_edit_mends_a_record_that_could_not_become_a_check(
    phone: Collect, house: House, desk: Desk, world: World
) -> None:
    first, second = new_instance(), new_instance()
    xml = submission_xml(world, first, ["a.jpg"])
    taken(
        phone.send(
            xml.replace(str(world.officers["zhou"]).encode(), str(new_instance()).encode()), ("a.jpg", photo(967))
        )
    )
    desk.run_outbox()
    assert row_of(house, first).state == "blocked"
    assert "已收全" in taken(phone.send(submission_xml(world, second, ["a.jpg"], old=first)))
    desk.run_outbox()
    assert row_of(house, first).state == "superseded"
    assert row_of(house, second).check_uuid == first
    with house.unit(writing=False) as uow:
        check = uow.session.scalars(select(Check).where(Check.uuid == first)).one()
        assert [slot.verified_at is not None for slot in check.slots] == [True]


def test_edits_of_one_version_at_once_leave_one(phone: Collect, house: House, world: World) -> None:
    first = new_instance()
    taken(phone.send(submission_xml(world, first)))
    edits = [submission_xml(world, new_instance(), old=first) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(reply.status_code for reply in pool.map(phone.send, edits))
    assert statuses == [201, 409, 409, 409]


def test_a_record_under_the_id_of_a_check_from_another_door_does_not_touch_it(
    phone: Collect, house: House, desk: Desk, world: World
) -> None:
    held = new_instance()
    ok(desk.phone("lin").put(f"/checks/{held}", json=check_body(world, source="campaign")), 201)
    xml = submission_xml(world, held, ["a.jpg"], failing=can_fail("RMC", "yard1")[:1])
    taken(phone.send(xml, ("a.jpg", photo(966))))
    desk.run_outbox()
    row = row_of(house, held)
    assert row.state == "blocked"
    assert row.problem is not None
    assert row.problem["code"] == "submission-differs"
    assert count(house, Evidence, Evidence.check_uuid == held) == 0
    assert len(files_of(house, held)) == 1


@pytest.mark.parametrize(
    ("method", "tail"), [("GET", "/nothing"), ("PUT", "/submission"), ("POST", "/formList"), ("GET", "")]
)
def test_an_unknown_address_is_answered_in_the_phones_words(phone: Collect, method: str, tail: str) -> None:
    assert "没有这个地址" in turned_away(phone.client().open(phone.home + tail, method=method), 404)


def test_a_form_that_is_closing_takes_what_was_begun_and_a_closed_one_only_repeats(
    phone: Collect, house: House, world: World
) -> None:
    from server.models.openrosa import OdkForm

    def set_state(state: str) -> None:
        with house.unit() as uow:
            for form in uow.session.scalars(select(OdkForm)):
                form.state = state

    held, late = new_instance(), new_instance()
    set_state("closing")
    taken(phone.send(submission_xml(world, held)))
    set_state("closed")
    taken(phone.send(submission_xml(world, held)))
    turned_away(phone.send(submission_xml(world, late)), 409)
    set_state("open")
    taken(phone.send(submission_xml(world, late)))


def test_a_record_that_cannot_become_a_check_waits_with_its_reason(
    phone: Collect, house: House, desk: Desk, world: World
) -> None:
    instance = new_instance()
    stranger = str(new_instance())
    xml = submission_xml(world, instance).replace(str(world.officers["zhou"]).encode(), stranger.encode())
    taken(phone.send(xml))
    desk.run_outbox()
    row = row_of(house, instance)
    assert row.state == "blocked"
    assert row.problem is not None
    assert row.problem["code"] == "officers-invalid"
    chen = desk.console("chen")
    page = chen.client.get("/console/submissions").text
    assert "转不成检查" in page
    assert "执法人员不符合规定" in page
    assert chen.post(f"/submissions/{row.uuid}/retry").status_code == 204
    desk.run_outbox()
    assert row_of(house, instance).state == "blocked"
    taken(phone.send(xml))


def test_a_record_belongs_to_the_region_it_was_sent_to(app: Flask, house: House, world: World) -> None:
    """An officer of two regions has a project for each; one who only looks on in a region sends nothing there."""
    with house.unit() as uow:
        zhou = uow.session.scalars(select(User).where(User.login == "zhou")).one()
        for role, region in ((Role.INSPECTOR, HUICHENG), (Role.SUPERVISOR, NINGBO)):
            uow.session.add(UserGrant(user_id=zhou.id, role=role.value, region_code=region, granted_at=uow.now))
    home = collect_for(app, house, "zhou").home
    key = home.rpartition("/projects/")[0]

    for region in (ZHENHAI, HUICHENG):
        instance = new_instance()
        taken(Collect(app, f"{key}/projects/{region}").send(submission_xml(world, instance)))
        assert row_of(house, instance).region_code == region
    before = count(house, Submission)
    turned_away(Collect(app, f"{key}/projects/{NINGBO}").send(submission_xml(world, new_instance())), 403)
    assert count(house, Submission) == before
