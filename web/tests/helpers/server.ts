/**
 * 假服务器：把约定的接口真的做出来（续传、信封、先报、心跳、签字的回执、资料包），
 * 再按测试的意思切断、重复、答各种状态。
 */
import { Buffer } from 'node:buffer'
import { canonical, type Json } from '@/sync/canonical'
import { base64, sha256Hex, utf8 } from '@/sync/digest'

export interface Call {
  method: string
  path: string
  query: URLSearchParams
  headers: Headers
  body: Uint8Array
}

/** 一次干扰：先切（一个字节也没到）、后切（办完了回答丢了），或直接给一个回答。 */
export type Fault = 'cut-before' | 'cut-after' | Response | null

interface Upload {
  id: string
  meta: Record<string, string>
  size: number
  bytes: Uint8Array
  done: boolean
}

type Doc = Record<string, unknown>

export class FakeServer {
  readonly calls: Call[] = []
  readonly uploads = new Map<string, Upload>()
  readonly photos = new Map<string, { sha256: string; size: number; check: string }>()
  readonly records = new Map<string, { digest: string; body: Doc }>()
  readonly parts = new Map<string, { check: string; digest: string }>()
  readonly reports = new Map<string, { digest: string; photos: string[] }>()
  /** 老服务器：报告没有回执。 */
  receiptsForReports = true
  readonly beats: Doc[] = []
  readonly announced: Doc[] = []
  readonly checklists = new Map<string, Doc>()
  /** 每个被收下的字节区间：地址、起、止。 */
  readonly ranges: [string, number, number][] = []
  fault: (call: Call) => Fault = () => null
  answer: (id: string) => { status: number; code?: string; problem?: Doc } | null = () => null
  package: Doc = { tasks: [], people: [], questions: [], limits: {}, more: false, next: 'c1', me: null }
  etag = ''
  /** 收下的回答里附回执；不附的，手机自己去取。 */
  receiptInAnswer = true
  now = '2026-11-21T02:00:00.000Z'
  token: string | null = 'token'
  private keys: CryptoKeyPair | null = null
  private publicKey = ''
  private keyId = ''

