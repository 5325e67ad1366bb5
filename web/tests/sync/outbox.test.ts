import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '@/store/database'
import { setFacts } from '@/store/packs'
import type { Database, SealedRecord, UnitRecord } from '@/store/schema'
import { httpWith, Later, NeedsSignIn, Offline } from '@/sync/http'
import { Outbox, RETENTION_DAYS } from '@/sync/outbox'
import { PIECE } from '@/sync/tus'
import { fakePhone, type Phone } from '../helpers/device'
import { bytesOf, CHECK, photoOf, putSealed, unitOf } from '../helpers/records'
import { FakeServer, problem } from '../helpers/server'

let database: Database
let server: FakeServer
let outbox: Outbox
let phone: Phone
let sealed: SealedRecord
let n = 0
const PHOTOS = ['p1', 'p2', 'p3']
const SIZE = PIECE + 5000

beforeEach(async () => {
  server = await new FakeServer().open()
  phone = fakePhone(server.fetch)
  database = await openDatabase(`outbox-${n++}`)
  outbox = new Outbox(database, httpWith(() => 'token'), { changed: () => undefined, still: () => undefined })
  await setFacts(database, { receipt_keys: server.receiptKeys as never })
  sealed = await put()
})

afterEach(() => database.close())

async function put(unit: Partial<UnitRecord> = {}, prefix = ''): Promise<SealedRecord> {
  const photos = await Promise.all(
    PHOTOS.map(async (id, seed) => {
      const bytes = bytesOf(SIZE, seed + prefix.length)
      return [await photoOf(prefix + id, bytes, { unit: unit.id ?? CHECK }), bytes] as [Awaited<ReturnType<typeof photoOf>>, ArrayBuffer]
    }),
  )
  const body = { subject: 's', remarks: prefix, photos: photos.map(([{ id, sha256 }]) => ({ uuid: id, item: null, sha256 })) }
  return putSealed(database, unitOf(unit), body, photos)
}

const unit = (id = CHECK) => database.get('units', id) as Promise<UnitRecord>

async function insist(most = 200): Promise<void> {
  for (let round = 0; round < most; round++) {
    try {
      await outbox.deliver()
      if ((await unit()).state === 'receipted') return
    } catch (error) {
      if (!(error instanceof Offline || error instanceof Later)) throw error
    }
  }
  throw new Error(`停在 ${(await unit()).state}`)
}

