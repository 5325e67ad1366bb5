"""对账：`python -m server.demo.ledger --data DIR --base-url URL [--sent FILE]`。

Five books that were kept apart are laid side by side: what the phones noted as acknowledged, what the database holds,
what the workers did exactly once, what the published bulletins count, and what anybody can download.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.config import load_settings
from server.demo.client import Client, every_item
from server.demo.exports import PUBLIC
from server.demo.sending import read_sent
from server.domain.custody import Act, first_break
from server.domain.errors import Missing
from server.domain.violations import COUNTED_STATES
from server.embedded.progress import Step, say
from server.house import build_house
from server.models.bulletins import Bulletin, BulletinCheck, BulletinViolation
from server.models.checks import Answer, Check, EvidenceSlot
from server.models.evidence import CustodyEntry, Evidence
from server.models.outbox import OutboxRow
from server.models.violations import Violation
from server.outbox import Event
from server.queries.custody import ledger
from server.storage.port import Storage

Document = dict[str, Any]
HEADINGS = ("收讫", "已存", "恰办一次", "计入通报", "公开")
Keys = Mapping[Any, Any]


@dataclass(slots=True)
class Account:
    """一行账：五本账里各有什么；不用的那本为 None。"""

    name: str
    books: tuple[Keys | None, ...]

    def faults(self) -> list[str]:
        """Every book must say the same as the first."""
        first = self.books[0] or {}
        found = []
        for heading, book in zip(HEADINGS, self.books, strict=True):
            if book is not None and book != first:
                wrong = [key for key in {**first, **book} if first.get(key) != book.get(key)]
                found.append(f"{self.name}：{heading}与收讫不同的有 {len(wrong)} 个，例如 {wrong[:3]}")
        return found

    def text(self) -> str:
        numbers = "".join(f"{'-' if book is None else len(book):>10}" for book in self.books)
        return f"  {self.name:<6}{numbers}   {'不符' if self.faults() else '相符'}"


@dataclass(slots=True)
class Books:
    """整本账。`loose` 是不在任何一行里的毛病。"""

    accounts: list[Account] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)

    def faults(self) -> list[str]:
        return [fault for account in self.accounts for fault in account.faults()] + self.loose


def lay_side_by_side(
    session: Session, storage: Storage, base_url: str, sent: Mapping[tuple[str, str], Document]
) -> Books:
    """Read all five books; nothing is written."""
    checks = {uuid: line for (kind, uuid), line in sent.items() if kind == "check"}
    photos = {uuid: line for (kind, uuid), line in sent.items() if kind == "photo"}
    public = _public_answers(base_url)
    books = Books()
    books.accounts = [
        _check_account(session, checks, public),
        _answer_account(session, checks, public),
        _violation_account(session, checks, public),
        _photo_account(session, storage, photos),
    ]
    books.loose = [*_open_promises(session), *_broken_chains(session)]
    return books


def _check_account(session: Session, sent: dict[str, Document], public: dict[tuple[str, str], str]) -> Account:
    digests = {uuid: line["sha256"] for uuid, line in sent.items()}
    stored = {str(u): d for u, d in session.execute(select(Check.uuid, Check.digest_sha256))}
    judged = {str(u) for u in session.scalars(select(Check.uuid).where(Check.state == "judged"))}
    once = _done_once(session, Event.CHECK_SUBMITTED, "check")
    counted = Counter(str(u) for u in session.scalars(_counted(Check.uuid)))
    shown = {check for check, _ in public}
    return Account(
        "检查",
        (
            digests,
            stored,
            {u: d for u, d in stored.items() if u in judged and u in once},
            {u: d for u, d in stored.items() if counted[u] == 1},
            {u: d for u, d in stored.items() if u in shown},
        ),
    )


def _answer_account(session: Session, sent: dict[str, Document], public: dict[tuple[str, str], str]) -> Account:
    expected = {(uuid, item): o for uuid, line in sent.items() for item, o in line["outcomes"].items()}
    rows = select(Check.uuid, Answer.item_code, Answer.outcome).join(Answer, Answer.check_id == Check.id)
    stored = {(str(u), item): outcome for u, item, outcome in session.execute(rows)}
    counted = {(str(u), i): o for u, i, o in session.execute(_counted(Check.uuid, Answer.item_code, Answer.outcome))}
    return Account("作答", (expected, stored, stored, counted, public))


def _counted(*columns: Any) -> Any:
    """The columns, once for each published bulletin that counts the check."""
    rows = select(*columns).select_from(Check).join(BulletinCheck, BulletinCheck.check_id == Check.id)
    if len(columns) > 1:
        rows = rows.join(Answer, Answer.check_id == Check.id)
    return rows.join(Bulletin, Bulletin.id == BulletinCheck.bulletin_id).where(Bulletin.number.is_not(None))


def _violation_account(session: Session, sent: dict[str, Document], public: dict[tuple[str, str], str]) -> Account:
    """Failing answers become violations; those a supervisor let stand are held by the bulletin, all failing ones are public."""
    expected = {(u, i): "failing" for u, line in sent.items() for i, o in line["outcomes"].items() if o == "failing"}
    rows = select(Check.uuid, Violation.item_code, Violation.state, Violation.id).join(
        Check, Check.id == Violation.check_id
    )
    held = select(BulletinViolation.violation_id).join(Bulletin, Bulletin.id == BulletinViolation.bulletin_id)
    in_bulletin = Counter(session.scalars(held.where(Bulletin.number.is_not(None))))
    stored, settled, right = {}, {}, {}
    for uuid, item, state, row_id in session.execute(rows):
        key = (str(uuid), item)
        stored[key] = "failing"
        if state != "found":
            settled[key] = "failing"
        if in_bulletin[row_id] == int(state in {s.value for s in COUNTED_STATES}):
            right[key] = "failing"
    return Account("问题", (expected, stored, settled, right, {k: o for k, o in public.items() if o == "failing"}))


def _photo_account(session: Session, storage: Storage, sent: dict[str, Document]) -> Account:
    """Acknowledged = a row with the same digest and its original on disk = received, examined once and its slot filled."""
    digests = {uuid: line["sha256"] for uuid, line in sent.items()}
    rows = {e.id: (str(e.uuid), e.sha256, e.size) for e in session.scalars(select(Evidence))}
    step = Step("逐张核对原件")
    stored = {}
    for n, (uuid, digest, size) in enumerate(rows.values()):
        step.pulse(f"{n}/{len(rows)}")
        if _original_is_whole(storage, digest, size):
            stored[uuid] = digest
    acts = select(CustodyEntry.evidence_id, CustodyEntry.act)
    entries = Counter((evidence, act) for evidence, act in session.execute(acts))
    once = _done_once(session, Event.EVIDENCE_RECEIVED, "evidence")
    done = {
        uuid: digest
        for row, (uuid, digest, _) in rows.items()
        if entries[(row, Act.RECEIVED.value)] == entries[(row, Act.EXAMINED.value)] == 1 and uuid in once
    }
    verified = select(EvidenceSlot.photo_uuid).where(EvidenceSlot.verified_at.is_not(None))
    verified = verified.join(BulletinCheck, BulletinCheck.check_id == EvidenceSlot.check_id)
    verified = verified.join(Bulletin, Bulletin.id == BulletinCheck.bulletin_id).where(Bulletin.number.is_not(None))
    filled = {str(u) for u in session.scalars(verified)}
    return Account("照片", (digests, stored, done, {u: d for u, d in done.items() if u in filled}, None))


def _original_is_whole(storage: Storage, digest: str, size: int) -> bool:
    try:
        with storage.open(digest) as file:
            content = file.read()
    except Missing:
        return False
    return len(content) == size and sha256(content).hexdigest() == digest


def _done_once(session: Session, event: Event, name: str) -> set[str]:
    """Ids whose effect of this kind was promised once and done once."""
    rows = select(OutboxRow.payload, OutboxRow.done_at, OutboxRow.result).where(OutboxRow.event == event.value)
    found: Counter[str] = Counter()
    done = set()
    for payload, done_at, result in session.execute(rows):
        found[payload[name]] += 1
        if done_at is not None and result == "done":
            done.add(payload[name])
    return {key for key in done if found[key] == 1}


def _open_promises(session: Session) -> list[str]:
    rows = select(OutboxRow.event, func.count()).where(OutboxRow.done_at.is_(None)).group_by(OutboxRow.event)
    return [f"待办 {event} 还有 {number} 件没有办" for event, number in session.execute(rows)]


def _broken_chains(session: Session) -> list[str]:
    broken = [
        str(uuid)
        for row_id, uuid in session.execute(select(Evidence.id, Evidence.uuid))
        if first_break(ledger(session, row_id)) is not None
    ]
    return [f"照片 {uuid} 的保管链断了" for uuid in broken]


def _public_answers(base_url: str) -> dict[tuple[str, str], str]:
    """Every answer in the public record lists of all published bulletins; a repeated one is marked as such."""
    client = Client(base_url)
    found: dict[tuple[str, str], str] = {}
    for number in (b["number"] for b in every_item(client, f"{PUBLIC}/bulletins")):
        slug = number.replace("〔", "-").replace("〕", "-").strip("-")
        for row in every_item(client, f"{PUBLIC}/bulletins/{slug}/records"):
            key = (row["check"], row["item"])
            found[key] = "公开了两次" if key in found else row["outcome"]
    client.close()
    return found


def print_books(books: Books) -> None:
    say(f"  {'':<6}{''.join(f'{heading:>8}' for heading in HEADINGS)}")
    for account in books.accounts:
        say(account.text())
    for fault in books.faults():
        say(f"  不符：{fault}")
    say("  有不符之处。" if books.faults() else "  五本账全部相符，没有未办的事，保管链完整。")


def check_books(base_url: str, sent: Path) -> Books:
    """The ledger of the instance whose settings are in the environment."""
    house = build_house(load_settings())
    try:
        with house.unit(writing=False) as uow:
            return lay_side_by_side(uow.session, house.storage, base_url.rstrip("/"), read_sent(sent))
    finally:
        house.database.dispose()


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m server.demo.ledger", description="对账：收讫、已存、办理、通报、公开"
    )
    parser.add_argument("--data", type=Path, help="数据目录")
    parser.add_argument("--base-url", required=True, help="质鉴的地址")
    parser.add_argument("--sent", type=Path, help="客户端的收讫账，默认在数据目录的 season 下")
    given = parser.parse_args(argv)
    here = load_settings().data
    if given.data is not None and given.data.absolute() != here:
        words = [word for name in ("base_url", "sent") if (word := getattr(given, name)) is not None]
        options = [f"--base-url={words[0]}", *(f"--sent={word}" for word in words[1:])]
        command = ["env", f"ZHIJIAN_DATA={given.data.absolute()}", sys.executable, "-m", "server.demo.ledger", *options]
        os.execvp("env", command)  # noqa: S606, S607 - our own interpreter; settings have one door, the environment
    books = check_books(given.base_url, given.sent or here / "season" / "sent.jsonl")
    print_books(books)
    return 1 if books.faults() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
