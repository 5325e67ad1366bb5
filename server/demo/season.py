"""演示的一季：`python -m server.demo.season --base-url URL --data DIR [--photos DIR] [--checks N] [--seed S]`。

Every step goes through the public HTTP API of a running instance; only the first administrator is made beforehand by
`python -m server.cli bootstrap`. The same data folder may be played on again: ids follow from the plan kept there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from server.config import load_settings
from server.demo import account, draws, exports, field_photos, paper, phones, review
from server.demo.checks import Field, Visit, compose_visit
from server.demo.client import Client, Phone, Unanswered, Unexpected, sign_in_phone, sign_out_phone
from server.demo.people import REGIONS, Person, create_people, inspectors
from server.demo.places import Site, register_officers, register_organisations, register_sites
from server.demo.plan import CHECKS, PHOTOS_EACH, Plan, settle_plan, today
from server.demo.play import Play
from server.demo.sending import SentBook, Tally, read_sent, send_season
from server.demo.verdicts import verify_draws
from server.demo.waiting import TooLong, wait_for_judgement
from server.domain.checklists import Checklist
from server.domain.permissions import Role
from server.embedded.progress import say

ADMIN = "admin"
ADMIN_PASSWORD = "first-admin-password"  # noqa: S105 - the name of a file
SENT = "sent.jsonl"


def book_admin(play: Play) -> None:
    """Put the first administrator's password, written by the bootstrap, into the book of logins."""
    if ADMIN not in play.logins.known:
        password = (play.data / ADMIN_PASSWORD).read_text(encoding="utf-8").strip()
        play.logins.add(ADMIN, "系统管理员", Role.ADMINISTRATOR, password)


def register(play: Play) -> tuple[list[Site], dict[str, str], dict[tuple[str, str], str]]:
    """People, firms, officers and subjects; returns the sites, {certificate: officer id} and {(region, firm): id}."""
    with play.step("登记人员、单位、对象"):
        admin = play.console(ADMIN)
        create_people(admin, play.logins, {})
        registrar = play.console("mingluguan")
        organisations = register_organisations(registrar)
        officers = register_officers(registrar, organisations)
        sites = register_sites(registrar, organisations)
        create_people(admin, play.logins, officers)
    return sites, officers, organisations


def prepare_field(play: Play, sites: list[Site], officers: dict[str, str]) -> tuple[Field, dict[str, Phone]]:
    """Sign the phones in and fetch the checklists they carry."""
    with play.step("手机登录、取检查单"):
        people = {r.code: inspectors(r) for r in REGIONS}
        phones = {p.login: _phone(play, p) for region in people.values() for p in region}
        client = next(iter(phones.values())).client()
        versions = client.get("/api/v1/field/checklists")["items"]
        checklists = {v["code"]: _checklist(client, v) for v in sorted(versions, key=lambda v: str(v["version"]))}
        client.close()
    crews = {code: [(p, officers[p.certificate]) for p in crew] for code, crew in people.items()}
    files = field_photos.usable_files(play.photos) if play.photos else ()
    return Field(play.plan, sites, crews, checklists, files), phones


def _phone(play: Play, person: Person) -> Phone:
    return sign_in_phone(play.base_url, person.login, play.logins.password(person.login), f"{person.name}的手机")


def _checklist(client: Client, version: dict[str, str]) -> Checklist:
    path = f"/api/v1/field/checklists/{version['code']}/{version['version']}"
    return Checklist.from_dict(client.get(path)["content"])


def send_everything(play: Play, at: Field, phones: dict[str, Phone]) -> Tally:
    """All visits of the plan; raises Unanswered with the first thing that could not be sent."""
    visits: list[Callable[[], Visit]] = [partial(compose_visit, at, n) for n in range(play.plan.checks)]
    with play.step("交检查、传照片") as step:
        tally = send_season(
            visits,
            phones,
            SentBook(play.folder / SENT),
            play.plan,
            lambda t: step.pulse(f"检查 {t.checks}/{play.plan.checks}，照片 {t.photos}，重试 {t.retries}"),
        )
    if tally.failures:
        raise Unanswered(tally.failures[0])
    return tally