describe('a sealed check', () => {
  it('goes announced, uploaded, posted, receipted, in that order', async () => {
    await outbox.deliver()
    const order = server.calls.map((call) => `${call.method} ${call.path.replace(/up-\d+/g, '*')}`)
    expect(order[0]).toBe('POST /api/v1/field/sync/announcements')
    expect(order.findIndex((line) => line.includes('uploads'))).toBe(1)
    expect(order.at(-1)).toBe('POST /api/v1/field/sync/envelopes')
    expect(await unit()).toMatchObject({ state: 'receipted', announced_at: server.now, problem: null })
    const receipt = await database.get('receipts', CHECK)
    expect(receipt).toMatchObject({ proof: 'signature', record_sha256: sealed.sha256, missing: [] })
    expect(receipt?.number).toMatch(/^R-[0-9A-F]{12}$/)
    expect(receipt?.photos.map(({ uuid }) => uuid)).toEqual(PHOTOS)
  })

  it('asks for the receipt when the answer brought none', async () => {
    server.receiptInAnswer = false
    await outbox.deliver()
    expect(server.calls.at(-1)?.path).toBe(`/api/v1/field/checks/${CHECK}/receipt`)
    expect((await unit()).state).toBe('receipted')
  })

  it('a photo damaged on the phone is not sent again and again: its check is blocked', async () => {
    await database.put('bytes', bytesOf(SIZE, 99), 'p2')
    await outbox.deliver()
    expect(await unit()).toMatchObject({ state: 'blocked', problem: { code: 'photo-damaged' } })
    expect([...server.photos.keys()]).toEqual(['p1'])
  })

  it('tells the digests before any photo', async () => {
    await outbox.deliver()
    const [told] = server.announced as { record_sha256: string; photos: { uuid: string; size: number }[] }[]
    expect(told.record_sha256).toBe(sealed.sha256)
    expect(told.photos.map(({ uuid, size }) => [uuid, size])).toEqual(PHOTOS.map((id) => [id, SIZE]))
  })

  it('is not posted before every photo is verified', async () => {
    server.fault = (call) => (call.path.includes('up-3') ? 'cut-before' : null)
    await expect(outbox.deliver()).rejects.toBeInstanceOf(Offline)
    expect(server.made('POST', 'envelopes')).toEqual([])
    expect((await unit()).state).toBe('uploading')
    expect((await database.getAll('photos')).map(({ state }) => state)).toEqual(['verified', 'verified', 'sending'])
  })

  it('is sent with its very body and digest', async () => {
    await outbox.deliver()
    expect(server.records.get(CHECK)).toEqual({ digest: sealed.sha256, body: sealed.body })
  })

  it('survives every call being cut before and after the server acted; nothing is sent twice', async () => {
    const seen = new Map<string, number>()
    server.fault = (call) => {
      const key = `${call.method} ${call.path} ${call.headers.get('Upload-Offset') ?? ''}`
      const times = (seen.get(key) ?? 0) + 1
      seen.set(key, times)
      return times === 1 ? 'cut-before' : times === 2 ? 'cut-after' : null
    }
    await insist()
    expect(server.uploads.size).toBe(3)
    expect(server.records.size).toBe(1)
    for (const id of server.uploads.keys()) {
      const ranges = server.ranges.filter(([upload]) => upload === id).map(([, from, to]) => [from, to])
      expect(ranges).toEqual([[0, PIECE], [PIECE, SIZE]])
    }
    expect(await database.get('sealed', CHECK)).toEqual(sealed)
  })

  it.each([408, 423, 429, 500, 502, 503])('%i on the envelope: waits with everything kept', async (status) => {
    server.answer = () => ({ status })
    await expect(outbox.deliver()).rejects.toMatchObject({ name: 'Later', status })
    expect((await unit()).state).toBe('posting')
    server.answer = () => null
    await outbox.deliver()
    expect((await unit()).state).toBe('receipted')
  })

  it('another hash for the same id: blocked for a person, nothing deleted, the rest goes on', async () => {
    await put({ id: 'other', sealed_at: '2026-11-21T01:30:00.000Z' }, 'b')
    server.answer = (id) => (id === CHECK ? { status: 409, code: 'submission-differs', problem: { code: 'submission-differs', detail: '服务器上已有不同的内容' } } : null)
    await outbox.deliver()
    expect(await unit()).toMatchObject({ state: 'blocked', problem: { code: 'submission-differs', detail: '服务器上已有不同的内容' } })
    expect((await unit('other')).state).toBe('receipted')
    expect(await database.count('bytes')).toBe(6)
    server.calls.length = 0
    await outbox.deliver()
    expect(server.calls).toEqual([])
  })

  it.each([400, 404, 413, 422])('%i for one envelope blocks that one alone', async (status) => {
    server.answer = () => ({ status, code: 'refused' })
    await outbox.deliver()
    expect((await unit()).problem?.code).toBe('refused')
  })

  it('401 in the middle: the queue stays as it is', async () => {
    server.fault = (call) => (call.path.includes('up-2') ? problem(401, 'token-expired') : null)
    await expect(outbox.deliver()).rejects.toBeInstanceOf(NeedsSignIn)
    expect((await unit()).state).toBe('uploading')
    expect(await database.count('bytes')).toBe(3)
    server.fault = () => null
    await outbox.deliver()
    expect((await unit()).state).toBe('receipted')
  })

  it('401 inside the envelope is a matter of signing in too', async () => {
    server.answer = () => ({ status: 401 })
    await expect(outbox.deliver()).rejects.toBeInstanceOf(NeedsSignIn)
    expect((await unit()).state).toBe('posting')
  })

  it('photos the receipt does not name are sent again, then it is signed for', async () => {
    let dropped = false
    server.fault = (call) => {
      if (call.path.endsWith('/envelopes') && !dropped) {
        dropped = true
        server.photos.delete('p2')
        server.uploads.delete('up-2')
      }
      return null
    }
    await outbox.deliver()
    expect((await unit()).state).toBe('receipted')
    expect([...server.photos.keys()].sort()).toEqual(PHOTOS)
    expect((await database.getAll('log')).map(({ act }) => act)).toContain('photos-missing')
  })

  it('a photo whose bytes are gone from the phone blocks its check and says so', async () => {
    await database.delete('bytes', 'p2')
    await outbox.deliver()
    expect(await unit()).toMatchObject({ state: 'blocked', problem: { code: 'photo-lost' } })
  })
})

