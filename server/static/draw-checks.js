/* 逐步核对一次抽签：文件、日志、各次结局，开封之后再从头抽一遍、派一遍。

   Every step answers {state, words}: pass, fail, wait (not open yet, or not there) and never more than it has computed. */

import { bytes, canonical, hexDigest, hex, hmac, included, joined, leafHash, pause, readCheckpoint, signatureHolds, ticketMaker, treeRoot, unhex, sha256 } from "./draw-crypto.js";
import { count, families, pair } from "./draw-pairing.js";

const pass = (words) => ({ state: "pass", words });
const wait = (words) => ({ state: "wait", words });
const fail = (words) => ({ state: "fail", words });
const LISTS = ["objects", "officers", "recusals", "excluded", "leads", "units", "skills", "needs"];
const BALLS = 20;
const SEEN = "如果刚刚发生，等下一个检查点（约一分钟）再试";
const decoder = new TextDecoder("utf-8", { fatal: true });
const rows = (data) => decoder.decode(data).split("\n").slice(0, -1).map((line) => line.split("\t"));
const moment = (at) => new Date(at).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai", dateStyle: "long", timeStyle: "short" });
const number = (value) => value.toLocaleString("zh-CN");

/** What is known so far; `get(path)` resolves to the bytes of a file of the bundle, null when there is none (yet). */
export class Check {
  constructor({ code, plan, get, told }) {
    Object.assign(this, { code, promised: plan, get, told, lists: {} });
  }

  async need(path) {
    const data = await this.get(path);
    if (!data) throw new Error(`取不到 ${path}`);
    return data;
  }

  async list(name) { return rows(this.lists[name] ?? new Uint8Array()); }

  logged(type) { return this.log.filter((entry) => entry.draw === this.code && entry.type === type); }

  /* -------------------------------------------------------------------------------------- before the opening */

  async planStep() {
    const data = await this.need("plan.json");
    this.digest = await hexDigest(data);
    this.plan = JSON.parse(decoder.decode(data));
    if (this.digest !== this.promised) return fail("计划文件的校验值与网页上的不同");
    if (canonical(this.plan) !== decoder.decode(data)) return fail("计划不是规范写法");
    if (this.plan.spec !== "draw/1" || this.plan.draw_id !== this.code) return fail("这份计划不是这次抽签的");
    return pass(`计划的 SHA-256 是 ${this.digest.slice(0, 8)}…${this.digest.slice(-4)}`);
  }

  async listStep() {
    for (const name of LISTS.filter((one) => this.plan[`${one}_sha256`])) {
      const data = await this.need(`${name}.tsv`);
      if ((await hexDigest(data)) !== this.plan[`${name}_sha256`]) return fail(`${name}.tsv 与计划里的校验值不符，名单被改过`);
      this.lists[name] = data;
      await pause();
    }
    const objects = await this.list("objects");
    const known = new Set(this.plan.strata.map((stratum) => stratum.id));
    if (new Set(objects.map((row) => row[1])).size !== objects.length) return fail("对象名单里有重复");
    for (const [stratum, name, balls] of objects) {
      if (!known.has(stratum) || !/^[1-9]\d?$/.test(balls) || Number(balls) > BALLS) return fail(`对象 ${name} 的层或球数不对`);
    }
    return pass(`${Object.keys(this.lists).length} 份名单都与计划一致，共 ${number(objects.length)} 个对象`);
  }

