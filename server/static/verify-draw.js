/* 当场验证：点一下，逐步核对，每一步说相符还是不相符。 */

import { usable } from "./draw-crypto.js";
import { Check, STEPS } from "./draw-checks.js";

const ICONS = { ready: "ring", busy: "clock", pass: "tick", fail: "cross", wait: "ring" };
const WORDS = { ready: "还没有核对", busy: "正在核对", pass: "相符", fail: "不相符", wait: "还不能核对" };
const SVG = "http://www.w3.org/2000/svg";
const place = document.getElementById("verify");

function made(tag, words = "", kind = "") {
  const element = document.createElement(tag);
  element.textContent = words;
  if (kind) element.className = kind;
  return element;
}

function icon() {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(document.createElementNS(SVG, "use"));
  return drawing;
}

/** One line of the list: an icon, what is checked, and what came out. */
class Line {
  constructor(title) {
    this.element = made("li");
    this.icon = icon();
    this.state = made("span", "", "quiet");
    this.words = made("p");
    const told = made("div");
    told.append(made("b", title), " ", this.state, this.words);
    this.element.append(this.icon, told);
    this.show("ready", "");
  }

  show(state, words) {
    this.element.className = state;
    this.icon.firstChild.setAttribute("href", `/static/icons.svg#${ICONS[state]}`);
    this.state.textContent = WORDS[state];
    this.words.textContent = words;
  }
}

async function get(path) {
  const reply = await fetch(`/draws/${encodeURIComponent(place.dataset.code)}/files/${path}`, { cache: "no-store" });
  if (reply.status === 404) return null;
  if (!reply.ok) throw new Error(`取 ${path} 时服务器回答 ${reply.status}`);
  return new Uint8Array(await reply.arrayBuffer());
}

async function outcome(check, name) {
  try {
    return await check[`${name}Step`]();
  } catch (error) {
    return { state: "fail", words: error instanceof Error ? error.message : String(error) };
  }
}

/** Every step in turn; those after a wrong one that they stand on, or before the opening, are left unchecked. */
async function run(lines, verdict) {
  let current;
  const check = new Check({ ...place.dataset, get, told: (words) => current.show("busy", words) });
  const states = {};
  let held = "";
  for (const [name] of STEPS) {
    current = lines.get(name);
    if (held) { current.show("wait", held); states[name] = "wait"; continue; }
    current.show("busy", "");
    const { state, words } = await outcome(check, name);
    current.show(state, words);
    states[name] = state;
    if (state === "fail" && STANDS_ON.has(name)) held = "前面有一步不相符，没有往下算";
    if (state === "wait" && name === "opening") held = "开封之后才能核对";
  }
  judge(states, verdict);
}

const STANDS_ON = new Set(["plan", "list", "log", "opening", "order"]);

function judge(states, verdict) {
  const found = Object.values(states);
  const passed = found.filter((state) => state === "pass").length;
  if (found.includes("fail")) {
    verdict.className = "verdict fail";
    verdict.textContent = "有不相符的地方，见上面标出的步骤。";
  } else if (states.opening === "wait" || passed < found.length) {
    verdict.className = passed === 0 ? "verdict" : "verdict pass";
    verdict.textContent = `现在能核对的 ${passed} 步全部相符，其余的还不能核对。`;
  } else {
    verdict.className = "verdict pass";
    verdict.textContent = `全部 ${passed} 步相符：这次抽签可以重算，结果没有改过。`;
  }
}

function begin() {
  const intro = place.querySelector("p");
  if (!usable) {
    intro.textContent = "浏览器只在加密连接（https）下才肯计算，请换 https 打开，或用下面两种办法。";
    return;
  }
  const button = made("button", "开始验证");
  button.type = "button";
  const list = made("ol", "", "checks");
  const verdict = made("p", "", "verdict");
  verdict.setAttribute("role", "status");
  const lines = new Map(STEPS.map(([name, title]) => [name, new Line(title)]));
  button.addEventListener("click", async () => {
    button.disabled = true;
    list.replaceChildren(...[...lines.values()].map((line) => line.element));
    verdict.className = "verdict";
    verdict.textContent = "正在核对";
    list.before(verdict);
    await run(lines, verdict);
    button.disabled = false;
    button.textContent = "再验证一次";
  });
  place.append(button, list);
}

if (place) begin();
