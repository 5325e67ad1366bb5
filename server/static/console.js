// 控制台的表单：照 JSON 指针收拢成接口要的内容，拒绝写在字段旁边，写过的字不丢，不重复提交。
"use strict";

const csrf = document.querySelector("meta[name=csrf]")?.content ?? "";
const told = document.getElementById("told");

const READERS = {
  int: (text) => Number(text),
  numbers: (text) => (text.match(/\d+/g) ?? []).map(Number),
  words: (text) => text.split(/[、，,;；\n]+/).map((word) => word.trim()).filter(Boolean),
  instant: (text) => `${text}:00+08:00`,
  days: (text) => text.split("\n").filter((line) => line.trim()).map(dayOf),
};

// 一行一天：2027-01-01 休 元旦。
function dayOf(line) {
  const [on, works, ...name] = line.trim().split(/\s+/);
  return { on, works: works === "班", name: name.join(" ") };
}

function parsed(text) {
  return text.startsWith("{") ? JSON.parse(text) : text;
}

function put(body, pointer, value) {
  const steps = pointer.slice(1).split("/");
  const last = steps.pop();
  let at = body;
  steps.forEach((step, n) => {
    const following = steps[n + 1] ?? last;
    at[step] ??= /^\d+$/.test(following) ? [] : {};
    at = at[step];
  });
  at[last] = value;
}

// 空着的字段不送；要送空值的写 data-as="null"，要送空表的写 data-as="words"。
function valueOf(field) {
  const as = field.dataset.as ?? "";
  if (field.type === "checkbox") return field.checked;
  if (as === "raw") return field.value;
  const text = field.value.trim();
  if (as === "null") return text === "" ? null : text;
  if (as === "keep") return text;
  if (text === "" && as !== "words") return undefined;
  return READERS[as] ? READERS[as](text) : text;
}

function collect(form) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name?.startsWith("/") || field.matches(":disabled")) continue;
    if (field.type === "radio" && !field.checked) continue;
    if (field.type === "file") continue;
    if (field.dataset.as === "group" || field.dataset.as === "listed") {
      const list = field.name.replace(/\/\d+$/, "");
      body[list.slice(1)] ??= [];
      if (field.checked) body[list.slice(1)].push(parsed(field.value));
      continue;
    }
    const value = valueOf(field);
    if (value !== undefined) put(body, field.name, value);
  }
  return body;
}

function clearFaults(form) {
  form.querySelectorAll(".fault, .problem").forEach((old) => old.remove());
  form.querySelectorAll("[aria-invalid]").forEach((field) => {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  });
}

function fieldAt(form, pointer) {
  const named = [...form.elements].filter((f) => f.name?.startsWith("/") && f.type !== "hidden" && !f.matches(":disabled"));
  const fits = named.filter((f) => pointer === f.name || pointer.startsWith(`${f.name}/`) || f.name.startsWith(`${pointer}/`));
  return pointer ? fits[0] : undefined;
}

function showProblem(form, problem) {
  const box = document.createElement("div");
  box.className = "problem notice is-fault";
  box.setAttribute("role", "alert");
  box.append(problem.detail ?? "没有办成，请稍后重试。");
  const left = [];
  (problem.errors ?? []).forEach((error, n) => {
    const field = fieldAt(form, error.pointer);
    if (!field) {
      left.push(error.reason);
      return;
    }
    const words = document.createElement("span");
    words.className = "fault";
    words.id = `fault-${n}`;
    words.textContent = error.reason;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", words.id);
    (field.closest(".field") ?? field.parentElement).append(words);
  });
  if (left.length) box.append(` ${left.join("；")}`);
  form.append(box);
  (form.querySelector("[aria-invalid]") ?? box).scrollIntoView({ block: "nearest" });
  form.querySelector("[aria-invalid]")?.focus();
}

async function ask(address, method, body) {
  const headers = { Accept: "application/json", "X-CSRF-Token": csrf };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const reply = await fetch(address, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await reply.text();
  let answer = {};
  try {
    answer = text ? JSON.parse(text) : {};
  } catch {
    answer = { detail: "服务器的回答读不懂，请稍后重试。" };
  }
  return { ok: reply.ok, status: reply.status, answer };
}

function goOn(form, answer) {
  const words = answer.message ?? form.dataset.done ?? "";
  if (words) sessionStorage.setItem("told", words);
  const then = (form.dataset.then ?? "").replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(answer[name]));
  if (then) location.assign(then);
  else location.reload();
}

async function send(form) {
  clearFaults(form);
  const buttons = form.querySelectorAll("button");
  buttons.forEach((button) => (button.disabled = true));
  form.setAttribute("aria-busy", "true");
  let left = false;
  try {
    const body = collect(form);
    const method = form.dataset.method;
    const query = method === "DELETE" && Object.keys(body).length;
    const path = query ? `${form.dataset.api}?${new URLSearchParams(flat(body))}` : form.dataset.api;
    const bare = method === "DELETE" || (!Object.keys(body).length && !("body" in form.dataset));
    const { ok, status, answer } = await ask(path, method, bare ? undefined : body);
    if (ok) {
      left = true;
      goOn(form, answer);
    } else if (status === 401 && !("quiet" in form.dataset)) {
      showProblem(form, { detail: "登录已失效。请在另一个窗口登录后再提交，这里写的字不会丢。" });
    } else {
      showProblem(form, answer);
    }
  } catch {
    showProblem(form, { detail: "网络中断，没有送到。恢复后再提交一次。" });
  } finally {
    form.removeAttribute("aria-busy");
    if (!left) buttons.forEach((button) => (button.disabled = false));
  }
}

function flat(body) {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)]));
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-api]");
  if (!form || form.dataset.own) return;
  event.preventDefault();
  send(form);
});

// 二选一的来源：没选的一组停用，不送。
document.addEventListener("change", (event) => {
  const radio = event.target.closest("[data-shows]");
  if (radio) {
    for (const other of radio.form.querySelectorAll("[data-shows]")) {
      const part = document.getElementById(other.dataset.shows);
      part.hidden = part.disabled = !other.checked;
    }
  }
  const narrows = event.target.closest("[data-narrows]");
  if (narrows) narrow(narrows);
});

function narrow(select) {
  const other = select.form.querySelector(`[data-narrowed="${select.dataset.narrows}"]`);
  for (const option of other.options) option.hidden = option.disabled = Boolean(option.dataset.of) && option.dataset.of !== select.value;
  other.value = "";
}
document.querySelectorAll("[data-narrows]").forEach(narrow);

// 等别人：状态一变就刷新，写到一半的表单不动。
for (const watch of document.querySelectorAll("[data-poll]")) {
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const { ok, answer } = await ask(watch.dataset.poll, "GET");
      const same = answer.state === watch.dataset.state && (answer.failure ?? "") === (watch.dataset.failure ?? "");
      if (ok && !same) location.reload();
    } catch {
      // 网络断了就等下一次。
    }
  }, 2000);
}
for (const wait of document.querySelectorAll("[data-due]")) {
  const ms = new Date(wait.dataset.due) - Date.now() + 500;
  if (ms < 2 ** 31 - 1) setTimeout(() => location.reload(), Math.max(ms, 1000));
}

const words = sessionStorage.getItem("told");
if (told && words) {
  sessionStorage.removeItem("told");
  told.textContent = words;
  told.hidden = false;
}