  async logStep() {
    const held = await this.logFiles();
    this.log = held ? held.texts.map((text) => JSON.parse(text)) : [];
    if (!held) return wait("公开日志还没有检查点，约一分钟后再试");
    const { texts, point, proof } = held;
    const leaves = [];
    for (let start = 0; start < texts.length; start += 2048) {
      leaves.push(...(await Promise.all(texts.slice(start, start + 2048).map((text) => leafHash(bytes(text))))));
      this.told(`日志 ${number(leaves.length)} / ${number(texts.length)} 条`);
      await pause();
    }
    if (point.size !== texts.length || hex(await treeRoot(leaves)) !== point.root) return fail("日志全文与检查点的根不符");
    const wrong = await this.proofs(proof, leaves, point);
    if (wrong) return fail(wrong);
    const signed = await signatureHolds(point);
    if (signed === false) return fail("检查点的签名不对");
    const how = signed ? "检查点的签名相符" : "这个浏览器不会验 Ed25519 签名，签名请用验证程序核对";
    return pass(`${number(texts.length)} 条日志重算出同样的根；${how}`);
  }

  /** The log's files of one checkpoint: taken again when a new one was signed between two of them. */
  async logFiles() {
    for (let turn = 1; ; turn += 1) {
      const found = await Promise.all(["checkpoint", "key", "entries.jsonl", "proof.json"].map((name) => this.get(`log/${name}`)));
      if (found.some((data) => !data)) return null;
      const [note, key, lines, proof] = found.map((data) => decoder.decode(data));
      const held = { texts: lines.split("\n").slice(0, -1), point: await readCheckpoint(note, key), proof: JSON.parse(proof) };
      if (turn === 3 || (held.point.size === held.texts.length && held.proof.size === held.point.size)) return held;
    }
  }

  async proofs(told, leaves, point) {
    if (told.size !== point.size || told.root !== point.root) return "在列证明不是这个检查点的";
    const own = this.log.flatMap((entry, index) => (entry.draw === this.code ? [index] : []));
    if (canonical(own) !== canonical(told.proofs.map((proof) => proof.index))) return "在列证明少了或多了条目";
    for (const proof of told.proofs) {
      const holds = proof.leaf === hex(leaves[proof.index]) && (await included(proof.index, told.size, proof.leaf, proof.path, told.root));
      if (!holds) return `第 ${proof.index} 条的在列证明不成立`;
    }
    return "";
  }

  async announcedStep() {
    const found = this.logged("draw.announced");
    if (!found.length) return this.log.length ? fail(`公开日志里没有这次公告；${SEEN}`) : wait("公开日志还没有检查点");
    if (found.length > 1 || found[0].digest !== this.digest) return fail("日志里公告的是另一份计划");
    const due = this.plan.entropy?.at;
    if (due && found[0].at >= due) return fail("计划是在数字出来之后才公告的");
    return pass(due ? `${moment(found[0].at)}记入日志，早于出数字的 ${moment(due)}` : `${moment(found[0].at)}记入日志`);
  }

  async outcomesStep() {
    const told = JSON.parse(decoder.decode(await this.need("outcomes.json")));
    const outcome = new Map(told.draws.map((draw) => [draw.draw_id, draw]));
    const agency = this.plan.agency_code;
    if (agency !== undefined && told.agency_code !== agency) return fail("结局表不是这个机关的");
    const entries = this.log.filter((entry) => entry.agency === told.agency_code);
    for (const entry of entries) {
      const claimed = outcome.get(entry.draw);
      if (!claimed) return fail(`日志里的抽签 ${entry.draw} 没有列出结局`);
      if (entry.type === "draw.void" && (claimed.outcome !== "void" || claimed.reason !== entry.reason)) return fail(`抽签 ${entry.draw} 在日志里已经作废，网站没有照说`);
      if (entry.type === "draw.opened" && !["opened", "void"].includes(claimed.outcome)) return fail(`抽签 ${entry.draw} 在日志里已经开封，网站没有照说`);
    }
    const voids = told.draws.filter((draw) => draw.outcome === "void").length;
    if (voids !== told.voids) return fail(`列出的作废有 ${voids} 次，网站只说 ${told.voids} 次`);
    return pass(`本机关公告过 ${told.draws.length} 次，作废 ${voids} 次，一次不少`);
  }

  /* -------------------------------------------------------------------------------------- after the opening */

