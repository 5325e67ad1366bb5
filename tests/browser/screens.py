"""手机应用的截图：每个页面照一张，放进 docs/screens/phone/。

Run from the root of the repository: `python tests/browser/screens.py [--out FOLDER] [--only WORD] [--width PX] [--look LOOK] [--check]`.
Needs the packages of `web/` (`npm ci`) and Debian's `chromium` (or its path in ZHIJIAN_CHROMIUM). The screens are the
real ones; the core behind them is the stand-in of web/tests/preview with invented names, so that every state can be
shown. `--check` also demands: no policy violation, nothing wider than the window, no serious finding of axe.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import Browser, Page, expect, sync_playwright

from schemas.checklist_file import load_checklist, load_vocabulary
from server.formats import checklist_files

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types vue sw-url"
)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
]  # fmt: skip
SIZES = {"390": (390, 844), "360": (360, 780)}
MOST_BYTES = 120_000


@dataclass(frozen=True)
class Shot:
    """One picture: file name, address in the app, scenes of the stand-in, what to press before, whether a sheet then opens."""

    name: str
    path: str
    scenes: str = ""
    press: tuple[str, ...] = ()
    show: str = ""
    size: str = "390"
    look: str = ""
    whole: bool = False
    fill: tuple[tuple[str, str], ...] = field(default=())
    sheet: bool = False


SHOTS = [
    Shot("sign-in", "/", "signed-out"),
    Shot("sign-in-unfit", "/", "signed-out,unfit", whole=True),
    Shot("install", "/install"),
    Shot("lock", "/", "locked"),
    Shot("today", "/"),
    Shot("today-notices", "/", "expired,clock,update,question,unprotected,offline"),
    Shot("today-search", "/", fill=(("找任务、对象、记录", "云溪"),)),
    Shot("task", "/tasks/t-1", whole=True),
    Shot("task-report", "/tasks/t-4", press=("无法检查",), sheet=True),
    Shot("checklist", "/units/u-1", "offline", press=("防开裂",)),
    Shot("checklist-360", "/units/u-1", "offline", press=("防开裂",), size="360"),
    Shot("checklist-photos", "/units/u-1", "offline", press=("防渗漏",), show="CQI-01-04"),
    Shot("checklist-laboratory", "/units/u-1", "RMC,blank", press=("原材料质量控制",), show="RMC-02-06"),
    Shot("checklist-search", "/units/u-1", press=("在检查项中找",), fill=(("在检查项中找", "50204"),)),
    Shot("checklist-not-saved", "/units/u-1", "failed,full-disk,lost", press=("防渗漏",)),
    Shot("photo", "/units/u-1", press=("防渗漏", "打开照片 11:06:53"), sheet=True),
    Shot("photo-marks", "/units/u-1", press=("防渗漏", "打开照片 11:06:53", "标注"), sheet=True),
    Shot("sign", "/units/u-1/sign", whole=True),
    Shot("sign-pad", "/units/u-1/sign", "signed", press=("签名",), sheet=True),
    Shot("seal", "/units/u-1/sign", "signed", press=("签字并封存",), sheet=True),
    Shot("notice", "/units/u-1/notice", whole=True),
    Shot("record", "/units/u-1/record", "sealed", whole=True),
    Shot("receipt", "/units/u-2/receipt", "receipted"),
    Shot("queue", "/queue"),
    Shot("queue-blocked", "/queue", "blocked,offline", whole=True),
    Shot("question", "/questions/q-1", "question"),
    Shot("settings", "/settings", whole=True),
    Shot("settings-sign-out", "/settings", press=("退出登录",), sheet=True),
    Shot("checklist-dark", "/units/u-1", "offline", press=("防开裂",), look="dark"),
    Shot("checklist-sun", "/units/u-1", "offline", press=("防开裂",), look="sun"),
    Shot("today-dark", "/", look="dark"),
    Shot("queue-sun", "/queue", look="sun"),
]


class Pages(SimpleHTTPRequestHandler):
    """Files under one folder; an address without a file is the app's shell. The strict policy on everything."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def do_GET(self) -> None:
        if not Path(self.translate_path(self.path)).is_file():
            self.path = "/app/index.html"
        super().do_GET()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def build(folder: Path) -> None:
    """The preview build, the checklists as JSON, and drawn photographs."""
    command = ["npx", "vite", "build", "--config", "tests/preview/preview.config.ts", "--outDir", str(folder / "app")]
    subprocess.run([*command, "--logLevel", "warn"], cwd=WEB, check=True)
    preview = folder / "app" / "preview"
    preview.mkdir()
    write_checklists(preview)
    for number in (1, 2, 3):
        draw_photo(number).save(preview / f"photo-{number}.jpg", quality=82)


