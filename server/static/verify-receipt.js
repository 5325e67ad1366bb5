/* 验回执：签名、写法、照片摘要，全在这个浏览器里算，什么也不发出去。 */

import { bytes, canonical, hex, hexDigest, sha256, usable } from "./draw-crypto.js";

const TYPE = "zhijian/receipt/1";
const MOST_TEXT = 2_000_000;
const form = document.getElementById("verify");
const told = document.getElementById("told");
const unbase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

function line(state, words) {
  const row = document.createElement("li");
  row.className = state;
  row.textContent = `${{ pass: "相符", fail: "不相符", wait: "未核对" }[state]}　${words}`;
  return row;
}

async function keyOf(id) {
  const reply = await fetch("/api/v1/public/receipt-keys", { cache: "no-store" });
  const found = (await reply.json()).items.find((key) => key.key_id === id);
  if (!found) return null;
  const raw = unbase64(found.public_key);
  return hex(await sha256(raw)).startsWith(id) ? raw : null;
}

/** true, false, or null where this browser has no Ed25519. */
async function signatureHolds(raw, signature, text) {
  let key;
  try {
    key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, bytes(text));
}

async function* checks(given, files) {
  const raw = await keyOf(given.key_id);
  yield line(raw ? "pass" : "fail", raw ? `钥匙 ${given.key_id} 在公布的名单里` : "钥匙不在公布的名单里");
  if (!raw) return;
  const holds = await signatureHolds(raw, unbase64(given.signature), given.receipt);
  if (holds === null) yield line("wait", "这个浏览器不支持 Ed25519，请换用较新的浏览器或下载验证程序");
  else yield line(holds ? "pass" : "fail", holds ? "签名由公布的钥匙所签，一字未改" : "签名不对，或内容被改过");
  if (!holds) return;
  const said = JSON.parse(given.receipt);
  const fits = said.type === TYPE && canonical(said) === given.receipt;
  yield line(fits ? "pass" : "fail", `${said.reports ? "报告" : "检查"} ${said.check}，签发机关 ${said.authority}`);
  if (!fits) return;
  const reports = said.reports || [];
  for (const report of reports) yield line("pass", `报告 ${report.sha256}，${report.arrived_at} 到达`);
  if (said.record_sha256) yield line("pass", `记录 ${said.record_sha256}，${said.arrived_at} 到达`);
  else if (!reports.length) yield line("wait", "记录还没有到");
  yield line(said.missing.length ? "wait" : "pass", `照片已收 ${said.photos.length} 张，还缺 ${said.missing.length} 张`);
  const named = new Map(said.photos.map((photo) => [photo.sha256, photo]));
  for (const file of files) {
    const photo = named.get(await hexDigest(await file.arrayBuffer()));
    yield line(photo ? "pass" : "fail", photo ? `${file.name}：${photo.arrived_at} 到达` : `${file.name}：不在回执上`);
  }
}

async function verify(event) {
  event.preventDefault();
  const list = document.createElement("ul");
  told.replaceChildren(list);
  told.dataset.done = "";
  try {
    if (!usable) throw new Error("浏览器只在 https 或本机地址上提供核对要用的算法");
    if (form.text.value.length > MOST_TEXT) throw new Error("内容太长，不是一份回执");
    const given = JSON.parse(form.text.value);
    for await (const row of checks(given, form.files.files)) list.append(row);
  } catch (error) {
    const words = error instanceof SyntaxError ? "贴上的不是完整的回执" : error.message;
    list.append(line("fail", words));
  }
  told.dataset.done = "yes";
}

form.addEventListener("submit", verify);