  async open(): Promise<this> {
    this.keys = (await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])) as CryptoKeyPair
    const raw = await crypto.subtle.exportKey('raw', this.keys.publicKey)
    this.publicKey = base64(raw)
    this.keyId = (await sha256Hex(raw)).slice(0, 16)
    return this
  }

  get receiptKeys(): Doc[] {
    return [{ key_id: this.keyId, public_key: this.publicKey, algorithm: 'Ed25519' }]
  }

  fetch = async (address: string, init: RequestInit): Promise<Response> => {
    const url = new URL(address, 'http://localhost')
    const body = typeof init.body === 'string' ? utf8(init.body) : ((init.body as Uint8Array | null) ?? new Uint8Array())
    const call: Call = { method: init.method ?? 'GET', path: url.pathname, query: url.searchParams, headers: new Headers(init.headers), body }
    this.calls.push(call)
    const fault = this.fault(call)
    if (fault === 'cut-before') throw new TypeError('network')
    if (fault instanceof Response) return fault
    const reply = await this.handle(call)
    if (fault === 'cut-after') throw new TypeError('network')
    return reply
  }

  made(method: string, part: string): Call[] {
    return this.calls.filter((call) => call.method === method && call.path.includes(part))
  }

  private async handle(call: Call): Promise<Response> {
    if (call.path === '/api/v1/field/tokens' && call.method === 'POST') return this.login(call)
    if (this.token === null || call.headers.get('Authorization') !== `Bearer ${this.token}`) return problem(401, 'token-expired')
    const [, , , , room, ...rest] = call.path.split('/')
    const rooms: Record<string, () => Response | Promise<Response>> = {
      uploads: () => this.tus(call, rest[0]),
      photos: () => this.photo(rest[0]),
      sync: () => this.sync(call, rest[0]),
      checks: () => this.receipt(rest[0]),
      checklists: () => this.checklist(rest.join('/')),
      tokens: () => new Response(null, { status: 204 }),
    }
    return rooms[room]?.() ?? problem(404, 'not-found')
  }

  private login(call: Call): Response {
    const { password } = read(call) as { password: string }
    if (password !== 'right') return problem(401, 'login-failed')
    this.token = `token-${this.calls.length}`
    return json({ uuid: 'device-1', token: this.token, expires_at: '2027-01-01T00:00:00Z' }, 201)
  }

  // ---- tus

  private async tus(call: Call, id?: string): Promise<Response> {
    if (call.headers.get('Tus-Resumable') !== '1.0.0') return new Response(null, { status: 412 })
    if (call.method === 'POST') return this.create(call)
    const upload = id ? this.uploads.get(id) : undefined
    if (!upload) return problem(404, 'upload-not-found')
    const offset = String(upload.bytes.length)
    if (call.method === 'HEAD') {
      return new Response(null, { status: 200, headers: { 'Upload-Offset': offset, 'Upload-Length': String(upload.size), 'Cache-Control': 'no-store' } })
    }
    if (call.headers.get('Upload-Offset') !== offset) return problem(409, 'upload-offset-mismatch')
    return this.append(upload, call)
  }

  private create(call: Call): Response {
    const pairs = (call.headers.get('Upload-Metadata') ?? '').split(',').map((pair) => pair.split(' '))
    const meta = Object.fromEntries(pairs.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))
    const known = [...this.uploads.values()].find((one) => one.meta.photo === meta.photo && one.meta.sha256 === meta.sha256)
    const id = known?.id ?? `up-${this.uploads.size + 1}`
    if (!known) this.uploads.set(id, { id, meta, size: Number(call.headers.get('Upload-Length')), bytes: new Uint8Array(), done: false })
    return new Response(null, { status: 201, headers: { Location: `/api/v1/field/uploads/${id}` } })
  }

  private async append(upload: Upload, call: Call): Promise<Response> {
    const [kind, told] = (call.headers.get('Upload-Checksum') ?? '').split(' ')
    const real = Buffer.from(await sha256Hex(call.body as Uint8Array<ArrayBuffer>), 'hex').toString('base64')
    if (kind !== 'sha256' || told !== real) return new Response(null, { status: 460 })
    const from = upload.bytes.length
    const joined = new Uint8Array(from + call.body.length)
    joined.set(upload.bytes)
    joined.set(call.body, from)
    upload.bytes = joined
    if (call.body.length) this.ranges.push([upload.id, from, joined.length])
    if (joined.length === upload.size) {
      const sha256 = await sha256Hex(joined)
      if (sha256 !== upload.meta.sha256) return problem(422, 'digest-mismatch')
      upload.done = true
      this.photos.set(upload.meta.photo, { sha256, size: upload.size, check: upload.meta.check ?? '' })
    }
    return new Response(null, { status: 204, headers: { 'Upload-Offset': String(joined.length) } })
  }

  private photo(id: string): Response {
    const found = this.photos.get(id)
    return found ? json({ uuid: id, ...found }) : problem(404, 'photo-not-found')
  }

  // ---- sync

  private async sync(call: Call, what: string): Promise<Response> {
    if (what === 'package') return this.pack(call)
    const told = read(call)
    if (what === 'heartbeats') {
      this.beats.push(told)
      return json({ now: this.now, complete: [] })
    }
    if (what === 'announcements') {
      const rows = told.announcements as { check: string; record_sha256: string }[]
      this.announced.push(...(rows as unknown as Doc[]))
      const stamps = rows.map(({ check, record_sha256 }) => ({ check, record_sha256, arrived_at: this.now, stamp: 'stamp' }))
      return json({ now: this.now, stamps })
    }
    const envelopes = told.envelopes as { id: string; kind: string; digest: string; body: Doc }[]
    const answers = await Promise.all(envelopes.map((one) => this.envelope(one)))
    return json({ now: this.now, answers })
  }

  private async envelope(one: { id: string; kind: string; digest: string; body: Doc }): Promise<Doc> {
    const told = this.answer(one.id)
    if (told) return { id: one.id, ...told }
    if ((await sha256Hex(utf8(canonical(one.body as Json)))) !== one.digest) return { id: one.id, status: 422, code: 'digest-mismatch' }
    if (one.kind === 'part') this.parts.set(one.id, { check: String(one.body.check), digest: one.digest })
    const known = this.records.get(one.id)
    if (known && known.digest !== one.digest) return { id: one.id, status: 409, code: 'submission-differs', problem: { code: 'submission-differs', detail: '内容不同' } }
    this.records.set(one.id, { digest: one.digest, body: one.body })
    if (one.kind === 'report') this.reports.set(one.id, { digest: one.digest, photos: (one.body.photos as (string | { uuid: string })[]).map((photo) => (typeof photo === 'string' ? photo : photo.uuid)) })
    const check = one.kind === 'part' ? String(one.body.check) : one.id
    if ((one.kind === 'report' && !this.receiptsForReports) || !this.receiptInAnswer) return { id: one.id, status: 200 }
    return { id: one.id, status: 200, receipt: await (await this.receipt(check)).json() }
  }

  private async receipt(check: string): Promise<Response> {
    const record = this.records.get(check)
    const report = this.reports.get(check)
    const photos = [...this.photos].filter(([uuid, photo]) => (report ? report.photos.includes(uuid) : photo.check === check))
    const text = canonical({
      ...(report && { reports: [{ uuid: check, sha256: report.digest, arrived_at: this.now }] }),
      type: 'zhijian/receipt/1',
      check,
      record_sha256: report ? null : (record?.digest ?? null),
      at: this.now,
      photos: photos.map(([uuid, { sha256, size }]) => ({ uuid, sha256, size, arrived_at: this.now })),
      parts: [...this.parts].filter(([, part]) => part.check === check).map(([uuid, { digest }]) => ({ uuid, sha256: digest, arrived_at: this.now })),
      replies: [],
      missing: [],
      signed_by: [],
    })
    const signature = base64(await crypto.subtle.sign('Ed25519', (this.keys as CryptoKeyPair).privateKey, utf8(text)))
    return json({ check, receipt: text, signature, key_id: this.keyId, complete: true })
  }

  private pack(call: Call): Response {
    if (this.etag && call.headers.get('If-None-Match') === this.etag) return new Response(null, { status: 304 })
    const headers: Record<string, string> = this.etag ? { ETag: this.etag } : {}
    return json({ now: this.now, stamp: 'stamp', receipt_keys: this.receiptKeys, checklists: [], ...this.package }, 200, headers)
  }

  private checklist(name: string): Response {
    const found = this.checklists.get(name)
    return found ? json({ content: found }) : problem(404, 'checklist-not-found')
  }
}

function read(call: Call): Doc {
  return JSON.parse(Buffer.from(call.body).toString('utf8')) as Doc
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } })
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return json({ code, detail: `拒绝：${code}`, status }, status, headers)
}


