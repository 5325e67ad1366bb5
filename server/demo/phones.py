"""演示的手机：留两项任务不办，让人自己拿手机试；手机应用和 Collect 的地址与二维码印在终端上。"""

from __future__ import annotations

import io
import json
import os
import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import segno

from server.config import Settings
from server.demo.draws import Task
from server.demo.people import REGIONS, Person, inspectors
from server.embedded.progress import say

if TYPE_CHECKING:
    from server.demo.play import Play

LEAST_DRAWS = 4  # a smaller season does all its tasks itself
COLLECT = "collect-access.json"
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, never bound here
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody with a phone in hand needs: the address, who has open tasks, the settings code of Collect."""

    app: str
    people: tuple[Person, ...]
    collect_url: str
    collect_code: str


def divide(tasks: Sequence[Task], checks: int) -> tuple[tuple[Task, ...], tuple[Task, ...]]:
    """Tasks the season does itself, and those of the smallest draw, which are left to people; a small season leaves none."""
    sizes = Counter(task.draw for task in tasks)
    kept = min(sorted(sizes), key=lambda code: sizes[code]) if len(sizes) >= LEAST_DRAWS else None
    mine = tuple(task for task in tasks if task.draw != kept)
    return mine[:checks], tuple(task for task in tasks if task.draw == kept)


def crew_of(tasks: Sequence[Task], officers: Mapping[str, str]) -> tuple[Person, ...]:
    """The inspectors who are to do these tasks; `officers` maps certificate numbers to officer ids."""
    wanted = {officer for task in tasks for officer in task.officers}
    people = [person for region in REGIONS for person in inspectors(region)]
    return tuple(person for person in people if officers.get(person.certificate) in wanted)


def public_base(settings: Settings, base_url: str) -> str:
    """The address phones use: the configured one, this machine's address in its network, else the loopback."""
    if settings.web.public_url:
        return settings.web.public_url.rstrip("/")
    if settings.web.host not in ANYWHERE:
        return base_url
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{own_address()}:{parts.port}"


def own_address() -> str:
    """This machine's address in its network; no packet is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return LOOPBACK[0]


def terminal_code(text: str) -> str:
    """A QR code in half blocks, for a dark or a light terminal."""
    out = io.StringIO()
    segno.make(text, error="l", micro=False).terminal(out=out, compact=True, border=2)
    return out.getvalue().rstrip("\n")


def make_offer(play: Play, settings: Settings, tasks: Sequence[Task], officers: Mapping[str, str]) -> Offer | None:
    """The offer of this season; None when no task was left."""
    people = crew_of(tasks, officers)
    if not people:
        return None
    access = _access(play, people[0])
    return Offer(f"{public_base(settings, play.base_url)}/app/", people, access["server_url"], access["qr_text"])


def _access(play: Play, person: Person) -> dict[str, Any]:
    """The Collect key of the first inspector, made once and kept beside the logins for the owner of the folder alone."""
    file: Path = play.data / COLLECT
    if file.is_file():
        known: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return known
    console = play.console(person.login)
    wanted = {"name": "演示用的 Collect"}
    made: dict[str, Any] = console.call("POST", "/api/v1/console/odk-keys", content=wanted, expect=(201,)).json()
    made.pop("qr_svg", None)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(made, out, ensure_ascii=False, indent=2)
    return made


def tell_phones(play: Play, offer: Offer) -> None:
    """Print the addresses, the logins with open tasks and both codes."""
    say("—— 手机 ——")
    say(f"  手机应用  {offer.app}")
    for person in offer.people:
        say(f"  有任务的  {person.login:<20}{play.logins.password(person.login):<20}{person.name}")
    say(terminal_code(offer.app))
    say(f"  Collect   “扫描二维码”添加项目（{offer.people[0].name}的，等同口令，也在 {play.data / COLLECT}）")
    say(f"            {offer.collect_url}")
    say(terminal_code(offer.collect_code))
    if urlsplit(offer.app).hostname in LOOPBACK:
        say("  上面是本机的地址，本机的浏览器可用。要用别的手机试：ZHIJIAN_WEB__HOST=0.0.0.0 make demo；")
        say("  手机应用另须 https（见 docs/operating.md），Collect 不必。")