  async openingStep() {
    const data = await this.get("opening.json");
    if (!data && this.logged("draw.opened").length) return fail("日志里已经开封，网站却不给开封书");
    if (!data) return wait("还没有开封，结果不公开；开封之后再来核对下面几步");
    this.opening = JSON.parse(decoder.decode(data));
    const digest = await hexDigest(data);
    if (!this.logged("draw.opened").some((entry) => entry.digest === digest)) return fail(`开封书与公开日志不符；${SEEN}`);
    const round = this.plan.round ?? 1;
    if (this.opening.draw_id !== this.code || this.opening.round !== round) return fail("开封书不是这次抽签这一轮的");
    let code = unhex(this.opening.one_time_code);
    for (let step = 0; step < round; step += 1) code = await sha256(code);
    if (hex(code) !== this.plan.commitment) return fail("一次性码走不到计划承诺的那一环，不是这一轮的码");
    const voided = this.logged("draw.void");
    const reason = this.opening.void?.reason;
    if (voided.length !== (reason ? 1 : 0)) return fail("开封书和公开日志对是否作废说得不一样");
    if (reason && voided[0].digest !== (await hexDigest(bytes(canonical({ draw: this.code, reason }))))) return fail("作废的理由与记入日志的不同");
    return pass(`一次性码连算 ${round} 次摘要，正是计划里的承诺`);
  }

  async numbersStep() {
    const text = this.opening.entropy;
    if (!text) return wait("作废时还没有数字");
    const found = this.logged("draw.numbers");
    const digest = await hexDigest(bytes(text));
    if (found.length !== 1 || found[0].digest !== digest) return fail("数字与当时记入日志的不同");
    const groups = text.split("/").slice(0, -1).map((group) => group.replace(/\.$/, "").split(".").map(Number));
    if (groups.map((group) => `${[...group].sort((a, b) => a - b).join(".")}./`).join("") !== text) return fail("数字的写法不对");
    const wanted = this.plan.entropy;
    if (wanted) {
      const fits = groups.length === wanted.groups.length && groups.every((group, place) => fitting(group, wanted.groups[place]));
      if (!fits) return fail("数字不合计划约定的规格");
      if (found[0].at < wanted.at) return fail("数字早于约定的时间");
    }
    return pass(`${text}，与 ${moment(found[0].at)}记入日志的相同；请再与官方公告对一遍`);
  }

  async orderStep() {
    if (!this.opening.entropy) return wait("作废时还没有抽");
    const result = await this.get("result.tsv");
    if (!result) return wait("作废时还没有抽出结果");
    this.key = await hmac(unhex(this.opening.one_time_code), bytes(`draw/1/${this.digest}/${this.opening.entropy}`));
    this.tickets = await ticketMaker(this.key);
    const strata = await this.ordered();
    const [drawn, reserve] = [[], []];
    for (const { id, take } of this.plan.strata) {
      (strata.get(id) ?? []).forEach(([ticket, name], place) => (place < take ? drawn : reserve).push([id, String(place + 1), name, ticket]));
    }
    drawn.sort((a, b) => (a[3] < b[3] ? -1 : 1));
    [this.result, this.reserve] = [rows(result), rows(await this.need("reserve.tsv"))];
    const place = drawn.findIndex((row, at) => row.join("\t") !== (this.result[at] ?? []).slice(0, 4).join("\t"));
    if (place >= 0) return fail(`重抽的第 ${place + 1} 个是 ${drawn[place][2]}，结果里写的是 ${this.result[place]?.[2] ?? "空的"}`);
    if (this.result.length !== drawn.length) return fail("结果里多了对象");
    if (canonical(reserve) !== canonical(this.reserve)) return fail("候补的次序与重算的不同");
    return pass(`抽中 ${number(drawn.length)} 个、候补 ${number(reserve.length)} 个，与重抽的完全相同`);
  }