/** 像没有 Ed25519 的浏览器那样。 */
async function withoutEd25519(work: () => Promise<void>): Promise<void> {
  const real = crypto.subtle.importKey.bind(crypto.subtle)
  const lacking = (...given: Parameters<typeof real>) =>
    (given[2] as { name?: string }).name === 'Ed25519' ? Promise.reject(new DOMException('no', 'NotSupportedError')) : real(...given)
  Object.defineProperty(crypto.subtle, 'importKey', { value: lacking, configurable: true })
  try {
    await work()
  } finally {
    delete (crypto.subtle as { importKey?: unknown }).importKey
  }
}

describe('receipts', () => {
  it.each([
    ['another record digest', (text: string) => text.replace(sealed.sha256, 'f'.repeat(64))],
    ['another photo digest', (text: string) => text.replace(/("sha256":")[0-9a-f]{64}/, `$1${'e'.repeat(64)}`)],
    ['another check', (text: string) => text.replace(CHECK, '01900000-0000-7000-8000-00000000ffff')],
  ])('with %s: not signed for, nothing deleted', async (_, forge) => {
    server.receiptInAnswer = false
    const real = server.fetch
    phone = fakePhone(async (address, init) => {
      const reply = await real(address, init)
      if (!address.endsWith('/receipt')) return reply
      const body = (await reply.json()) as { receipt: string }
      return new Response(JSON.stringify({ ...body, receipt: forge(body.receipt) }))
    })
    for (const deliver of [() => outbox.deliver(), () => withoutEd25519(() => outbox.deliver())]) {
      await database.put('units', { ...(await unit()), state: 'posting' })
      await deliver()
      expect(await unit()).toMatchObject({ state: 'blocked', problem: { code: 'receipt-refused' } })
      expect(await database.count('receipts')).toBe(0)
      expect(await database.count('bytes')).toBe(3)
    }
  })

  it('signed by a key nobody published is none; when the key is published later it counts', async () => {
    await setFacts(database, { receipt_keys: [] })
    await expect(outbox.deliver()).rejects.toBeInstanceOf(Later)
    expect((await unit()).state).toBe('posting')
    expect(await database.count('receipts')).toBe(0)
    await setFacts(database, { receipt_keys: server.receiptKeys as never })
    await outbox.deliver()
    expect((await unit()).state).toBe('receipted')
  })

  it('signed by another under the name of a published key is refused', async () => {
    const other = await new FakeServer().open()
    const [key] = server.receiptKeys as { key_id: string }[]
    await setFacts(database, { receipt_keys: [{ ...(other.receiptKeys[0] as object), key_id: key.key_id }] as never })
    await outbox.deliver()
    expect((await unit()).problem?.code).toBe('receipt-refused')
  })

  it('a browser without Ed25519 compares digests and says that it only did that', async () => {
    await withoutEd25519(() => outbox.deliver())
    expect(await unit()).toMatchObject({ state: 'receipted' })
    expect((await database.get('receipts', CHECK))?.proof).toBe('digest')
  })
})

describe('after the receipt', () => {
  const days = (count: number) => count * 86_400_000

  beforeEach(() => outbox.deliver())

  it('originals stay for the retention', async () => {
    phone.clock.time += days(RETENTION_DAYS) - 1000
    expect(await outbox.purge()).toBe(0)
    expect(await database.count('bytes')).toBe(3)
  })

  it('and go when the server still confirms every digest', async () => {
    phone.clock.time += days(RETENTION_DAYS) + 1000
    expect(await outbox.purge()).toBe(3 * SIZE)
    expect((await unit()).state).toBe('purged')
    expect(await database.count('bytes')).toBe(0)
    expect(await database.get('receipts', CHECK)).toBeDefined()
    expect(await outbox.purge()).toBe(0)
  })

  it.each([
    ['has lost a photo', () => server.photos.delete('p1')],
    ['has lost the record', () => server.records.clear()],
    ['knows other bytes', () => server.photos.set('p1', { sha256: 'd'.repeat(64), size: 1, check: CHECK })],
  ])('but not when the server %s', async (_, lose) => {
    lose()
    phone.clock.time += days(30)
    expect(await outbox.purge()).toBe(0)
    expect(await database.count('bytes')).toBe(3)
  })

  it('nor without an answer', async () => {
    server.fault = () => 'cut-before'
    phone.clock.time += days(30)
    await expect(outbox.purge()).rejects.toBeInstanceOf(Offline)
    expect(await database.count('bytes')).toBe(3)
  })
})

describe('other things to hand in', () => {
  it('a report has a receipt that names it and its photos; then its originals may go', async () => {
    const sealed = await put({ id: 'r1', kind: 'report', check: '' }, 'r')
    await outbox.deliver()
    expect((await unit('r1')).state).toBe('receipted')
    expect((await database.get('receipts', 'r1'))?.record_sha256).toBe(sealed.sha256)
    phone.clock.time += 6 * 86_400_000
    expect(await outbox.purge()).toBe(0)
    phone.clock.time += 2 * 86_400_000
    await outbox.purge()
    expect((await database.getAllFromIndex('photos', 'unit', 'r1')).map(({ state }) => state)).toEqual(['purged', 'purged', 'purged'])
  })

  it('a report whose photo the server does not hold is sent again', async () => {
    await put({ id: 'r1', kind: 'report', check: '' }, 'r')
    server.answer = () => {
      server.photos.delete('rp1')
      server.answer = () => null
      return null
    }
    await outbox.deliver()
    expect((await unit('r1')).state).toBe('receipted')
    expect(server.photos.has('rp1')).toBe(true)
  })

  it('a report that an older server took without a receipt is done; its originals stay', async () => {
    server.receiptsForReports = false
    await put({ id: 'r1', kind: 'report', check: '' }, 'r')
    await outbox.deliver()
    expect((await unit('r1')).state).toBe('receipted')
    expect([...server.uploads.values()].filter(({ meta }) => meta.photo.startsWith('rp')).map(({ meta }) => meta.check)).toEqual([undefined, undefined, undefined])
    phone.clock.time += 40 * 86_400_000
    await outbox.purge()
    expect((await database.getAllFromIndex('photos', 'unit', 'r1')).map(({ state }) => state)).toEqual(['verified', 'verified', 'verified'])
  })

  it('a part waits for the receipt that names it', async () => {
    const part = await put({ id: 'part-1', kind: 'part', check: CHECK }, 'q')
    const body = { ...part.body, check: CHECK }
    const fresh = await putSealed(database, unitOf({ id: 'part-1', kind: 'part', check: CHECK }), body, [])
    await outbox.deliver()
    expect(await unit('part-1')).toMatchObject({ state: 'receipted' })
    expect((await database.get('receipts', 'part-1'))?.record_sha256).toBe(fresh.sha256)
  })

  it('a quiet step that is refused is dropped without troubling anybody', async () => {
    await put({ id: 'r2', kind: 'report', check: '', quiet: true }, 'x')
    server.answer = (id) => (id === 'r2' ? { status: 409, code: 'assignment-ended' } : null)
    await outbox.deliver()
    expect((await unit('r2')).state).toBe('voided')
  })
})