def write_checklists(folder: Path) -> None:
    root = ROOT / "checklists"
    words = load_vocabulary(checklist_files.read_vocabulary(root))
    for path in checklist_files.find_checklists(root):
        checklist = load_checklist(checklist_files.read_checklist(path), words).to_dict()
        (folder / f"{checklist['code']}.json").write_text(json.dumps(checklist, ensure_ascii=False))
        if checklist["code"] == "CQI":
            (folder / "LONG.json").write_text(json.dumps(lengthened(checklist), ensure_ascii=False))


def lengthened(checklist: dict[str, Any]) -> dict[str, Any]:
    """The same checklist with its items repeated to two hundred, for speed."""
    sections = []
    for section in checklist["sections"]:
        prefix = section["items"][0]["code"].rpartition("-")[0]
        items = [{**section["items"][n % len(section["items"])], "code": f"{prefix}-{n + 1:02}"} for n in range(50)]
        sections.append({**section, "items": items})
    return {**checklist, "code": "LONG", "sections": sections}


def draw_photo(number: int) -> Image.Image:
    """Concrete with a defect, drawn: grain, a stain or a crack, no photograph of anybody's site."""
    grain = Image.effect_noise((300, 225), 40).convert("L").filter(ImageFilter.GaussianBlur(1.6)).resize((1200, 900))
    base = Image.merge("RGB", [grain.point(lambda v, k=k: int(v * 0.35 + k)) for k in (112, 108, 100)])
    pen = ImageDraw.Draw(base, "RGBA")
    if number == 1:
        pen.ellipse((420, 180, 800, 640), fill=(58, 62, 66, 150))
        pen.ellipse((500, 260, 740, 560), fill=(40, 44, 50, 120))
    elif number == 2:
        crack = [(260, 60), (330, 210), (300, 330), (420, 470), (400, 640), (500, 860)]
        pen.line(crack, fill=(38, 36, 34, 255), width=7, joint="curve")
        pen.rectangle((700, 560, 1080, 760), fill=(236, 233, 224, 255))
        for step in range(8):
            pen.line((730 + step * 42, 600, 730 + step * 42, 720), fill=(20, 20, 20, 255), width=1 + step)
    else:
        for step in range(7):
            pen.rectangle((80 + step * 160, 0, 96 + step * 160, 900), fill=(92, 62, 40, 190))
            pen.rectangle((0, 60 + step * 130, 1200, 72 + step * 130), fill=(82, 56, 38, 190))
    return base.filter(ImageFilter.GaussianBlur(0.8))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def open_page(browser: Browser, base: str, shot: Shot) -> Page:
    width, height = SIZES[shot.size] if shot.size in SIZES else (int(shot.size), 700)
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=2, has_touch=True, is_mobile=True,
        locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce", service_workers="block",
        color_scheme="light",
    )  # fmt: skip
    page = context.new_page()
    if shot.look:
        page.add_init_script(f"localStorage.setItem('zhijian.look', '{shot.look}')")
    page.goto(f"{base}/app{shot.path}?scene={shot.scenes}")
    expect(page.locator("h1")).not_to_have_text("正在打开")
    expect(page.locator("#main")).to_be_visible()
    return page


def prepare(page: Page, shot: Shot) -> None:
    for name in shot.press:
        page.get_by_role("button", name=name).first.click()
    if shot.sheet:
        expect(page.get_by_role("dialog")).to_be_visible()
    for label, text in shot.fill:
        page.get_by_label(label).last.fill(text)
    if shot.name == "sign-pad":
        draw_signature(page)
    if shot.show:
        page.locator(f"#{shot.show}").scroll_into_view_if_needed()
        page.evaluate("code => document.getElementById(code).scrollIntoView({block: 'start'})", shot.show)
    page.evaluate("() => Promise.all([...document.images].map(i => i.decode().catch(() => null)))")


