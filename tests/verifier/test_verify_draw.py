"""The public checker, run as a stranger runs it: ten simulated draws pass, every forgery fails for its own reason."""

import ast
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.domain.draw_bundle import SUBJECT_REPLACED
from server.domain.draws import DrawResult, canonical, chain_code
from server.domain.entropy import encode, lottery
from tests.verifier.simulated import CASES, STEPS, Case, Files, Play, digest, parsed, play, verifier_key

SCRIPT = Path(__file__).parents[2] / "web" / "draws" / "verify_draw.py"
NAMES = [case.name for case in CASES]


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def run(files: Files, *more: str) -> dict[str, Any]:
        place = tmp_path / "bundle.zip"
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return told(str(place), *more)

    return run


def told(*arguments: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-I", str(SCRIPT), *arguments, "--json"], capture_output=True, check=False)
    assert not done.stderr, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if found["passed"] else 1)
    return found


@cache
def played(name: str) -> Play:
    return play(case_of(name))


def case_of(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


# ---------------------------------------------------------------------------------------------- honest draws


@pytest.mark.parametrize("name", NAMES)
def test_an_opened_draw_passes(check: Any, name: str) -> None:
    found = check(played(name).bundle(), "--key", verifier_key())
    assert found["reasons"] == []
    assert found["opened"]
    assert {row["state"] for row in found["checks"]} == {"ok"}


@pytest.mark.parametrize("until", ["announced", "sealed"])
@pytest.mark.parametrize("name", NAMES[6:9])
def test_before_opening_the_rest_is_checked(check: Any, name: str, until: str) -> None:
    found = check(play(case_of(name), until=until).bundle(opened=False))
    assert (found["passed"], found["opened"], found["reasons"]) == (True, False, [])
    states = {row["check"]: row["state"] for row in found["checks"]}
    assert [c for c, state in states.items() if state == "later"] == [
        "code", "entropy", "order", "pairing", "seal", "changes", "opening",
    ]  # fmt: skip
    assert set(states.values()) == {"ok", "later"}


@pytest.mark.parametrize("until", ["announced", "numbers"])
def test_a_draw_void_before_its_result_passes_and_can_not_show_one(check: Any, until: str) -> None:
    made = play(replace(case_of(NAMES[6]), void="lists-wrong"), until=until)
    made.log.void(made.plan.draw_id, "lists-wrong")
    made.log.add("opened", made.plan.draw_id, digest(made.opening()))
    assert check(made.bundle())["reasons"] == []
    shown = made.bundle() | {"result.tsv": made.result.result_bytes()}
    assert check(shown)["reasons"] == ["seal-broken"]


def test_a_person_reads_chinese_and_a_folder_is_as_good(tmp_path: Path) -> None:
    for name, data in played(NAMES[0]).bundle().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    done = subprocess.run([sys.executable, "-I", str(SCRIPT), str(tmp_path)], capture_output=True, check=True)
    lines = done.stdout.decode().splitlines()
    assert lines[-1] == "结论：通过"
    assert lines[0].startswith("[通过] plan：摘要 ")
    assert "公钥取自包内，请另行核对" in done.stdout.decode()


def test_it_is_one_file_of_plain_old_python() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert names - {"__future__"} <= sys.stdlib_module_names


# ---------------------------------------------------------------------------------------------- forgeries by whoever hands it out

Forge = Callable[[Play, Files], Files]


def lines_of(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def with_objects(files: Files, change: Callable[[list[bytes]], list[bytes]]) -> Files:
    return files | {"objects.tsv": b"".join(sorted(change(lines_of(files["objects.tsv"]))))}


def opening(files: Files, **members: Any) -> Files:
    return files | {"opening.json": canonical(parsed(files, "opening.json") | members)}


def replanned(made: Play, files: Files) -> Files:
    """Another plan for other lists, in itself consistent."""
    files = with_objects(files, lambda rows: rows[1:])
    more = {**made.plan.files, "objects": digest(files["objects.tsv"])}
    return files | {"plan.json": replace(made.plan, files=more).to_bytes()}


def swapped_crews(made: Play, files: Files) -> Files:
    rows = [line.split(b"\t") for line in files["result.tsv"].splitlines()]
    rows[0][4], rows[0][5] = rows[0][5], rows[0][4]
    return files | {"result.tsv": b"".join(b"\t".join(row) + b"\n" for row in rows)}


def other_numbers(made: Play, files: Files) -> Files:
    first, rest = made.entropy.split(".", 1)
    return opening(files, entropy=f"{int(first) - 1}.{rest}" if first != "0" else f"1.{rest}")


def no_void(made: Play, files: Files) -> Files:
    told = parsed(files, "outcomes.json")
    kept = [row for row in told["draws"] if row.get("reason") != "numbers-missing"]
    return files | {"outcomes.json": canonical(told | {"draws": kept, "voids": told["voids"] - 1})}


def void_renamed(made: Play, files: Files) -> Files:
    told = parsed(files, "outcomes.json")
    for row in told["draws"]:
        if row.get("reason") == "numbers-missing":
            row["outcome"] = "opened"
    return files | {"outcomes.json": canonical(told | {"voids": sum(r["outcome"] == "void" for r in told["draws"])})}


def void_uncounted(made: Play, files: Files) -> Files:
    return files | {"outcomes.json": canonical(parsed(files, "outcomes.json") | {"voids": 0})}


def void_cut_out(made: Play, files: Files) -> Files:
    files = no_void(made, files)
    kept = [line for line in lines_of(files["log/entries.jsonl"]) if b"numbers-missing" not in line]
    return files | {"log/entries.jsonl": b"".join(kept)}


def wrong_proof(made: Play, files: Files) -> Files:
    told = parsed(files, "log/proof.json")
    told["proofs"][0]["path"][0] = "00" * 32
    return files | {"log/proof.json": canonical(told)}


def missing_proof(made: Play, files: Files) -> Files:
    told = parsed(files, "log/proof.json")
    return files | {"log/proof.json": canonical(told | {"proofs": told["proofs"][1:]})}


def other_signature(made: Play, files: Files) -> Files:
    return files | {"log/checkpoint": files["log/checkpoint"].replace(b"\n\n", b"\nmore\n\n", 1)}


def round_code(made: Play, files: Files) -> Files:
    """The code of the round after this one, which only the agency has."""
    secret = digest(made.case.name.encode())
    return opening(files, one_time_code=chain_code(bytes.fromhex(secret), STEPS - made.case.round - 1).hex())


LOGGED = "opening-not-in-log"
FORGERIES: dict[str, tuple[list[str], Forge]] = {
    "object added": (["objects-changed"], lambda m, f: with_objects(f, lambda rows: [*rows, b"credit-c\tGD-new\t1\n"])),
    "object removed": (["objects-changed"], lambda m, f: with_objects(f, lambda rows: rows[:-1])),
    "object renamed": (["objects-changed"], lambda m, f: with_objects(f, lambda rows: [rows[0].replace(b"GD-", b"GX-"), *rows[1:]])),
    "another plan": (["plan-not-in-log"], lambda m, f: f | {"plan.json": replace(m.plan, seats=1).to_bytes()}),
    "another plan and lists": (["plan-not-in-log"], replanned),
    "officers list": (["officers-changed"], lambda m, f: f | {"officers.tsv": f["officers.tsv"].replace(b"F001", b"F000")}),
    "recusals list": (["recusals-changed"], lambda m, f: f | {"recusals.tsv": b"GD-C001\tF001\n"}),
    "officers of a result": (["officers-swapped", "seal-broken"], swapped_crews),
    "result reordered": (["result-reordered", "seal-broken"], lambda m, f: f | {"result.tsv": b"".join(lines_of(f["result.tsv"])[::-1])}),
    "reserve reordered": (["reserve-differs"], lambda m, f: f | {"reserve.tsv": b"".join(lines_of(f["reserve.tsv"])[::-1])}),
    "code of another round": (["wrong-round-code"], round_code),
    "code of nobody": (["code-not-in-chain"], lambda m, f: opening(f, one_time_code="07" * 32)),
    "entropy altered": (["entropy-altered", LOGGED], other_numbers),
    "void left out": (["void-hidden"], no_void),
    "void called opened": (["void-hidden"], void_renamed),
    "void not counted": (["void-hidden"], void_uncounted),
    "void cut out of the log": (["log-root-differs"], void_cut_out),
    "proof altered": (["log-proof-invalid"], wrong_proof),
    "proof missing": (["log-proof-invalid"], missing_proof),
    "checkpoint altered": (["log-signature-invalid"], other_signature),
    "opening withheld": (["opening-missing"], lambda m, f: {n: d for n, d in f.items() if n not in ("opening.json", "result.tsv")}),
}  # fmt: skip


@pytest.mark.parametrize("name", [NAMES[1], NAMES[6], NAMES[8]])
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_bundle_fails_for_its_own_reason(check: Any, forgery: str, name: str) -> None:
    wanted, forge = FORGERIES[forgery]
    made = played(name)
    found = check(forge(made, made.bundle()))
    assert found["reasons"] == wanted


@pytest.mark.parametrize(
    "missing", ["plan.json", "objects.tsv", "outcomes.json", "log/key", "log/proof.json", "reserve.tsv"]
)
def test_a_file_left_out_fails(check: Any, missing: str) -> None:
    files = {name: data for name, data in played(NAMES[0]).bundle().items() if name != missing}
    assert not check(files)["passed"]


def test_a_log_signed_with_another_key_fails_against_the_published_one(check: Any) -> None:
    made = played(NAMES[0])
    other = Ed25519PrivateKey.generate()
    files = made.bundle() | made.log.files(made.plan.draw_id, other)
    assert check(files, "--key", verifier_key(other))["passed"]
    assert check(files, "--key", verifier_key())["reasons"] == ["log-key-differs"]


# ---------------------------------------------------------------------------------------------- an agency that cheats at its own desk


def exchanged(result: DrawResult) -> DrawResult:
    """Two objects of one stratum change their crews before the seal."""
    one, other = [d.object for d in result.drawn if d.stratum == result.drawn[0].stratum][:2]
    roster = dict(result.pairing.roster)
    roster[one], roster[other] = roster[other], roster[one]
    return replace(result, pairing=replace(result.pairing, roster=roster))


def shifted(result: DrawResult) -> DrawResult:
    """The first drawn object is exchanged for a reserve of its stratum."""
    gone = result.drawn[0]
    come = next(d for d in result.reserve if d.stratum == gone.stratum)
    roster = {come.object: result.pairing.roster[gone.object], **result.pairing.roster}
    drawn = (gone._replace(object=come.object), *result.drawn[1:])
    return replace(result, drawn=drawn, pairing=replace(result.pairing, roster=roster))


@pytest.mark.parametrize(
    ("seal", "code"),
    [
        (lambda r: replace(r, drawn=r.drawn[::-1]), "result-reordered"),
        (shifted, "result-differs"),
        (exchanged, "officers-swapped"),
    ],
)
def test_a_false_result_properly_sealed_fails(check: Any, seal: Any, code: str) -> None:
    assert check(play(case_of(NAMES[0]), seal=seal).bundle())["reasons"] == [code]


def edited(**members: Any) -> Callable[[Play], Any]:
    """The first substitution with other members, logged like any other."""

    def forge(made: Play) -> Any:
        first = made.changes[0]
        body = {**first.body, **members.pop("body", {})}
        return (replace(first, **members, body=body),)

    return forge


def third_reserve(made: Play) -> Any:
    first = made.changes[0]
    line = [d.object for d in made.result.reserve if d.stratum == "credit-c"]
    by = line[2] if first.body["by"] != line[2] else line[3]
    return (replace(first, kind=SUBJECT_REPLACED, body={**first.body, "by": by}),)


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (third_reserve, "change-not-next-reserve"),
        (edited(reason="convenient"), "change-reason-unlisted"),
        (edited(body={"object": "GD-none"}), "change-invalid"),
        (edited(body={"officers": ["F001", "F001"]}), "officers-swapped"),
        (
            lambda m: tuple(replace(c, body={**c.body, "officers": c.body["officers"][::-1]}) for c in m.changes[:1]),
            "officers-swapped",
        ),
    ],
)
def test_a_false_substitution_properly_logged_fails(check: Any, forge: Any, code: str) -> None:
    case = replace(case_of("六次替换"), strata=case_of("六次替换").strata[1:2])
    case = replace(case, changes=(("subject", 0, 0),))
    assert check(play(case, forged_changes=forge).bundle())["reasons"] == [code]


