/* 派人的规则：最大任务数 L 最小，达到 L 的人数 r 最少，其中按签逐席最小的那一份名单；回避从不放宽。

   Officers are bits of an integer. A move replaces one officer of an object by another; a path of moves ends where
   somebody has room. Classes of officers with a limit per object carry the rules "lead" and "apart". */

const POOL = -1;
const WORD = 32n;
const LOW = 0xffffffffn;

export function* bits(mask) {
  for (let base = 0; mask; base += 32, mask >>= WORD) {
    let word = Number(mask & LOW);
    while (word) {
      const place = 31 - Math.clz32(word & -word);
      yield base + place;
      word = (word & (word - 1)) >>> 0;
    }
  }
}

export function count(mask) {
  let found = 0;
  for (; mask; mask >>= WORD) {
    for (let word = Number(mask & LOW); word; word = (word & (word - 1)) >>> 0) found += 1;
  }
  return found;
}

const first = (mask) => bits(mask).next().value;
const bit = (place) => 1n << BigInt(place);

/** A roster that may still be incomplete; every change keeps it within recusals, class limits and distinct seats. */
class Flow {
  /** `fixed` officers each object has for good; they are load from the start. */
  constructor({ allowed, fixed, family, limit, seats }) {
    Object.assign(this, { allowed, family, limit });
    this.everyone = bit(family.length) - 1n;
    this.members = [...fixed];
    this.settled = [...fixed];
    this.missing = fixed.map((mask) => seats - count(mask));
    this.need = [...this.missing];
    this.load = family.map((_, officer) => fixed.filter((mask) => mask & bit(officer)).length);
    this.held = family.map(() => new Set());
    this.byLoad = Array.from({ length: Math.max(0, ...this.load) + allowed.length + 4 }, () => 0n);
    this.load.forEach((load, officer) => { this.byLoad[load] |= bit(officer); });
    const classes = [...new Set(family)].filter(Boolean);
    this.closed = fixed.map((_, object) => classes.reduce((sum, one) => (this.full(object, one) ? sum | one : sum), 0n));
  }

  full(object, family) { return count(this.members[object] & family) >= this.limit; }

  move(officer, step) {
    const load = this.load[officer];
    this.byLoad[load] ^= bit(officer);
    this.byLoad[load + step] ^= bit(officer);
    this.load[officer] = load + step;
  }

  join(object, officer) {
    const family = this.family[officer];
    this.members[object] |= bit(officer);
    this.held[officer].add(object);
    if (family && this.full(object, family)) this.closed[object] |= family;
    this.move(officer, 1);
  }

  leave(object, officer) {
    const family = this.family[officer];
    this.members[object] ^= bit(officer);
    this.held[officer].delete(object);
    if (family && !this.full(object, family)) this.closed[object] &= ~family;
    this.move(officer, -1);
  }

  settle(object, officer) {
    this.settled[object] |= bit(officer);
    this.held[officer].delete(object);
  }

  /** Officers under `level`; nobody carries more than level + 1. */
  below(level) { return this.everyone & ~(this.byLoad[level] ?? 0n) & ~(this.byLoad[level + 1] ?? 0n); }

  starts(object) { return this.allowed[object] & ~this.members[object] & ~this.closed[object]; }

  /** Shortest path of moves from an officer in `start` to one in `goal` (null without one), and the officers seen. */
  search(start, goal, dead, edge = 0n, top = 0n) {
    const came = new Map();
    start &= ~dead;
    let seen = dead | start;
    if (start & goal) return [[[first(start & goal), POOL]], seen];
    const queue = [...bits(start)];
    for (let at = 0; at < queue.length; at += 1) {
      for (const [via, reach] of this.steps(queue[at], edge, top)) {
        const fresh = reach & ~seen;
        if (fresh & goal) {
          const end = first(fresh & goal);
          came.set(end, [queue[at], via]);
          return [trace(came, end), seen];
        }
        seen |= fresh;
        for (const one of bits(fresh)) { came.set(one, [queue[at], via]); queue.push(one); }
      }
    }
    return [null, seen];
  }

  * steps(officer, edge, top) {
    for (const object of this.held[officer]) {
      yield [object, this.allowed[object] & ~this.members[object] & (~this.closed[object] | this.family[officer])];
    }
    if (edge & bit(officer)) yield [POOL, top];
  }

  follow(path) {
    for (let at = 0; at + 1 < path.length; at += 1) {
      const [[before], [after, via]] = [path[at], path[at + 1]];
      if (via !== POOL) { this.leave(via, before); this.join(via, after); }
    }
  }

  fill(object, level, dead) {
    while (this.missing[object]) {
      const [path, seen] = this.search(this.starts(object), this.below(level), dead);
      if (!path) return seen;
      this.follow(path);
      this.join(object, path[0][0]);
      this.missing[object] -= 1;
    }
    return dead;
  }

