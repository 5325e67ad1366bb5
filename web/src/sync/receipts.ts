/** 回执：服务器签字的清单。本机只删回执上写明的东西，所以这里宁严勿宽。 */
import type { Receipt } from '../facade'
import type { UnitKind } from '../store/schema'
import { fromBase64, hex, sha256, utf8 } from './digest'

export interface ReceiptKey {
  key_id: string
  public_key: string
}

/** `GET /field/checks/<uuid>/receipt` 的回答：原文、签名、钥匙。 */
export interface SignedReceipt {
  receipt: string
  signature: string
  key_id: string
}

interface Held {
  uuid: string
  sha256: string
  arrived_at: string
}

/** 回执的原文（规范 JSON）；只写出这里要看的成员。 */
interface ReceiptText {
  type: string
  check: string
  record_sha256: string | null
  at: string | null
  photos: (Held & { size: number })[]
  parts: Held[]
  replies: Held[]
  signed_by: Held[]
  /** 只有报告的回执才有。 */
  reports?: Held[]
}

const TYPE = 'zhijian/receipt/1'

/** 回执与本机的不符，或签名不对：当作没有回执。 */
export class ReceiptRefused extends Error {
  override readonly name = 'ReceiptRefused'
}

/** 服务器还没有说收到了这一件：过一会儿再问。 */
export class NotYet extends Error {
  override readonly name = 'NotYet'
}

export interface Expected {
  kind: UnitKind
  id: string
  check: string
  sha256: string
  photos: { id: string; sha256: string }[]
}

/**
 * 验一份回执：签名（浏览器没有 Ed25519 时只比摘要，并如此标明）、检查编号、正文摘要、每张照片的摘要。
 *
 * 还缺照片时照样返回，`missing` 里列出；正文还没有列上抛 NotYet；摘要不同、签名不对抛 ReceiptRefused；钥匙还不认识也是 NotYet。
 */
export async function readReceipt(signed: SignedReceipt, keys: ReceiptKey[], expected: Expected): Promise<Receipt> {
  const text = parse(signed.receipt)
  if (text.check !== expected.check) throw new ReceiptRefused('回执说的是另一次检查')
  const proof = await check(signed, keys)
  const digest = digestOf(text, expected)
  if (digest === null) throw new NotYet('回执上还没有这一件')
  if (digest !== expected.sha256) throw new ReceiptRefused('回执上的摘要与本机的不同')
  const named = new Map(text.photos.map((photo) => [photo.uuid, photo.sha256]))
  for (const { id, sha256: own } of expected.photos) {
    if (named.has(id) && named.get(id) !== own) throw new ReceiptRefused('回执上的照片摘要与本机的不同')
  }
  return {
    number: await numberOf(signed.receipt),
    proof,
    server_at: text.at ?? '',
    record_sha256: digest,
    photos: text.photos,
    missing: expected.photos.filter(({ id }) => !named.has(id)).map(({ id }) => id),
    key_id: signed.key_id,
    text: signed.receipt,
    signature: signed.signature,
  }
}

/** 回执上这一件的摘要；没有列上为 null。 */
function digestOf(text: ReceiptText, { kind, id }: Expected): string | null {
  if (kind === 'check') return text.record_sha256
  const rows = { part: text.parts, signature: text.signed_by, question_answer: text.replies, report: text.reports ?? [] }[kind]
  return rows.find(({ uuid }) => uuid === id)?.sha256 ?? null
}

function parse(text: string): ReceiptText {
  try {
    const found = JSON.parse(text) as ReceiptText
    const lists = [found.photos, found.parts, found.replies, found.signed_by]
    if (found.type === TYPE && lists.every(Array.isArray)) return found
  } catch {
    // Falls through to the refusal below.
  }
  throw new ReceiptRefused('回执读不懂')
}

/** 回执号：原文摘要的前 12 位，两边都能算。 */
async function numberOf(text: string): Promise<string> {
  return `R-${hex(await sha256(utf8(text))).slice(0, 12).toUpperCase()}`
}

async function check(signed: SignedReceipt, keys: ReceiptKey[]): Promise<Receipt['proof']> {
  const key = keys.find(({ key_id }) => key_id === signed.key_id)
  // A key that is new since the last package: the next one brings it. Until then there is no receipt.
  if (!key) throw new NotYet('回执的钥匙还不在名单里')
  const imported = await importKey(key)
  if (!imported) return 'digest'
  const right = await crypto.subtle.verify('Ed25519', imported, fromBase64(signed.signature), utf8(signed.receipt))
  if (!right) throw new ReceiptRefused('回执的签名不对')
  return 'signature'
}

/** 公钥；这个浏览器没有 Ed25519 时为 null。 */
async function importKey(key: ReceiptKey): Promise<CryptoKey | null> {
  try {
    return await crypto.subtle.importKey('raw', fromBase64(key.public_key), { name: 'Ed25519' }, false, ['verify'])
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotSupportedError') return null
    throw new ReceiptRefused('公布的钥匙读不懂', { cause: error })
  }
}
