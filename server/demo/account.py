"""把这一季说给人听：送了什么、办了什么、各步多久、东西在哪里、账对不对。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from server.demo.client import Client
from server.demo.exports import Gathered
from server.demo.people import LOGINS
from server.demo.phones import Offer, tell_phones
from server.demo.review import Reviewed
from server.demo.sending import Tally
from server.demo.verdicts import Verdict
from server.embedded.progress import say

if TYPE_CHECKING:
    from server.demo.play import Play

Document = dict[str, Any]


def compare_outcomes(console: Client, sent: dict[str, Document]) -> list[str]:
    """Every stored finding against what the answer must come to; returns complaints."""
    complaints = []
    for uuid, line in sent.items():
        stored = console.get(f"/api/v1/console/checks/{uuid}")
        found = {f["item"]: f["outcome"] for f in stored["findings"]}
        if found != line["outcomes"]:
            wrong = {item: (line["outcomes"].get(item), found.get(item)) for item in found | line["outcomes"]}
            told = [f"{item} 应为 {a}，存为 {b}" for item, (a, b) in wrong.items() if a != b]
            complaints.append(f"检查 {uuid} 的结论不符：{'；'.join(told[:3])}")
    return complaints


def reconcile(got: Gathered, sent: dict[str, Document], counted: set[str]) -> list[str]:
    """Sent = counted in the bulletin = in the public records, check by check and answer by answer."""
    public: dict[str, dict[str, str]] = {}
    for row in got.records:
        public.setdefault(row["check"], {})[row["item"]] = row["outcome"]
    complaints = []
    if counted != set(sent):
        complaints.append(f"通报数了 {len(counted)} 次检查，送出的是 {len(sent)} 次")
    if public != {uuid: line["outcomes"] for uuid, line in sent.items()}:
        complaints.append(f"公开记录有 {len(public)} 次检查、{len(got.records)} 条，与送出的不同")
    if len(got.records) != sum(len(line["outcomes"]) for line in sent.values()):
        complaints.append("公开记录的条数与作答数不同")
    return complaints


def tell(
    play: Play,
    tally: Tally,
    reviewed: Reviewed,
    bulletin: Document,
    got: Gathered,
    complaints: list[str],
    verdicts: Sequence[Verdict],
    offer: Offer | None,
) -> None:
    """Print the account of the season; the last word is the verifier's."""
    outcomes = Counter(row["outcome"] for row in got.records)
    judged = outcomes["conforming"] + outcomes["failing"]
    plan = play.plan
    say()
    say(f"—— 这一季（{plan.first_on} 至 {plan.until_on}，全部为示例） ——")
    say(
        f"  检查      {tally.checks} 次，照片 {tally.photos} 张（{tally.bytes / 1e6:.1f} MB），重复送 {tally.repeats} 次"
    )
    say(
        f"  作答      {len(got.records)} 项：符合 {outcomes['conforming']}，不符合 {outcomes['failing']}，"
        f"不适用 {outcomes['not_applicable']}，需复核 {outcomes['needs_review']}"
    )
    say(f"  符合率    {outcomes['conforming']}/{judged} = {100 * outcomes['conforming'] / max(judged, 1):.1f}%")
    say(f"  问题      确认 {reviewed.confirmed}，降级确认 {reviewed.lowered}，驳回 {reviewed.rejected}")
    say(f"  案件      文书 {reviewed.notices} 份，立案 {reviewed.filed} 宗，处罚决定 {reviewed.decided} 份")
    say(
        f"  通报      {bulletin['number']}，{got.figures} 个数逐一核对；典型案例 {len(got.cases)} 个，公开照片 {got.photos} 张"
    )
    say("—— 各步用时 ——")
    for label, seconds in play.seconds.items():
        say(f"  {seconds:7.1f} 秒  {label}")
    _tell_places(play, got)
    _tell_logins(play)
    if offer:
        tell_phones(play, offer)
    _tell_books(complaints)
    _tell_draws(play, verdicts)


def _tell_places(play: Play, got: Gathered) -> None:
    say("—— 在哪里 ——")
    say(f"  公众首页  {play.base_url}/")
    say(f"  通报      {play.base_url}/bulletins/{got.slug}")
    say(f"  开放数据  {play.base_url}/open-data（清单 {play.base_url}/api/v1/public/exports/manifest.json）")
    say(f"  本机副本  {got.folder}")


def _tell_logins(play: Play) -> None:
    say(f"—— 演示人员的账号（也在 {play.data / LOGINS}） ——")
    for row in play.logins.known.values():
        say(f"  {row['login']:<20}{row['password']:<20}{row['role']} {row['name']}")


def _tell_books(complaints: list[str]) -> None:
    say("—— 对账 ——")
    for complaint in complaints[:20]:
        say(f"  不符：{complaint}")
    say(f"  共 {len(complaints)} 处不符。" if complaints else "  送出、收下、判定、通报、公开，全部一致。")


def judge_verdicts(verdicts: Sequence[Verdict], left: str = "") -> list[str]:
    """Complaints about draws that the public's own program does not accept; `left` still has tasks and stays sealed."""
    return [
        f"抽签 {v.code} 验证不通过：{'、'.join(v.reasons) or '没有揭晓'}"
        for v in verdicts
        if not (v.passed and (v.opened or v.code == left))
    ]


def _tell_draws(play: Play, verdicts: Sequence[Verdict]) -> None:
    if not verdicts:
        return
    say("—— 抽签（用公开页下载的验证程序和验证包核对） ——")
    for verdict in verdicts:
        word = "通过" if verdict.passed else f"不通过（{'、'.join(verdict.reasons)}）"
        mark = "已作废重抽，" if verdict.void else "" if verdict.opened else "任务未办完，未开封，"
        say(f"  {verdict.code:<20}{mark}{word}，{verdict.checks} 项核对  {play.base_url}/draws/{verdict.code}")
    right = sum(v.passed for v in verdicts)
    say(f"  共 {len(verdicts)} 次，其中作废 {sum(v.void for v in verdicts)} 次。")
    say(f"  验证程序的结论：{right}/{len(verdicts)} 次抽签通过{'' if right == len(verdicts) else '，有抽签不可信'}。")