  /** Fill every seat with the smallest maximum load and fewest officers at it; returns that load, null when it cannot be. */
  complete(lowest, most) {
    let level = lowest - 1;
    let short = this.missing.map((_, object) => object).filter((object) => this.missing[object]);
    for (;;) {
      let dead = 0n;
      for (const object of short) dead = this.fill(object, level, dead);
      short = short.filter((object) => this.missing[object]);
      if (!short.length) return Math.max(level, lowest);
      const seats = short.reduce((sum, object) => sum + this.missing[object], 0);
      level += Math.max(1, Math.ceil(seats / Math.max(1, count(dead))) - 1);
      if (level > most) return null;
    }
  }

  /** Put the officer on the object, one unsettled member giving way, if loads can still be kept; else change nothing. */
  take(object, officer, highest, atMax, dead) {
    let loose = this.members[object] & ~this.settled[object];
    if (loose & bit(officer)) return true;
    if (this.closed[object] & bit(officer)) loose &= this.family[officer];
    if (!loose) return false;
    const [edge, full] = [this.byLoad[highest - 1], this.byLoad[highest]];
    const goal = loose | this.below(highest - 1) | (count(full) < atMax ? edge : 0n);
    const [path, seen] = this.search(bit(officer), goal, dead.get(loose) ?? 0n, edge, full);
    if (!path) { dead.set(loose, seen); return false; }
    const end = path.at(-1)[0];
    this.follow(path);
    this.leave(object, loose & bit(end) ? end : first(loose));
    this.join(object, officer);
    return true;
  }
}

function trace(came, end) {
  const path = [];
  let officer = end;
  while (came.has(officer)) {
    const [before, via] = came.get(officer);
    path.push([officer, via]);
    officer = before;
  }
  path.push([officer, POOL]);
  return path.reverse();
}

/** Masks of the limited class of each officer, and the limit, for the plan's rule. */
export function families(officers, seats, { rule, leads, units }) {
  const mask = (chosen) => officers.reduce((sum, officer, place) => (chosen(officer) ? sum | bit(place) : sum), 0n);
  if (rule === "lead") {
    const others = mask((officer) => !leads.has(officer));
    return { family: officers.map((officer) => (leads.has(officer) ? 0n : others)), limit: seats - 1 };
  }
  if (rule === "apart") {
    return { family: officers.map((officer) => (units.has(officer) ? mask((other) => units.get(other) === units.get(officer)) : 0n)), limit: 1 };
  }
  return { family: officers.map(() => 0n), limit: 1 };
}

/** The one roster that the definition names: {roster: object -> officers, highest: L, atMax: r}; null when there is none.

    Objects in `locked` keep these officers; fewer than `seats` keep those seats and only the rest is drawn.
    `ordered(object, officers)` resolves to these officers by ticket; `told(done)` after each object. */
export async function pair({ objects, officers, seats, barred, rules, ordered, told, locked = new Map() }) {
  if (!objects.length) return { roster: new Map(), highest: 0, atMax: 0 };
  const names = [...officers].sort();
  const place = new Map(names.map((name, at) => [name, at]));
  const everyone = bit(names.length) - 1n;
  const allowed = objects.map((object) => {
    let mask = everyone;
    for (const officer of barred.get(object) ?? []) if (place.has(officer)) mask &= ~bit(place.get(officer));
    return mask;
  });
  const kept = (object) => locked.get(object) ?? [];
  const fixed = objects.map((object) => kept(object).reduce((mask, officer) => mask | bit(place.get(officer)), 0n));
  const flow = new Flow({ allowed, fixed, seats, ...families(names, seats, rules) });
  const before = Math.max(0, ...flow.load);
  const lowest = Math.max(before, Math.ceil((objects.length * seats) / names.length));
  const highest = names.length ? flow.complete(lowest, before + objects.length) : null;
  if (highest === null) return null;
  const atMax = count(flow.byLoad[highest]);
  const roster = new Map();
  for (const [number, object] of objects.entries()) {
    const more = flow.need[number] ? await seat(flow, number, object, { names, place, highest, atMax, ordered }) : [];
    roster.set(object, [...kept(object), ...more]);
    told(number + 1);
  }
  return { roster, highest, atMax };
}

async function seat(flow, number, object, { names, place, highest, atMax, ordered }) {
  let spent = 0n;
  for (const officer of bits(flow.byLoad[highest])) if (!flow.held[officer].size) spent |= bit(officer);
  const free = flow.allowed[number] & ~flow.settled[number] & ~spent;
  const order = await ordered(object, [...bits(free)].map((officer) => names[officer]));
  const [crew, dead] = [[], new Map()];
  for (const name of order) {
    if (crew.length === flow.need[number]) break;
    if (flow.take(number, place.get(name), highest, atMax, dead)) {
      flow.settle(number, place.get(name));
      dead.clear();
      crew.push(name);
    }
  }
  return crew;
}
