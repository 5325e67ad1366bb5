#!/usr/bin/env python3
"""核对一次双随机抽签的验证包（draw/1）。只用 Python 3.8 以上自带的库，不联网，不信任发布者的任何程序。

用法：python3 verify_draw.py 验证包.zip（或解开的文件夹） [--key 日志公钥] [--json]
公钥请从网站以外的渠道（通报、档案馆、报纸）抄来；不给 --key 时用包内的公钥，只能证明包内自洽。
退出码：0 通过（开封前为“通过，未揭晓”），1 不通过。每一项都有一个英文短码，便于引用。
"""
from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import math
import os
import re
import sys
import unicodedata
import zipfile
from datetime import datetime, timedelta
from types import SimpleNamespace

LISTS = {"objects": 3, "officers": 1, "recusals": 2, "excluded": 2, "leads": 1, "units": 2, "skills": 2, "needs": 2}
FILES = [name + ".tsv" for name in LISTS] + [
    "plan.json", "outcomes.json", "opening.json", "result.tsv", "reserve.tsv",
    "log/entries.jsonl", "log/checkpoint", "log/key", "log/proof.json"]
LIMIT = 512 << 20  # 全部文件合计的字节上限，按声明的大小先算，防止压缩炸弹
STAGES = ["draw.announced", "draw.numbers", "draw.sealed", "draw.changed", "draw.opened", "draw.closed"]
RANK = {"announced": 0, "sealed": 1, "opened": 2, "void": 3}


class Bad(Exception):
    """一项不符：短码和说明。"""

    def __init__(self, code, text):
        super().__init__(code, text)
        self.code, self.text = code, text


def need(holds, code, text):
    if not holds:
        raise Bad(code, text)