  async ordered() {
    const objects = await this.list("objects");
    const labels = objects.flatMap(([stratum, name, balls]) => Array.from({ length: Number(balls) }, (_, ball) => `O|${stratum}|${name}|${ball + 1}`));
    const tickets = await this.tickets(labels, (done) => this.told(`算签 ${number(done)} / ${number(labels.length)}`));
    const strata = new Map();
    let at = 0;
    for (const [stratum, name, balls] of objects) {
      const own = tickets.slice(at, at + Number(balls));
      at += Number(balls);
      if (!strata.has(stratum)) strata.set(stratum, []);
      strata.get(stratum).push([own.reduce((least, one) => (one < least ? one : least)), name]);
    }
    for (const list of strata.values()) list.sort((a, b) => (a[0] < b[0] ? -1 : 1));
    return strata;
  }

  async sealStep() {
    if (!this.result) return wait("作废时还没有封存");
    const digest = await hexDigest(await this.need("result.tsv"));
    const found = this.logged("draw.sealed");
    if (digest !== this.opening.result_sha256) return fail("结果文件与开封书里的校验值不符");
    if (found.length !== 1 || found[0].digest !== digest) return fail("结果与当时封存的不同");
    return pass(`${moment(found[0].at)}封存的就是这份结果，此后没有改过`);
  }

  async pairingStep() {
    if (!this.result) return wait("作废时还没有派人");
    const objects = this.result.map((row) => row[2]);
    const people = await this.people();
    const barred = await this.barred(objects, people.officers);
    const wrong = brokenRule(this.result, barred, people);
    if (wrong) return fail(wrong);
    const told = (done) => this.told(`派人 ${number(done)} / ${number(objects.length)}`);
    const made = await pair({ ...people, objects, barred, told });
    if (!made) return fail("按规则派不齐，结果却派了");
    const other = this.result.find((row) => made.roster.get(row[2]).join("\t") !== row.slice(4).join("\t"));
    if (other) return fail(`${other[2]} 应派 ${made.roster.get(other[2]).join("、")}，结果里派的是 ${other.slice(4).join("、")}`);
    return pass(`没有一个应当回避的人；每人最多 ${made.highest} 个对象，${made.atMax} 人达到，与重派的完全相同`);
  }

