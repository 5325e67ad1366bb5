#!/usr/bin/env python3
"""核对一份收讫回执。只用 Python 3.8 以上自带的库，不联网，不信任发布者的任何程序。

用法：python3 verify_receipt.py 回执.json --key 公钥 [--record 记录.json] [--photos 文件夹]
回执.json 是服务器给手机的 {"receipt", "signature", "key_id"}；公钥是 base64，请从网站以外的渠道抄来。
--record 给出手机上封存的记录，核对它的摘要；--photos 给出照片原件的文件夹，按内容（不按文件名）核对。
退出码：0 全部相符，1 不符，2 用法不对或文件读不出。
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import sys

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
TYPE = "zhijian/receipt/1"


def add(p, q):
    """扭曲爱德华兹曲线上两点相加，仿射坐标；慢，但一眼看得完。"""
    (a, b), (c, d) = p, q
    k = D * a * b * c * d % P
    return (a * d + b * c) * pow(1 + k, P - 2, P) % P, (b * d + a * c) * pow(1 - k, P - 2, P) % P


def times(n, p):
    total = (0, 1)
    while n:
        total = add(total, p) if n & 1 else total
        p, n = add(p, p), n >> 1
    return total


def point(data):
    """32 字节 -> 点（RFC 8032 5.1.3）；不是点则 ValueError。"""
    word = int.from_bytes(data, "little")
    y, sign = word & ((1 << 255) - 1), word >> 255
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if len(data) != 32 or y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not a point")
    return (P - x if x % 2 != sign else x), y


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(key, signature, message):
    """Ed25519（RFC 8032）：签名对不对。"""
    if len(signature) != 64:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    told = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    try:
        return scalar < ORDER and times(scalar, BASE) == add(point(signature[:32]), times(told, point(key)))
    except ValueError:
        return False


def canonical(value):
    """RFC 8785 的写法；记录里的小数应写成文字，整数照写。"""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("utf-8")


def digests(folder):
    """文件夹里每个文件的 SHA-256。"""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(place, name), "rb") as file:
                found[hashlib.sha256(file.read()).hexdigest()] = name
    return found


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def check(holds, words, faults):
    print(("相符  " if holds else "不符  ") + words)
    if not holds:
        faults.append(words)


def main(arguments=None):
    reader = argparse.ArgumentParser(description="核对一份收讫回执")
    reader.add_argument("receipt")
    reader.add_argument("--key", required=True)
    reader.add_argument("--record")
    reader.add_argument("--photos")
    asked = reader.parse_args(arguments)
    faults = []
    try:
        given = read(asked.receipt)
        text, signature = given["receipt"], base64.b64decode(given["signature"], validate=True)
        key = base64.b64decode(asked.key, validate=True)
        record = read(asked.record) if asked.record else None
        held = digests(asked.photos) if asked.photos else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print("读不出：%s" % error)
        return 2
    check(given.get("key_id") == hashlib.sha256(key).hexdigest()[:16], "钥匙编号就是这把公钥的", faults)
    check(signed(key, signature, text.encode("utf-8")), "签名由这把公钥的主人所签", faults)
    if faults:
        return 1
    told = json.loads(text)
    check(told.get("type") == TYPE and canonical(told).decode("utf-8") == text, "是一份回执，写法唯一", faults)
    if faults:
        return 1
    report(told)
    if record is not None:
        digest = hashlib.sha256(canonical(record)).hexdigest()
        named = [told["record_sha256"]] + [row["sha256"] for row in told.get("reports", ())]
        check(digest in named, "记录的摘要在回执上", faults)
    for photo in told["photos"] if held is not None else ():
        check(photo["sha256"] in held, "照片 %s 的原件在文件夹里" % photo["uuid"], faults)
    return 1 if faults else 0


def report(told):
    """把回执说的话写出来。"""
    reports = told.get("reports", ())
    print("%s %s，签发 %s" % ("报告" if reports else "检查", told["check"], told["authority"]))
    for row in reports:
        print("报告 %s，到达 %s" % (row["sha256"], row["arrived_at"]))
    if told["record_sha256"]:
        print("记录 %s，到达 %s，先报 %s" % (told["record_sha256"], told["arrived_at"], told["announced_at"]))
    elif not reports:
        print("记录还没有到")
    print("照片 %d 张，还缺 %d 张，部分 %d 份" % (len(told["photos"]), len(told["missing"]), len(told["parts"])))


if __name__ == "__main__":
    sys.exit(main())
