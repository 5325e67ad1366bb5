import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '@/store/database'
import { fact } from '@/store/packs'
import type { Database } from '@/store/schema'
import { digestOf } from '@/sync/digest'
import { beat } from '@/sync/heartbeat'
import { httpWith, Later, Offline, type Http } from '@/sync/http'
import { pull, skewOf } from '@/sync/pull'
import { fakePhone, type Phone } from '../helpers/device'
import { bytesOf, checklistOf, itemOf, photoOf, putSealed, taskOf, unitOf } from '../helpers/records'
import { FakeServer } from '../helpers/server'

let database: Database
let server: FakeServer
let http: Http
let phone: Phone
let digest: string
let n = 0
const content = checklistOf([itemOf('RMC-01-01')])

beforeEach(async () => {
  server = await new FakeServer().open()
  phone = fakePhone(server.fetch)
  database = await openDatabase(`pull-${n++}`)
  http = httpWith(() => 'token')
  digest = await digestOf(content)
  server.checklists.set('RMC/2025.1', content as never)
  server.package = { ...server.package, tasks: [taskOf(digest)], me: { user: 'u', officer: 'o', name: '张工', certificate: 'A1' }, limits: { max_photo_bytes: 9 } }
})

afterEach(() => database.close())

describe('the package', () => {
  it('brings tasks, their checklists, people, limits and the keys of receipts', async () => {
    const { me } = await pull(database, http)
    expect(me).toMatchObject({ name: '张工', officer: 'o' })
    expect(await database.getAll('tasks')).toMatchObject([{ gone: false, title: '主体结构专项' }])
    expect((await database.get('checklists', ['RMC', '2025.1']))?.content).toEqual(content)
    expect(await fact(database, 'receipt_keys')).toEqual(server.receiptKeys)
    expect(await fact(database, 'limits')).toEqual({ max_photo_bytes: 9 })
    expect(await fact(database, 'cursor')).toBe('c1')
  })

  it('goes on from its cursor, page by page', async () => {
    const pages = [
      { more: true, next: 'c1', tasks: [taskOf(digest)] },
      { more: false, next: 'c2', tasks: [taskOf(digest, { uuid: '01900000-0000-7000-8000-0000000000b2' })] },
    ]
    server.fault = (call) => {
      if (call.path.endsWith('/package')) Object.assign(server.package, pages[call.query.get('after') === 'c1' ? 1 : 0])
      return null
    }
    await pull(database, http)
    expect(server.made('GET', 'package').map((call) => call.query.get('after'))).toEqual([null, 'c1'])
    expect(await database.count('tasks')).toBe(2)
  })

  it('cut between two pages: what came stays, the next pull goes on', async () => {
    Object.assign(server.package, { more: true })
    server.fault = (call) => (call.query.get('after') === 'c1' ? 'cut-before' : null)
    await expect(pull(database, http)).rejects.toBeInstanceOf(Offline)
    expect(await database.count('tasks')).toBe(1)
    server.fault = () => null
    Object.assign(server.package, { more: false, next: 'c2', tasks: [] })
    await pull(database, http)
    expect(server.made('GET', 'package').at(-1)?.query.get('after')).toBe('c1')
  })

  it('says what it has, and an unchanged answer costs nothing', async () => {
    server.etag = '"e1"'
    await pull(database, http)
    await pull(database, http)
    await pull(database, http)
    expect(server.made('GET', 'package').map((call) => call.headers.get('If-None-Match'))).toEqual([null, '"e1"', '"e1"'])
    expect(server.made('GET', 'checklists').length).toBe(1)
    expect(await database.count('tasks')).toBe(1)
  })

  it('a task that is no longer open, or no longer listed, is marked and never deleted', async () => {
    await pull(database, http)
    Object.assign(server.package, { tasks: [], open: [] })
    await pull(database, http)
    expect(await database.getAll('tasks')).toMatchObject([{ gone: true }])
    Object.assign(server.package, { tasks: [taskOf(digest)], open: [{ uuid: taskOf(digest).uuid }] })
    await pull(database, http)
    expect(await database.getAll('tasks')).toMatchObject([{ gone: false }])
    Object.assign(server.package, { tasks: [taskOf(digest, { state: 'void' })], open: undefined })
    await pull(database, http)
    expect(await database.getAll('tasks')).toMatchObject([{ gone: true, state: 'void' }])
  })

  it('questions are replaced by those that stand now; mine that is on its way stays answered', async () => {
    const asked = { check: 'c', title: 't', item: 'RMC-01-01', requirement: '', sides: [], asked_at: '2026-11-21T00:00:00Z', answered: false }
    Object.assign(server.package, { questions: [{ ...asked, id: 'q1' }, { ...asked, id: 'q2' }] })
    await pull(database, http)
    await database.put('questions', { ...asked, id: 'q1', answered: true } as never)
    Object.assign(server.package, { questions: [{ ...asked, id: 'q1' }, { ...asked, id: 'q3' }] })
    await pull(database, http)
    expect((await database.getAll('questions')).map(({ id, answered }) => [id, answered])).toEqual([['q1', true], ['q3', false]])
  })

  it('a checklist that is not the one its digest names is not kept', async () => {
    server.checklists.set('RMC/2025.1', { ...content, title: '另一份' } as never)
    await expect(pull(database, http)).rejects.toBeInstanceOf(Later)
    expect(await database.count('checklists')).toBe(0)
  })

  it('measures the clock against the server, in the middle of the way', async () => {
    expect(skewOf(1000, 3000, '1970-01-01T00:00:01Z')).toBe(1)
    phone.clock.time = Date.parse(server.now) + 86_400_000
    await pull(database, http)
    expect(await fact(database, 'skew_s')).toBe(86_400)
  })
})

describe('the heartbeat', () => {
  it('says what is still on the phone and nothing of what is done', async () => {
    const bytes = bytesOf(500, 1)
    await database.put('units', unitOf({ id: 'draft' }))
    await putSealed(database, unitOf({ id: 'sealed' }), {}, [[await photoOf('p1', bytes, { unit: 'sealed' }), bytes]])
    await database.put('units', unitOf({ id: 'done', state: 'receipted' }))
    await database.put('units', unitOf({ id: 'stuck', state: 'blocked', sealed_at: '2026-11-01T00:00:00.000Z' }))
    await beat(database, http, '1.2.3')
    expect(server.beats).toEqual([
      {
        at: '2026-11-21T02:00:00.000Z',
        ...{ drafts: 1, sealed: 2, photos: 1, bytes: 500, oldest_at: '2026-11-01T00:00:00.000Z' },
        ...{ checks: ['sealed', 'stuck'], battery: 80, persisted: true, app: '1.2.3' },
      },
    ])
  })
})