def decide(play: Play, numbers: dict[str, int]) -> review.Reviewed:
    """Findings and cases, by the supervisors of each region."""
    consoles = {r.code: play.console(f"kezhang.{r.short}") for r in REGIONS}
    with play.step("科室认定问题、办理案件") as step:
        review.decide_violations(consoles, play.plan, set(numbers), step.pulse)
        return review.handle_cases(consoles, play.plan, numbers)


def publish(play: Play, checks: set[str]) -> dict[str, Any]:
    """Draft, review, sign and release the bulletin of the period."""
    desks = paper.Desks(*(play.console(login) for login in ("zhijianke", "fazhike", "fenguan", "gongshi")))
    with play.step("起草、审核、签发、发布通报"):
        return paper.make_bulletin(desks, play.plan, checks)


def play_season(play: Play) -> bool:
    """The whole season; True when everything reconciles."""
    book_admin(play)
    sites, officers, organisations = register(play)
    at, devices = prepare_field(play, sites, officers)
    drawing = draws.draw_season(play, devices, organisations, sites)
    at.drawn, kept = phones.divide(drawing.tasks, play.plan.checks)
    tally = send_everything(play, at, devices)
    complaints = field_photos.probe_empty_files(play.photos, next(iter(devices.values()))) if play.photos else []
    sent = read_sent(play.folder / SENT)
    mine = {str(play.plan.id("check", n)): n for n in range(play.plan.checks)}
    photos = {u for (kind, u), line in sent.items() if kind == "photo" and line["check"] in mine}
    console = play.console("zhijianke")
    play.seconds["后台核验、判定"] = wait_for_judgement(console, set(mine), photos)
    lines = {u: sent[("check", u)] for u in mine}
    complaints += account.compare_outcomes(console, lines)
    if play.photos:
        complaints += field_photos.compare_with_manifest(console, play.photos, sent)
    left = kept[0].draw if kept else ""
    draws.open_draws(play, drawing, left)
    reviewed = decide(play, mine)
    bulletin = publish(play, set(mine))
    with play.step("取通报和公开数据，逐项核对"):
        gathered = exports.gather(play.base_url, console, bulletin, play.folder, play.figures)
    counted = paper.counted_checks(console, bulletin["uuid"])
    complaints += gathered.complaints + account.reconcile(gathered, lines, counted)
    for phone in devices.values():
        sign_out_phone(phone)
    verdicts = verify_draws(play, drawing)
    offer = phones.make_offer(play, load_settings(), kept, officers)
    complaints += account.judge_verdicts(verdicts, left)
    account.tell(play, tally, reviewed, bulletin, gathered, complaints, verdicts, offer)
    return not complaints


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server.demo.season", description="演一季")
    parser.add_argument("--base-url", required=True, help="质鉴的地址")
    parser.add_argument("--data", type=Path, default=load_settings().data, help="数据目录，账本写在它的 season 下")
    parser.add_argument("--photos", type=Path, help="用这个目录里的照片，每张一次")
    parser.add_argument("--checks", type=int, help="检查次数")
    parser.add_argument("--seed", default="示例", help="种子：同样的种子演同样的一季")
    parser.add_argument("--figures", type=int, default=10**6, help="最多核对通报里的几个数，默认全部")
    parser.add_argument("--small-photos", action="store_true", help="画小一点的照片")
    return parser


def make_play(given: argparse.Namespace) -> Play:
    """The play that the command line asks for; a folder of photos decides how many checks there are."""
    seed, checks = given.seed, given.checks or CHECKS
    if given.photos:
        seed = f"{seed}-{given.photos.resolve().name}"
        checks = given.checks or -(-len(field_photos.usable_files(given.photos)) // PHOTOS_EACH)
    wanted = Plan(seed, today(), checks, small=given.small_photos)
    plan = settle_plan(given.data / "season", wanted)
    return Play(given.base_url.rstrip("/"), given.data, plan, given.photos, given.figures)


def main(argv: list[str]) -> int:
    play = make_play(_parser().parse_args(argv))
    say(f"演示的一季：{play.plan.first_on} 至 {play.plan.until_on}，检查 {play.plan.checks} 次")
    try:
        return 0 if play_season(play) else 1
    except (Unanswered, Unexpected, TooLong, OSError) as error:
        say(f"演示停在半路：{error}")
        return 1
    finally:
        play.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