def test_a_substitution_rewritten_afterwards_fails(check: Any) -> None:
    made = played("六次替换")
    changes = [change.to_dict() for change in made.changes]
    changes[0]["reason"] = "leave"
    assert check(opening(made.bundle(), changes=changes))["reasons"] == ["changes-altered", LOGGED]
    assert check(opening(made.bundle(), changes=changes[:-1]))["reasons"] == ["changes-altered", LOGGED]


def test_a_plan_announced_too_late_fails(check: Any) -> None:
    source = lottery("快乐8", "1", "2", "2026-11-02T23:00:00Z")
    assert check(play(replace(case_of(NAMES[0]), entropy=source)).bundle())["reasons"] == ["notice-too-short"]


def test_a_second_round_without_a_void_fails(check: Any) -> None:
    made = played(NAMES[6])
    made = play(replace(made.case, round=2))
    log = replace(made.log, entries=[e for e in made.log.entries if e.get("reason") != "lists-wrong"])
    assert check(replace(made, log=log).bundle())["reasons"] == ["round-chain-broken"]


@pytest.mark.parametrize(("minutes", "reasons"), [(-9, []), (-61, ["log-entry-invalid"])])
def test_a_log_may_lag_for_moments_only(check: Any, minutes: int, reasons: list[str]) -> None:
    """Two people at work at once: who began first may be entered second."""
    made = play(case_of(NAMES[0]))
    made.log.now += timedelta(minutes=minutes - 60)
    made.log.add("announced", "441300-2026-6666-1", digest(b"begun before, entered after"))
    assert check(made.bundle())["reasons"] == reasons