def sha(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def when(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


# ------------------------------------------------------------------------------------------------ 读包


def load(path):
    """文件名 -> 内容；只读认识的文件，不解压其余。"""
    if os.path.isdir(path):
        found = {name: os.path.join(path, *name.split("/")) for name in FILES}
        found = {name: place for name, place in found.items() if os.path.isfile(place)}
        need(sum(map(os.path.getsize, found.values())) <= LIMIT, "bundle-too-large", "验证包过大，未读")
        return {name: open(place, "rb").read() for name, place in found.items()}
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if info.filename in FILES]
        need(len({i.filename for i in infos}) == len(infos), "bundle-invalid", "压缩包里有同名文件")
        need(sum(info.file_size for info in infos) <= LIMIT, "bundle-too-large", "压缩包解开后过大，未解开")
        return {info.filename: archive.open(info).read(info.file_size) for info in infos}


def read_rows(name, data, columns):
    """名单的行；写法只有一种：UTF-8、NFC、逐字节升序、不重复、每行以换行结束。"""
    lines = data.split(b"\n")
    need(lines.pop() == b"", "list-invalid", name + " 最后一行没有换行")
    need(all(a < b for a, b in zip(lines, lines[1:])), "list-invalid", name + " 没有按字节升序或有重复")
    rows = [tuple(line.decode("utf-8").split("\t")) for line in lines]
    for row in rows:
        fine = len(row) == columns and all(t and t == t.strip() and "|" not in t for t in row)
        need(fine and all(unicodedata.normalize("NFC", t) == t for t in row), "list-invalid", "%s 有误：%s" % (name, row))
    return rows


# ------------------------------------------------------------------------------------------------ Ed25519 验签（RFC 8032）

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def point_add(p, q):
    """扭曲爱德华兹曲线上的加法，(X, Y, Z, T) 坐标。"""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_times(n, p):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = point_add(total, p)
        p, n = point_add(p, p), n >> 1
    return total


def point_read(data):
    """32 字节 -> 点；不在曲线上则报错。"""
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        raise ValueError("not a point")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def ed25519(key, signature, message):
    base = point_read((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    scalar = int.from_bytes(signature[32:], "little")
    if len(key) != 32 or len(signature) != 64 or scalar >= ORDER:
        return False
    told = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    p, q = point_times(scalar, base), point_add(point_read(signature[:32]), point_times(told, point_read(key)))
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


# ------------------------------------------------------------------------------------------------ 公开日志


def check_signature(b):
    """检查点由公钥签名；给了 --key 时包内公钥必须就是它。"""
    told = b.files["log/key"].decode("utf-8").strip()
    need(b.key in (None, told), "log-key-differs", "包内的日志公钥不是您给的那一把")
    name, told_id, encoded = told.split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    key_id = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    need(key[:1] == b"\x01" and key_id.hex() == told_id, "log-signature-invalid", "公钥编号与内容不符")
    text, _, lines = b.files["log/checkpoint"].decode("utf-8").rpartition("\n\n")
    text += "\n"
    signs = [base64.b64decode(line.split(" ")[2]) for line in lines.splitlines() if line.startswith("— %s " % name)]
    signs = [sign[4:] for sign in signs if sign[:4] == key_id]
    good = signs and all(ed25519(key[1:], sign, text.encode("utf-8")) for sign in signs)
    need(good and text.split("\n")[0] == name, "log-signature-invalid", "检查点上没有这把公钥的有效签名")
    b.size, b.root = int(text.split("\n")[1]), base64.b64decode(text.split("\n")[2])
    return "检查点 %d 条，签名有效%s" % (b.size, "" if b.key else "（公钥取自包内，请另行核对）")


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(leaves):
    """RFC 6962 的根：相邻两两合并，落单的上移。"""
    while len(leaves) > 1:
        pairs = [node(leaves[i], leaves[i + 1]) for i in range(0, len(leaves) - 1, 2)]
        leaves = pairs + leaves[len(pairs) * 2:]
    return leaves[0] if leaves else hashlib.sha256(b"").digest()


def check_root(b):
    lines = b.files["log/entries.jsonl"].split(b"\n")
    need(lines.pop() == b"" and len(lines) == b.size, "log-root-differs", "日志条数与检查点不符")
    b.leaves = [hashlib.sha256(b"\x00" + line).digest() for line in lines]
    need(tree_root(b.leaves) == b.root, "log-root-differs", "日志条目重算的根与检查点不符，日志被改过")
    b.entries = [json.loads(line) for line in lines]
    need(all(canonical(e) == line for e, line in zip(b.entries, lines)), "log-entry-invalid", "日志条目不是规范写法")
    times = [when(e["at"]) for e in b.entries]  # 两人同时办理时可能前后相差片刻
    back = any(later < earlier - timedelta(minutes=10) for earlier, later in zip(times, times[1:]))
    need(not back, "log-entry-invalid", "日志条目的时间倒退")
    b.mine = [e for e in b.entries if e["draw"] == b.plan["draw_id"]]
    return "重算 %d 条，根相同" % b.size


def path_root(index, size, leaf, path):
    """由叶子和证明算根（RFC 6962 2.1.1），证明的最后一步在最上层。"""
    need(bool(path) == (size > 1), "log-proof-invalid", "在列证明长短不对")
    if size == 1:
        return leaf
    left = 1 << (size - 1).bit_length() - 1
    if index < left:
        return node(path_root(index, left, leaf, path[:-1]), path[-1])
    return node(path[-1], path_root(index - left, size - left, leaf, path[:-1]))


def check_proofs(b):
    """本次抽签的每一条都有在列证明，且证到同一个根。"""
    told = json.loads(b.files["log/proof.json"])
    need(told["size"] == b.size and told["root"] == b.root.hex(), "log-proof-invalid", "证明不是对这个检查点的")
    for proof in told["proofs"]:
        index, leaf = proof["index"], bytes.fromhex(proof["leaf"])
        fine = 0 <= index < b.size and leaf == b.leaves[index]
        root = path_root(index, b.size, leaf, [bytes.fromhex(step) for step in proof["path"]])
        need(fine and root == b.root, "log-proof-invalid", "第 %d 条的在列证明不成立" % index)
    proved = sorted(proof["index"] for proof in told["proofs"])
    mine = [n for n, e in enumerate(b.entries) if e["draw"] == b.plan["draw_id"]]
    need(proved == mine, "log-proof-invalid", "在列证明不全")
    return "%d 条在列证明成立" % len(proved)


def entry(b, word):
    """本次抽签的某一种条目；没有则为 None，一种只能有一条。"""
    found = [e for e in b.mine if e["type"] == word]
    need(len(found) < 2, "log-event-twice", "日志里有两条 " + word)
    return found[0] if found else None


# ------------------------------------------------------------------------------------------------ 计划、名单、结局


def check_plan(b):
    data = b.files["plan.json"]
    plan = b.plan = json.loads(data)
    need(canonical(plan) == data and plan["spec"] == "draw/1", "plan-invalid", "计划不是 draw/1 的规范写法")
    b.round, b.digest = plan.get("round", 1), sha(data)
    ids = [s["id"] for s in plan["strata"]]
    numbers = [plan["seats"], plan["commitment_steps"], b.round] + [s["take"] for s in plan["strata"]]
    fine = all(type(n) is int and n >= 0 for n in numbers) and len(set(ids)) == len(ids) and plan["seats"] > 0
    need(fine and 1 <= b.round < plan["commitment_steps"] >= 4, "plan-invalid", "计划里的数目不对")
    ways = 1
    for g in plan.get("entropy", {}).get("groups", []):
        size = g["high"] - g["low"] + 1
        ways *= math.comb(size, g["count"]) if g["distinct"] else max(1, size ** g["count"] // math.factorial(g["count"]))
    need("entropy" not in plan or ways >= 1 << 23, "entropy-too-weak", "公开数字的可能太少，可以事先算尽")
    return "摘要 " + b.digest


def check_lists(b):
    for name in LISTS:
        told, data = b.plan.get(name + "_sha256"), b.files.get(name + ".tsv")
        need(told is None or data is not None, name + "-missing", "缺少名单 %s.tsv" % name)
        need(data is None or told is not None, name + "-changed", "计划里没有名单 %s.tsv" % name)
        if data is not None:
            need(sha(data) == told, name + "-changed", "名单 %s.tsv 与计划里的摘要不符：公布之后被改过" % name)
            b.rows[name] = read_rows(name + ".tsv", data, LISTS[name])
    balls = {str(n) for n in range(1, 21)}
    objects = [row[1] for row in b.rows["objects"]]
    need(len(set(objects)) == len(objects), "list-invalid", "对象重复")
    need(all(row[2] in balls for row in b.rows["objects"]), "list-invalid", "号球应为 1 到 20 个")
    gone = {row[0] for row in b.rows.get("excluded", [])}
    need(not gone & set(objects), "list-invalid", "剔除的对象仍在名单里")
    return "%d 个对象，%d 名人员" % (len(objects), len(b.rows["officers"]))


def check_announced(b):
    """计划在日志里，且早于数字至少 24 小时（现场叫号只须早于）。"""
    told = entry(b, "draw.announced")
    need(told and told["digest"] == b.digest, "plan-not-in-log", "日志里公告的不是这份计划（刚公告的请稍后重新下载）")
    need(told["agency"] == b.plan.get("agency_code", told["agency"]), "plan-not-in-log", "公告机关与计划不符")
    b.agency = told["agency"]
    source = b.plan.get("entropy")
    if source:
        ahead = when(source["at"]) - when(told["at"])
        least = timedelta(hours=24 if source["kind"] == "lottery" else 0)
        need(ahead >= least, "notice-too-short", "计划公布得太晚，离数字产生不足规定时间")
    return "计划 %s 记入日志" % told["at"]


def check_sequence(b):
    """公告、数字、封存、替换、开封依次发生；数字不早于它产生的时间。"""
    steps = [STAGES.index(e["type"]) for e in b.mine if e["type"] != "draw.void"]
    need(steps == sorted(steps), "log-order-wrong", "日志里各步的先后不对")
    numbers, source = entry(b, "draw.numbers"), b.plan.get("entropy")
    early = numbers and source and when(numbers["at"]) < when(source["at"])
    need(not early, "numbers-too-early", "数字记入日志早于它产生的时间")
    closed = entry(b, "draw.closed")
    need(not closed or closed["digest"] == b.plan["commitment"], "log-entry-invalid", "办结条目与承诺不符")
    need(entry(b, "draw.sealed") is None or numbers, "log-order-wrong", "没有数字就封存了结果")
    return "日志里有 %d 步" % len(b.mine)


def check_rounds(b):
    """第二轮起必须接着一次已作废的抽签，同一次作废只能重抽一回。"""
    if b.round == 1:
        need("replaces" not in b.plan, "round-chain-broken", "第一轮不应替换别的抽签")
        return "第一轮"
    before = [e for e in b.entries[: b.entries.index(entry(b, "draw.announced"))] if e["draw"] == b.plan["replaces"]]
    words = [e["type"] for e in before if e["agency"] == b.agency]
    need("draw.announced" in words and "draw.void" in words, "round-chain-broken", "被替换的一轮没有先公告再作废")
    return "第 %d 轮，替换已作废的 %s" % (b.round, b.plan["replaces"])


def check_outcomes(b):
    """本机关公告过的每次抽签都有结局，作废的一次不少。"""
    told = json.loads(b.files["outcomes.json"])
    claims = {row["draw_id"]: row for row in told["draws"]}
    need(told["agency_code"] == b.agency and len(claims) == len(told["draws"]), "outcome-differs", "结局表不是本机关的")
    mine = [e for e in b.entries if e["agency"] == b.agency]
    for e in mine:
        if e["type"] == "draw.void":
            claim = claims.get(e["draw"], {})
            fine = claim.get("outcome") == "void" and claim.get("reason") == e["reason"]
            need(fine, "void-hidden", "%s 已作废，结局表里没有如实写" % e["draw"])
            need(e["digest"] == sha(canonical({"draw": e["draw"], "reason": e["reason"]})), "log-entry-invalid", "作废条目有误")
    for e in mine:
        claim = RANK.get(claims.get(e["draw"], {}).get("outcome"), -1)
        need(claim >= 0, "outcome-missing", "%s 没有结局" % e["draw"])
        need(claim >= RANK.get(e["type"][5:], 0), "outcome-differs", "%s 的结局与日志不符" % e["draw"])
    voids = sum(row["outcome"] == "void" for row in told["draws"])
    need(told["voids"] == voids, "void-hidden", "作废次数写的是 %s，应为 %d" % (told["voids"], voids))
    return "本机关 %d 次抽签，作废 %d 次" % (len(claims), voids)


# ------------------------------------------------------------------------------------------------ 开封之后


def check_code(b):
    """一次性码经 round 次 SHA-256 到达公布的承诺。"""
    o = b.opening = json.loads(b.files["opening.json"])
    same = (o["spec"], o["draw_id"], o["round"]) == ("draw-opening/1", b.plan["draw_id"], b.round)
    need(same and canonical(o) == b.files["opening.json"], "opening-invalid", "开封书不是这次抽签的，或不是规范写法")
    code, aim = bytes.fromhex(o["one_time_code"]), bytes.fromhex(b.plan["commitment"])
    steps, value = 0, code
    while value != aim and steps <= b.plan["commitment_steps"]:
        value, steps = hashlib.sha256(value).digest(), steps + 1
    need(value == aim, "code-not-in-chain", "一次性码不在承诺的链上")
    need(steps == b.round, "wrong-round-code", "一次性码是第 %d 轮的，应为第 %d 轮" % (steps, b.round))
    b.code = code
    return "第 %d 轮的码，到达承诺" % steps


def check_entropy(b):
    """数字与日志里的摘要一致，且合乎计划写明的规格。"""
    text, told = b.opening.get("entropy", ""), entry(b, "draw.numbers")
    need((told is not None) == (text != ""), "entropy-altered", "开封书与日志对有无数字说法不一")
    if not text:
        return "作废时还没有数字"
    need(sha(text.encode()) == told["digest"], "entropy-altered", "数字与日志里的摘要不符")
    need(re.fullmatch(r"(((0|[1-9][0-9]*)\.)+/)+", text), "entropy-invalid", "数字的写法不对")
    groups = [[int(n) for n in part.split(".")[:-1]] for part in text.split("/")[:-1]]
    rules = b.plan.get("entropy", {}).get("groups")
    need(groups == [sorted(g) for g in groups] and len(rules or groups) == len(groups), "entropy-invalid", "数字的写法不对")
    need(b.opening.get("groups") in (None, groups) or [sorted(g) for g in b.opening["groups"]] == groups,
         "entropy-altered", "分组的数字与文字不一致")
    for group, rule in zip(groups, rules or []):
        fine = len(group) == rule["count"] and rule["low"] <= group[0] and group[-1] <= rule["high"]
        need(fine and not (rule["distinct"] and len(set(group)) < len(group)), "entropy-invalid", "数字不合计划写明的规格")
    return "数字 %s（请与官方公告或现场记录核对）" % text


def ticket_of(b):
    """label -> 票号：HMAC-SHA-256(key, label + 0x01)，key 由一次性码、计划摘要和数字得出。"""
    text = "draw/1/%s/%s" % (b.digest, b.opening["entropy"])
    key = hmac.new(b.code, text.encode(), "sha256").digest()
    return lambda label: hmac.new(key, label.encode() + b"\x01", "sha256").digest()


def draw(b):
    """重抽：每层按最小票号排队，前 take 个抽中，其余候补。"""
    strata = {}
    for stratum, name, balls in b.rows["objects"]:
        best = min(b.ticket("O|%s|%s|%d" % (stratum, name, n)) for n in range(1, int(balls) + 1))
        strata.setdefault(stratum, []).append((best, name.encode(), name))
    drawn, reserve = [], []
    for s in b.plan["strata"]:
        queue = sorted(strata.get(s["id"], []))
        rows = [(s["id"], str(n), name, best.hex()) for n, (best, _, name) in enumerate(queue, 1)]
        drawn, reserve = drawn + rows[: s["take"]], reserve + rows[s["take"]:]
    return sorted(drawn, key=lambda row: (row[3], row[2].encode())), reserve


def check_order(b):
    """重算的次序与公布的逐行相同，候补在内。"""
    b.crews = {}
    if entry(b, "draw.sealed") is None:
        need("result.tsv" not in b.files, "seal-broken", "有结果却没有封存")
        return "作废时还没有结果"
    b.ticket = ticket_of(b)
    drawn, b.reserve = draw(b)
    rows = [tuple(line.split("\t")) for line in b.files["result.tsv"].decode("utf-8").split("\n")[:-1]]
    told = [row[:4] for row in rows]
    moved = sorted(row[2] for row in told) == sorted(row[2] for row in drawn)
    need(told == drawn or not moved, "result-reordered", "抽中的对象相同，次序或票号被改过")
    need(told == drawn, "result-differs", "抽中的对象与重算的不同")
    text = "".join("\t".join(row) + "\n" for row in b.reserve).encode("utf-8")
    need(b.files["reserve.tsv"] == text, "reserve-differs", "候补的次序与重算的不同")
    b.stratum = {row[2]: row[0] for row in drawn + b.reserve}
    b.crews = {row[2]: row[4:] for row in rows}
    return "抽中 %d 个，候补 %d 个，逐位相同" % (len(drawn), len(b.reserve))


def bits(mask):
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def ones(mask):
    return bin(mask).count("1")


class Roster:
    """一份名单的验证：合规、负荷最小、逐席最先。人员是整数的位；能否换人看残量网络里有没有通路。"""

    def __init__(self, b, crews, fixed, off=frozenset()):
        self.b, self.crews, self.fixed = b, crews, fixed
        self.officers = [row[0] for row in b.rows["officers"]]
        self.bit = {name: n for n, name in enumerate(self.officers)}
        self.classes()
        self.permit(off)
        self.member = {name: self.mask(crew) for name, crew in crews.items()}
        families = set(self.family)
        self.closed = {name: sum(f for f in families if ones(mask & f) >= self.limit) for name, mask in self.member.items()}
        self.load = [0] * len(self.officers)
        self.held = [set() for _ in self.officers]
        for name, crew in crews.items():
            for n, officer in enumerate(crew):
                self.load[self.bit[officer]] += 1
                if n >= fixed.get(name, 0):
                    self.held[self.bit[officer]].add(name)
        self.top = max(self.load)

    def mask(self, crew):
        """一组人员的位；不在名册、重复或人数不对即不符。"""
        fine = len(set(crew)) == len(crew) == self.b.plan["seats"] and all(c in self.bit for c in crew)
        need(fine, "officers-swapped", "有对象的人员不在名册、重复或人数不对")
        return sum(1 << self.bit[officer] for officer in crew)

    def classes(self):
        """受限的类：带队规则下的非带队人员，或同一单位的人员。"""
        rule, names, rows = self.b.plan.get("rule", "any"), self.officers, self.b.rows
        if rule == "lead":
            leads = {row[0] for row in rows["leads"]}
            others = sum(1 << n for n, name in enumerate(names) if name not in leads)
            self.family, self.limit = [0 if name in leads else others for name in names], self.b.plan["seats"] - 1
            return
        units, self.limit = (dict(rows["units"]) if rule == "apart" else {}), 1
        same = {u: sum(1 << n for n, name in enumerate(names) if units.get(name) == u) for u in units.values()}
        self.family = [same[units[name]] if name in units else 0 for name in names]

    def permit(self, off):
        """每个对象可派的人员：除去回避、缺少资格和已换下的。"""
        everyone, skilled = (1 << len(self.officers)) - 1, {}
        self.allowed = {name: everyone for name in self.crews}
        for officer, skill in self.b.rows.get("skills", []):
            skilled[skill] = skilled.get(skill, 0) | 1 << self.bit.get(officer, len(self.officers))
        for name, skill in self.b.rows.get("needs", []):
            if name in self.allowed:
                self.allowed[name] &= skilled.get(skill, 0)
        for name, officer in list(self.b.rows["recusals"]) + list(off):
            if name in self.allowed and officer in self.bit:
                self.allowed[name] &= ~(1 << self.bit[officer])

    def reaches(self, start, goal, pool):
        """从 start 里的人员出发，逐个顶替，能否到达 goal。pool：差一个满额的人可与满额者对调名额。"""
        full = sum(1 << n for n, load in enumerate(self.load) if load == self.top) if pool else 0
        seen, queue = start, list(bits(start))
        while queue and not seen & goal:
            officer, new = queue.pop(), 0
            for name in self.held[officer]:
                new |= self.allowed[name] & ~self.member[name] & (~self.closed[name] | self.family[officer])
            if self.load[officer] == self.top - 1:
                new |= full
            queue.extend(bits(new & ~seen))
            seen |= new
        return bool(seen & goal)

    def check(self):
        for name, mask in self.member.items():
            need(not mask & ~self.allowed[name], "recusal-violated", "%s 派了应当回避或缺少资格的人员" % name)
            over = any(ones(mask & f) > self.limit for f in set(self.family))
            need(not over, "rule-violated", "%s 的人员不合带队或分单位的规则" % name)
        full, room = (sum(1 << n for n, load in enumerate(self.load) if fits(load)) for fits in
                      (lambda load: load == self.top, lambda load: load <= self.top - 2))
        need(not self.reaches(full, room, False), "officers-swapped", "还有负荷更轻的排法，人员不是规则派出的")
        for name, crew in self.crews.items():
            self.walk(name, crew, room)

    def walk(self, name, crew, room):
        """逐席核对：票号更小而又排得开的人员，一个也没有。"""
        keys = {n: self.b.ticket("A|%s|%s" % (name, self.officers[n])) for n in bits(self.allowed[name])}
        first = self.fixed.get(name, 0)
        settled, loose = (sum(1 << self.bit[officer] for officer in part) for part in (crew[:first], crew[first:]))
        for officer in crew[first:]:
            groups = {}
            for n in bits(self.allowed[name] & ~settled):
                if keys[n] < keys[self.bit[officer]]:
                    gives = loose & self.family[n] if self.closed[name] >> n & 1 else loose
                    groups[gives] = groups.get(gives, 0) | 1 << n
            better = any(gives and self.reaches(start, gives | room, True) for gives, start in groups.items())
            need(not better, "officers-swapped", "%s 的人员不是票号最先的排法" % name)
            settled, loose = settled | 1 << self.bit[officer], loose & ~(1 << self.bit[officer])
            self.held[self.bit[officer]].discard(name)


def check_pairing(b):
    """人员配对：无回避冲突，最大负荷和满额人数最小，逐席票号最先。"""
    if not b.crews:
        return "没有抽中的对象"
    roster = Roster(b, b.crews, {})
    roster.check()
    return "每人最多 %d 个，满额 %d 人" % (roster.top, roster.load.count(roster.top))


def check_seal(b):
    told = entry(b, "draw.sealed")
    if told is None:
        return "作废时还没有结果"
    found = sha(b.files["result.tsv"])
    need(found == told["digest"] == b.opening["result_sha256"], "seal-broken", "结果与封存时记入日志的摘要不符")
    return "结果与 %s 封存的摘要相同" % told["at"]


def check_changes(b):
    """替换：次数、次序与日志一致，理由在计划之内，换上的正是候补第一名或规则派出的人员。"""
    changes, told = b.opening["changes"], [e["digest"] for e in b.mine if e["type"] == "draw.changed"]
    digests = [sha(c["salt"].encode() + b"\n" + canonical({k: v for k, v in c.items() if k != "salt"})) for c in changes]
    need(digests == told, "changes-altered", "替换记录与日志里的摘要不符")
    crews, off, used = dict(b.crews), set(), set()
    for c in changes:
        body, reasons = c["body"], {r["code"] for r in b.plan.get("reasons", [])}
        need(c["reason"] in reasons, "change-reason-unlisted", "替换的理由不在计划列明的范围内")
        need(body["object"] in crews, "change-invalid", "被替换的不是抽中的对象")
        crew = crews.pop(body["object"])
        if c["kind"] == "subject-replaced":
            name, kept, come = body["by"], (), tuple(body["officers"])
            line = [row[2] for row in b.reserve if row[0] == b.stratum[body["object"]] and row[2] not in used]
            need(line[:1] == [name], "change-not-next-reserve", "换上的不是同层下一个候补")
            used.add(name)
        else:
            name, kept, come = body["object"], tuple(o for o in crew if o != body["officer"]), (body["by"],)
            off.add((name, body["officer"]))
        fixed = {n: len(crew) for n, crew in crews.items()}
        crews[name], fixed[name] = kept + come, len(kept)
        Roster(b, crews, fixed, off).check()
    return "%d 次替换" % len(changes)


def check_opened(b):
    told = entry(b, "draw.opened")
    need(told and told["digest"] == sha(b.files["opening.json"]), "opening-not-in-log", "开封书与日志里的摘要不符")
    closed = json.loads(b.files["closing.json"]) if "closing.json" in b.files else b.opening
    if "secret" in closed:
        value = bytes.fromhex(closed["secret"])
        for _ in range(b.plan["commitment_steps"]):
            value = hashlib.sha256(value).digest()
        need(value.hex() == b.plan["commitment"], "code-not-in-chain", "公布的种子到不了承诺")
    return "开封书 %s 记入日志" % told["at"]


# ------------------------------------------------------------------------------------------------ 主程序

# 短名、做法、依赖哪几项、是否要等开封
CHECKS = [
    ("plan", check_plan, "", False), ("lists", check_lists, "plan", False),
    ("log-signature", check_signature, "", False), ("log-root", check_root, "plan log-signature", False),
    ("log-proof", check_proofs, "log-root", False), ("announced", check_announced, "plan log-root", False),
    ("sequence", check_sequence, "announced", False), ("rounds", check_rounds, "announced", False),
    ("outcomes", check_outcomes, "announced", False), ("code", check_code, "plan", True),
    ("entropy", check_entropy, "code log-root", True), ("order", check_order, "lists announced entropy", True),
    ("pairing", check_pairing, "order", True), ("seal", check_seal, "code log-root", True),
    ("changes", check_changes, "pairing", True), ("opening", check_opened, "code log-root", True),
]


def verify(files, key=None):
    """逐项核对；返回 [(短名, 状态, 短码, 说明)]，状态为 ok、bad、later（未揭晓）、skipped（前面不符，没有核对）。"""
    b, rows, fine = SimpleNamespace(files=files, key=key, rows={}, mine=[]), [], set()
    for name, check, needs, after in CHECKS:
        code, state, text = "", "ok", ""
        if after and "opening.json" not in files:
            opened = any(e["type"] in ("draw.opened", "draw.void") for e in b.mine)
            hidden = opened or "result.tsv" in files or "reserve.tsv" in files
            code, state, text = ("opening-missing", "bad", "已开封或作废，却没有开封书") if hidden else ("", "later", "未揭晓")
        elif not set(needs.split()) <= fine:
            state, text = "skipped", "前面不符，没有核对"
        else:
            try:
                text = check(b)
                fine.add(name)
            except Bad as bad:
                code, state, text = bad.code, "bad", bad.text
            except Exception as error:  # 包里什么都可能有：读不懂就是不符
                code, state, text = name + "-unreadable", "bad", "缺少或读不懂：%s %s" % (type(error).__name__, error)
        rows.append((name, state, code, text))
    return rows


def main(arguments=None):
    parser = argparse.ArgumentParser(description="核对一次双随机抽签的验证包")
    parser.add_argument("bundle", help="验证包：zip 文件或解开的文件夹")
    parser.add_argument("--key", help="公开日志的公钥，从网站以外的渠道抄来")
    parser.add_argument("--json", action="store_true", help="用 JSON 输出")
    options = parser.parse_args(arguments)
    sys.stdout.reconfigure(errors="replace")
    try:
        rows = verify(load(options.bundle), options.key)
    except Bad as bad:
        rows = [("bundle", "bad", bad.code, bad.text)]
    except (OSError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile) as error:
        rows = [("bundle", "bad", "bundle-unreadable", "打不开：%s" % error)]
    reasons = list(dict.fromkeys(code for _, _, code, _ in rows if code))
    later = any(state == "later" for _, state, _, _ in rows)
    verdict = "不通过：" + "、".join(reasons) if reasons else "通过" + ("（结果未揭晓）" if later else "")
    if options.json:
        checks = [dict(zip(("check", "state", "code", "text"), row)) for row in rows]
        print(json.dumps({"passed": not reasons, "opened": not later, "reasons": reasons, "checks": checks}))
    else:
        words = {"ok": "通过", "bad": "不通过", "later": "未揭晓", "skipped": "未核对"}
        for name, state, code, text in rows:
            print("[%s] %s：%s%s" % (words[state], name, code + " " if code else "", text))
        print("结论：" + verdict)
    return 1 if reasons else 0


if __name__ == "__main__":
    sys.exit(main())