def draw_signature(page: Page) -> None:
    box = page.locator(".pad canvas").bounding_box()
    assert box
    strokes = [
        [(0.2, 0.4), (0.34, 0.35), (0.28, 0.7)],
        [(0.42, 0.3), (0.46, 0.72)],
        [(0.4, 0.5), (0.6, 0.44), (0.74, 0.7)],
    ]
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=8)
        page.mouse.up()


def take(page: Page, shot: Shot, out: Path) -> int:
    path = out / f"{shot.name}.png"
    page.screenshot(path=path, full_page=shot.whole, animations="disabled")
    image = Image.open(path).convert("RGB")
    if image.height > 2400:
        image = image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)
    for colours in (256, 160, 96, 64):
        method = Image.Quantize.MAXCOVERAGE
        image.quantize(colours, method=method, kmeans=1, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            break
    return path.stat().st_size


def complaints(page: Page, shot: Shot) -> list[str]:
    """What is wrong with this screen, in words; [] when nothing is."""
    found = []
    wide, window = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    if wide > window:
        found.append(f"{shot.name}: {wide} px wide in a window of {window}")
    small = page.evaluate(SMALL_TARGETS)
    found += [f"{shot.name}: target {s}" for s in small]
    session = page.context.new_cdp_session(page)
    axe = (WEB / "node_modules" / "axe-core" / "axe.min.js").read_text()
    session.send("Runtime.evaluate", {"expression": axe})
    run = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    answer = session.send(
        "Runtime.evaluate",
        {"expression": f"{run}.then(r => JSON.stringify(r.violations))", "awaitPromise": True, "returnByValue": True},
    )
    for violation in json.loads(answer["result"]["value"]):
        nodes = "; ".join(n["html"][:110] for n in violation["nodes"][:3])
        found.append(f"{shot.name}: axe {violation['impact']} {violation['id']}: {nodes}")
    return found


#: Buttons, links and fields under 44 px in either direction (a label around a field counts for the field).
SMALL_TARGETS = """() => [...document.querySelectorAll('button, a[href], select, input:not([type=file]), summary')]
  .filter(e => e.offsetParent && !e.closest('.sr, .skip') && !e.classList.contains('skip'))
  .map(e => [e, (e.closest('label') || (e.closest('.cell')) || e).getBoundingClientRect()])
  .filter(([e, b]) => b.width && (b.height < 43.5 || b.width < 43.5))
  .map(([e, b]) => `${Math.round(b.width)}x${Math.round(b.height)} ${e.outerHTML.slice(0, 90)}`)"""


def run(browser: Browser, base: str, shots: list[Shot], out: Path, check: bool) -> list[str]:
    faults: list[str] = []
    for shot in shots:
        page = open_page(browser, base, shot)
        told: list[str] = []
        page.on("console", lambda m, told=told: told.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda e, told=told: told.append(str(e)))
        prepare(page, shot)
        size = take(page, shot, out)
        if check:
            faults += complaints(page, shot)
        if size > MOST_BYTES:
            faults.append(f"{shot.name}: {size} bytes")
        faults += [f"{shot.name}: console {t[:200]}" for t in told]
        page.context.close()
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screens" / "phone")
    parser.add_argument("--only", default="")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--width", help="another window, in px: 320, 430 ...")
    parser.add_argument("--look", choices=["light", "dark", "sun"])
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    shots = [s for s in SHOTS if options.only in s.name]
    shots = [replace(s, size=options.width or s.size, look=options.look or s.look) for s in shots]
    binary = os.environ.get("ZHIJIAN_CHROMIUM") or shutil.which("chromium")
    with TemporaryDirectory() as name, sync_playwright() as play:
        build(Path(name))
        browser = play.chromium.launch(executable_path=binary, args=FLAGS)
        with served(Path(name)) as base:
            faults = run(browser, base, shots, options.out, options.check)
        browser.close()
    print("\n".join([*faults, f"{len(shots)} 张截图，{len(faults)} 处不妥。"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