def test_numbers_that_can_not_be_of_that_game_fail(check: Any) -> None:
    for groups in (((1, 2, 3),), ((*range(1, 20), 81),), ((*range(1, 20), 19),)):
        found = check(play(replace(case_of(NAMES[0]), groups=groups)).bundle())
        assert found["reasons"] == ["entropy-invalid"], groups


@pytest.mark.parametrize("way", ["１", "01"])
def test_numbers_have_one_way_of_writing(check: Any, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an agency could try many spellings of the same numbers until it likes the draw."""
    monkeypatch.setattr(Play, "entropy", property(lambda made: encode(made.case.groups).replace("1.", f"{way}.", 1)))
    case = replace(case_of(NAMES[0]), groups=(tuple(range(1, 21)),))
    assert check(play(case).bundle())["reasons"] == ["entropy-invalid"]


# ---------------------------------------------------------------------------------------------- hostile files


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    place = tmp_path / "bomb.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("objects.tsv", "w") as inside:
        for _ in range(600):
            inside.write(bytes(1 << 20))
    assert place.stat().st_size < 1 << 20
    assert told(str(place))["reasons"] == ["bundle-too-large"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all"])
def test_what_is_no_bundle_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    assert told(str(tmp_path / "x.zip"))["reasons"] == ["bundle-unreadable"]


@pytest.mark.parametrize(
    "name", ["plan.json", "opening.json", "log/checkpoint", "log/entries.jsonl", "result.tsv", "outcomes.json"]
)
@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"\xff\xfe", b"{}", b'{"a":' * 5000])
def test_nonsense_fails_without_a_trace(check: Any, name: str, data: bytes) -> None:
    assert not check(played(NAMES[0]).bundle() | {name: data})["passed"]
