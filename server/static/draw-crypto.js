/* 摘要、签、默克尔树、签名便条：只用浏览器自带的 WebCrypto，和验证程序同一套算法。 */

const subtle = globalThis.crypto?.subtle;
const encoder = new TextEncoder();
const CHUNK = 2048;

/** Whether this page may compute at all: browsers give WebCrypto only to https and to the machine itself. */
export const usable = Boolean(subtle);
export const bytes = (text) => encoder.encode(text);
export const pause = () => new Promise((go) => setTimeout(go));

const PAIRS = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));
export const hex = (data) => Array.from(data, (value) => PAIRS[value]).join("");
export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
}

export const sha256 = async (data) => new Uint8Array(await subtle.digest("SHA-256", data));
export const hexDigest = async (data) => hex(await sha256(data));

async function hmacKey(raw) {
  return subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

export async function hmac(raw, data) {
  return new Uint8Array(await subtle.sign("HMAC", await hmacKey(raw), data));
}

/** A function: labels -> their tickets in hex, in order; `told(done)` after each chunk so that a page can show progress. */
export async function ticketMaker(raw) {
  const key = await hmacKey(raw);
  const one = async (label) => hex(new Uint8Array(await subtle.sign("HMAC", key, bytes(`${label}\u0001`))));
  return async (labels, told = () => {}) => {
    const found = [];
    for (let start = 0; start < labels.length; start += CHUNK) {
      found.push(...(await Promise.all(labels.slice(start, start + CHUNK).map(one))));
      told(found.length);
      await pause();
    }
    return found;
  };
}

/** The one spelling of a JSON value (RFC 8785) for what plans and openings hold: texts, integers, lists, objects. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/* ---------------------------------------------------------------------------------------------- tree (RFC 6962) */

export const leafHash = (entry) => sha256(joined(Uint8Array.of(0), entry));
const nodeHash = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

/** The root over leaf hashes: full subtrees are joined as soon as there are two of one size. */
export async function treeRoot(leaves) {
  if (!leaves.length) return sha256(new Uint8Array());
  const peaks = [];
  for (const leaf of leaves) {
    let made = { size: 1, value: leaf };
    while (peaks.length && peaks.at(-1).size === made.size) {
      made = { size: made.size * 2, value: await nodeHash(peaks.pop().value, made.value) };
    }
    peaks.push(made);
  }
  let root = peaks.pop().value;
  while (peaks.length) root = await nodeHash(peaks.pop().value, root);
  return root;
}

/** Whether `leaf` is number `index` of the tree of `size` leaves with this root (hex); no step missing, none over. */
export async function included(index, size, leaf, path, root) {
  let [place, last, found] = [index, size - 1, unhex(leaf)];
  if (!(index >= 0 && index < size)) return false;
  for (const step of path.map(unhex)) {
    if (last === 0 || step.length !== 32) return false;
    if (place % 2 === 1 || place === last) {
      found = await nodeHash(step, found);
      while (place % 2 === 0 && place !== 0) { place = Math.floor(place / 2); last = Math.floor(last / 2); }
    } else {
      found = await nodeHash(found, step);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && hex(found) === root;
}

/* ---------------------------------------------------------------------------------------------- signed note */

const unbase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

/** {origin, size, root (hex), text, signature, key, name} of a signed checkpoint; throws an Error for a malformed one. */
export async function readCheckpoint(note, verifier) {
  const parted = note.lastIndexOf("\n\n");
  const text = note.slice(0, parted + 1);
  const [origin, size, root] = text.split("\n");
  const [name, told, encoded] = [verifier.split("+", 1)[0], verifier.split("+")[1], verifier.trim().split("+").slice(2).join("+")];
  const key = unbase64(encoded);
  const id = (await sha256(joined(bytes(`${name}\n`), key))).slice(0, 4);
  if (parted < 0 || hex(id) !== told || key[0] !== 1 || key.length !== 33) throw new Error("验证公钥或检查点的写法不对");
  const line = note.slice(parted + 2).split("\n").find((one) => one.startsWith(`— ${name} `));
  const value = line ? unbase64(line.slice(`— ${name} `.length)) : new Uint8Array();
  if (hex(value.slice(0, 4)) !== hex(id)) throw new Error("检查点上没有这把公钥的签名");
  return { origin, size: Number(size), root: hex(unbase64(root)), text, signature: value.slice(4), key: key.slice(1), name };
}

/** true, false, or null where this browser has no Ed25519. */
export async function signatureHolds(point) {
  let key;
  try {
    key = await subtle.importKey("raw", point.key, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
  return subtle.verify({ name: "Ed25519" }, key, point.signature, bytes(point.text));
}