  /** Officers, seats, the plan's rule, and officers of an object in the order of their tickets. */
  async people() {
    const rules = {
      rule: this.plan.rule ?? "any",
      leads: new Set((await this.list("leads")).map((row) => row[0])),
      units: new Map(await this.list("units")),
    };
    const ordered = async (object, names) => {
      const tickets = await this.tickets(names.map((name) => `A|${object}|${name}`));
      return names.map((name, at) => [tickets[at], name]).sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, name]) => name);
    };
    return { officers: (await this.list("officers")).map((row) => row[0]), seats: this.plan.seats, rules, ordered };
  }

  /** object -> officers who may not go: recused, or without a skill the object needs. */
  async barred(objects, officers) {
    const wanted = new Set(objects);
    const found = new Map(objects.map((object) => [object, new Set()]));
    for (const [object, officer] of await this.list("recusals")) found.get(object)?.add(officer);
    const skilled = new Set((await this.list("skills")).map(([officer, skill]) => `${officer}\t${skill}`));
    for (const [object, skill] of await this.list("needs")) {
      if (wanted.has(object)) officers.filter((officer) => !skilled.has(`${officer}\t${skill}`)).forEach((officer) => found.get(object).add(officer));
    }
    return found;
  }

  async changesStep() {
    const changes = this.opening.changes ?? [];
    const logged = this.logged("draw.changed").map((entry) => entry.digest);
    if (changes.length !== logged.length) return fail(`日志里替换过 ${logged.length} 次，开封书只说了 ${changes.length} 次`);
    const reasons = new Set((this.plan.reasons ?? []).map((reason) => reason.code));
    const [used, gone, people] = [new Set(), [], await this.people()];
    const crews = new Map((this.result ?? []).map((row) => [row[2], row.slice(4)]));
    for (const [place, { salt, ...told }] of changes.entries()) {
      const digest = await hexDigest(joined(bytes(`${salt}\n`), bytes(canonical(told))));
      if (digest !== logged[place]) return fail(`第 ${told.n} 次替换与当时记入日志的不同`);
      if (!reasons.has(told.reason)) return fail(`第 ${told.n} 次替换的理由不在计划里`);
      if (!crews.has(told.body.object)) return fail(`第 ${told.n} 次替换的对象不在结果里`);
      const turn = told.kind === "subject-replaced" ? this.outOfTurn(told.body, used) : "";
      const wrong = turn || (await this.otherCrew(told, crews, gone, people));
      if (wrong) return fail(wrong);
    }
    return pass(changes.length ? `${changes.length} 次替换都有计划里的理由，对象换成下一个候补，人按同样的规则派` : "抽签之后没有替换");
  }

  /** Seat the one changed object again with every other seat kept, and compare; `crews` and `gone` move on. */
  async otherCrew({ n, kind, body }, crews, gone, people) {
    const subject = kind === "subject-replaced";
    const place = subject ? body.by : body.object;
    const kept = subject ? [] : crews.get(place).filter((one) => one !== body.officer);
    crews.delete(body.object);
    if (!subject) gone.push([place, body.officer]);
    const objects = [...crews.keys(), place];
    const barred = await this.barred(objects, people.officers);
    for (const [object, officer] of gone) barred.get(object)?.add(officer);
    const locked = new Map([...crews, [place, kept]]);
    const made = await pair({ ...people, objects, barred, locked, told: () => {} });
    const told = subject ? body.officers : [...kept, body.by];
    crews.set(place, told);
    if (made && made.roster.get(place).join("\t") === told.join("\t")) return "";
    return `第 ${n} 次替换后 ${place} 应派 ${made ? made.roster.get(place).join("、") : "不出人"}，开封书里是 ${told.join("、")}`;
  }

  outOfTurn({ object, by }, used) {
    const stratum = [...this.result, ...this.reserve].find((row) => row[2] === object)?.[0];
    const next = this.reserve.find((row) => row[0] === stratum && !used.has(row[2]))?.[2];
    used.add(by);
    return next === by ? "" : `${object} 应换成候补 ${next}，换成的却是 ${by}`;
  }
}

function fitting(group, { count: many, low, high, distinct }) {
  const inside = group.every((one) => Number.isInteger(one) && one >= low && one <= high);
  return group.length === many && inside && (distinct !== 1 || new Set(group).size === many);
}

function brokenRule(result, barred, { officers, seats, rules }) {
  const known = [...officers].sort();
  const place = new Map(known.map((name, at) => [name, BigInt(at)]));
  const { family, limit } = families(known, seats, rules);
  for (const [, , object, , ...crew] of result) {
    if (crew.length !== seats || new Set(crew).size !== seats || crew.some((one) => !place.has(one))) return `${object} 派的人数或人员不对`;
    const kept = crew.find((one) => barred.get(object).has(one));
    if (kept) return `${object} 派了应当回避或缺少专业的 ${kept}`;
    const members = crew.reduce((sum, one) => sum | (1n << place.get(one)), 0n);
    if (new Set(family).size && [...new Set(family)].some((one) => count(members & one) > limit)) return `${object} 的人员不合组队规则`;
  }
  return "";
}

export const STEPS = [
  ["plan", "计划没有换过"],
  ["list", "名单就是当时冻结的"],
  ["log", "公开日志完整，只添不改"],
  ["announced", "计划公告在数字之前"],
  ["outcomes", "每次抽签都有结局，作废一次不瞒"],
  ["opening", "一次性码就是先前承诺的"],
  ["numbers", "数字就是当时记下的"],
  ["order", "从头再抽一遍"],
  ["seal", "结果就是当时封存的"],
  ["pairing", "从头再派一遍人"],
  ["changes", "替换都有理由，按候补次序"],
];
