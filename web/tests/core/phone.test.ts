import { beforeAll, beforeEach, afterEach, describe, expect, it, vi } from 'vitest'
import { house } from '@/core/session'
import { phone, type OpenUnit } from '@/phone'
import { digestOf } from '@/sync/digest'
import { fakePhone, settle, type Phone } from '../helpers/device'
import { bytesOf, checklistOf, itemOf, OFFICERS, taskOf } from '../helpers/records'
import { FakeServer } from '../helpers/server'

const content = checklistOf([itemOf('RMC-01-01'), itemOf('RMC-01-02', { answer: ['numeric'] })])
const PNG = new Blob([new Uint8Array([137, 80, 78, 71])], { type: 'image/png' })
const TASK = taskOf('').uuid
let server: FakeServer
let hand: Phone
let digest: string
let n = 0

beforeAll(async () => {
  digest = await digestOf(content)
  fakePhone(() => Promise.reject(new TypeError('network')))
  await phone.start()
})

beforeEach(async () => {
  server = await new FakeServer().open()
  server.checklists.set('RMC/2025.1', content as never)
  const me = { user: 'u', login: 'zhang', officer: OFFICERS[0], name: '张工', certificate: 'A1' }
  server.package = { ...server.package, tasks: [taskOf(digest)], open: [{ uuid: TASK }], me, limits: { max_photo_bytes: 1_000_000 } }
  hand = fakePhone(server.fetch)
  expect(await phone.signIn(`Zhang${n++}`, 'right')).toEqual({ ok: true })
  hand.clock.after = (ms, call) => {
    // Positions are not under test here: nobody waits for one.
    if (ms <= 8000) setImmediate(() => ((hand.clock.time += ms), call()))
    return () => undefined
  }
})

afterEach(async () => {
  vi.restoreAllMocks()
  server.fault = () => 'cut-before'
  await house().runner.stop()
  await house().database.clear('units')
})

async function photograph(open: OpenUnit, size = 3000): Promise<void> {
  await open.addPhoto('RMC-01-01', 'camera', new File([bytesOf(size, size)], 'IMG.jpg', { type: 'image/jpeg' }))
}

async function fill(open: OpenUnit): Promise<void> {
  await open.answer('RMC-01-01', { verdict: 'failing', reason: '无' })
  await open.answer('RMC-01-02', { value: '２３．５' })
  await photograph(open)
  await open.setRepresentative({ name: '王经理', attitude: 'signs' })
}

async function signAll(open: OpenUnit): Promise<void> {
  for (const who of OFFICERS) await open.sign({ role: 'officer', who, strokes: [[[0, 0], [1, 1]]], png: PNG })
  await open.sign({ role: 'representative', who: '王经理', strokes: [[[0, 0], [1, 1]]], png: PNG })
}

async function arrived(wanted = 'receipted'): Promise<void> {
  for (let turn = 0; turn < 40 && phone.state.queue.some(({ state }) => state !== wanted); turn++) {
    await phone.syncNow()
    await settle()
  }
  await told(() => expect(phone.state.queue.every(({ state }) => state === wanted)).toBe(true))
}

/** 等到这句话成立；机器再慢也等得到。 */
function told(claim: () => void): Promise<void> {
  return vi.waitFor(claim, { timeout: 8000, interval: 10 })
}

describe('from sign-in to receipt', () => {
  it('today’s list, a sheet, photos, signatures, sealed, signed for', async () => {
    expect(phone.state.session).toMatchObject({ state: 'signed-in', name: '张工', officer: OFFICERS[0], certificate_no: 'A1' })
    expect(phone.state.tasks).toMatchObject([{ uuid: TASK, gone: false, units: [] }])
    const open = await phone.begin(TASK, 'RMC')
    await fill(open)
    expect(open.draft).toMatchObject({ filled: 2, total: 2, saved: { state: 'saved' } })
    await signAll(open)
    expect(open.missing().filter(({ blocks }) => blocks)).toEqual([])
    const { record_sha256 } = await open.seal()
    await arrived()
    const record = server.records.get(open.draft.id)
    expect(record?.digest).toBe(record_sha256)
    expect(record?.body).toMatchObject({ officers: OFFICERS, assignment: TASK, stamp: 'stamp', representative: { name: '王经理' } })
    expect(record?.body.answers).toMatchObject([{ verdict: 'failing', photos: [expect.any(String)] }, { item_code: 'RMC-01-02', value: '23.5' }])
    expect((record?.body.photos as unknown[]).length).toBe(4)
    expect(phone.state.queue).toMatchObject([{ state: 'receipted', photos_done: 4, receipt: { proof: 'signature' } }])
    await told(() => expect(open.draft).toMatchObject({ sealed: true, state: 'receipted', receipt: { missing: [] } }))
    expect([...server.records.values()].filter(({ body }) => body.act === 'started').length).toBe(1)
  })

  it('the same task on two phones is the same check', async () => {
    const open = await phone.begin(TASK, 'RMC')
    const again = await phone.begin(TASK, 'RMC')
    expect(again.draft.id).toBe(open.draft.id)
    expect(open.draft.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab]/)
  })

  it('the companion hands in a part, without signatures', async () => {
    const open = await phone.begin(TASK, 'RMC')
    await open.answer('RMC-01-02', { value: '7' })
    await photograph(open)
    await open.handIn('我这一半')
    await arrived()
    const [[id, part]] = [...server.records].filter(([, { body }]) => body.note === '我这一半')
    expect(id).not.toBe(open.draft.id)
    expect(part.body).toMatchObject({ check: open.draft.id, answers: [{ item_code: 'RMC-01-02', value: '7' }] })
    expect(phone.state.queue).toMatchObject([{ kind: 'part', state: 'receipted' }])
  })

  it('a broken checklist on the server does not keep records from leaving the phone', async () => {
    const open = await phone.begin(TASK, 'RMC')
    await fill(open)
    await signAll(open)
    Object.assign(server.package, { tasks: [taskOf('0'.repeat(64))] })
    await open.seal()
    await phone.refresh()
    await arrived()
    expect(server.records.has(open.draft.id)).toBe(true)
    expect((await house().database.getAll('checklists')).map(({ digest: kept }) => kept)).toEqual([digest])
  })

  it('what was blocked for a person can be sent again', async () => {
    const open = await phone.begin(TASK, 'RMC')
    await fill(open)
    await signAll(open)
    server.answer = (id) => (id === open.draft.id ? { status: 422, code: 'check-invalid' } : null)
    await open.seal()
    await arrived('blocked')
    expect(phone.state.queue).toMatchObject([{ state: 'blocked', problem: { code: 'check-invalid' } }])
    server.answer = () => null
    await phone.retryUnit(open.draft.id)
    await arrived()
    expect(phone.state.queue).toMatchObject([{ state: 'receipted', problem: null }])
  })

  it('an empty part is none', async () => {
    const open = await phone.begin(TASK, 'RMC')
    await expect(open.handIn()).rejects.toThrow('还没有可交的内容')
  })
})

describe('signatures', () => {
  it('stand for the content they were put to: any change voids them', async () => {
    const open = await phone.begin(TASK, 'RMC')
    await fill(open)
    const changes = [
      () => open.answer('RMC-01-01', { note: '补' }),
      () => photograph(open, 4000),
      () => open.setRemarks('备注'),
      () => open.setOfficers([...OFFICERS].reverse()),
    ]
    for (const change of changes) {
      await signAll(open)
      expect(open.draft.signatures.length).toBe(3)
      await change()
      expect(open.draft.signatures).toEqual([])
      expect(open.draft.photos.filter(({ purpose }) => purpose === 'signature')).toEqual([])
      await expect(open.seal()).rejects.toThrow('不能封存')
    }
    expect(phone.state.notice?.words).toContain('签名已作废')
  })

  it('writing the same again changes nothing, so they stand', async () => {
    const open = await phone.begin(TASK, 'RMC')
    await fill(open)
    await open.setRemarks('备注')
    await signAll(open)
    await open.setRemarks('备注')
    await open.setOfficers([...OFFICERS])
    await open.setRepresentative({ name: '王经理', attitude: 'signs' })
    expect(open.draft.signatures.length).toBe(3)
  })

  it('signing again replaces the first', async () => {
    const open = await phone.begin(TASK, 'RMC')
    await fill(open)
    await signAll(open)
    await signAll(open)
    expect(open.draft.signatures.length).toBe(3)
    expect(open.draft.photos.length).toBe(4)
  })
})

describe('what is told', () => {
  it('“saved” comes after the transaction, “failed” stays until everything is saved', async () => {
    const open = await phone.begin(TASK, 'RMC')
    const real = IDBObjectStore.prototype.put
    const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...given) {
      if (this.name === 'answers') throw new DOMException('full', 'QuotaExceededError')
      return real.apply(this, given)
    })
    await expect(open.answer('RMC-01-01', { verdict: 'conforming' })).rejects.toThrow('已满')
    expect(open.draft.saved).toMatchObject({ state: 'failed', item: 'RMC-01-01', reason: '手机存储已满' })
    expect(open.draft.answers['RMC-01-01'].verdict).toBe('conforming')
    full.mockRestore()
    await open.answer('RMC-01-02', { value: '1' })
    expect(open.draft.saved.state).toBe('saved')
    expect((await house().database.getAll('answers')).length).toBe(2)
  })

  it('a photo that finds no room stays in memory, loudly, and is saved when there is room', async () => {
    const open = await phone.begin(TASK, 'RMC')
    const real = IDBObjectStore.prototype.add
    const full = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, ...given) {
      if (this.name === 'bytes') throw new DOMException('full', 'QuotaExceededError')
      return real.apply(this, given)
    })
    await photograph(open)
    expect(open.draft.unsaved).toMatchObject([{ item: 'RMC-01-01', size: 3000 }])
    expect(open.draft.photos).toEqual([])
    expect(phone.state.storage.full).toBe(true)
    expect(phone.state.notice?.level).toBe('error')
    expect(open.draft.saved.state).toBe('failed')
    await open.answer('RMC-01-01', { verdict: 'conforming' })
    await expect(open.seal()).rejects.toThrow('不能封存')
    const [{ id }] = open.draft.unsaved
    expect(await phone.retryUnsaved(id)).toBe(false)
    full.mockRestore()
    expect(await phone.retryUnsaved(id)).toBe(true)
    expect(open.draft.photos.length).toBe(1)
    expect(open.draft.unsaved).toEqual([])
    expect(phone.state.storage.full).toBe(false)
  })

  it('the reduced copy says that it is one', async () => {
    const open = await phone.begin(TASK, 'RMC')
    const real = IDBObjectStore.prototype.add
    const full = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, ...given) {
      if (this.name === 'bytes' && (given[0] as ArrayBuffer).byteLength > 100) throw new DOMException('full', 'QuotaExceededError')
      return real.apply(this, given)
    })
    await photograph(open)
    expect(await phone.retryUnsaved(open.draft.unsaved[0].id, 'reduced')).toBe(true)
    full.mockRestore()
    expect(open.draft.photos).toMatchObject([{ reduced: true, size: 2 }])
    expect((await house().database.getAll('photos'))[0].original?.size).toBe(3000)
  })

  it('a shot the camera never brought back', async () => {
    const open = await phone.begin(TASK, 'RMC')
    await open.cameraOpening('RMC-01-01')
    open.close()
    const again = await phone.open(open.draft.id)
    expect(again.draft.lostShot).toMatchObject({ item: 'RMC-01-01' })
    await photograph(again)
    expect(again.draft.lostShot).toBeNull()
    expect((await phone.open(open.draft.id)).draft.lostShot).toBeNull()
  })

  it('a photo the server would never take is refused at once', async () => {
    const open = await phone.begin(TASK, 'RMC')
    await expect(photograph(open, 1_000_001)).rejects.toThrow('服务器收不下')
    await expect(photograph(open, 0)).rejects.toThrow('空的')
  })

  it('everything is there when it is opened again', async () => {
    const open = await phone.begin(TASK, 'RMC')
    await fill(open)
    open.close()
    const { draft } = await phone.open(open.draft.id)
    expect(draft.answers).toEqual(open.draft.answers)
    expect(draft).toMatchObject({ filled: 2, representative: { name: '王经理' } })
    expect(draft.photos).toMatchObject([{ item: 'RMC-01-01', size: 3000, source: 'camera' }])
  })
})

describe('signing in and out', () => {
  it('a token that ran out asks for sign-in, keeps the queue, and goes on afterwards', async () => {
    const open = await phone.begin(TASK, 'RMC')
    await fill(open)
    await signAll(open)
    server.token = 'other'
    await open.seal()
    await told(() => expect(phone.state.session.state).toBe('expired'))
    await told(() => expect(phone.state.sync.waiting).toBe('sign-in'))
    await told(() => expect(phone.state.queue).toMatchObject([{ state: 'sealed' }]))
    expect(await phone.signIn(phone.state.session.login, 'wrong')).toMatchObject({ ok: false, problem: { code: 'login-failed' } })
    expect(await phone.signIn(phone.state.session.login, 'right')).toEqual({ ok: true })
    await arrived()
    expect(phone.state.queue).toMatchObject([{ state: 'receipted' }])
    expect(server.records.has(open.draft.id)).toBe(true)
  })

  it('leaving with unsent work is refused with a list', async () => {
    const open = await phone.begin(TASK, 'RMC')
    expect(await phone.signOut()).toMatchObject({ ok: false, unsent: [], drafts: [{ id: open.draft.id }] })
    await fill(open)
    await signAll(open)
    server.fault = () => 'cut-before'
    await open.seal()
    await told(() => expect(phone.state.queue).toMatchObject([{ state: 'sealed' }]))
    expect(await phone.signOut()).toMatchObject({ ok: false, unsent: [{ id: open.draft.id }], drafts: [] })
    const refused = await phone.signIn('somebody.else', 'right')
    expect(refused).toMatchObject({ ok: false, problem: { code: 'other-person-unsent' } })
  })

  it('another person sees nothing of the first, who finds everything again', async () => {
    const first = phone.state.session.login
    const open = await phone.begin(TASK, 'RMC')
    await fill(open)
    await signAll(open)
    await open.seal()
    await arrived()
    expect(await phone.signIn(`second${n++}`, 'right')).toEqual({ ok: true })
    expect(phone.state.queue).toEqual([])
    await expect(phone.open(open.draft.id)).rejects.toThrow('本机没有')
    expect(await phone.signIn(first, 'right')).toEqual({ ok: true })
    expect(phone.state.queue).toMatchObject([{ id: open.draft.id, state: 'receipted' }])
  })

  it('without a network the first sign-in says so', async () => {
    await house().runner.stop()
    server.fault = () => 'cut-before'
    expect(await phone.signIn(phone.state.session.login, 'right')).toMatchObject({ ok: false, problem: { code: 'offline' } })
  })

  it('the local code locks the screen and nothing else', async () => {
    await phone.setPin('2468')
    expect(phone.state.session).toMatchObject({ pin: true, locked: false })
    phone.lock()
    expect(phone.state.session.locked).toBe(true)
    expect(await phone.unlock('1111')).toBe(false)
    expect(phone.state.session.locked).toBe(true)
    expect(await phone.unlock('2468')).toBe(true)
    expect(phone.state.session.locked).toBe(false)
    await phone.setPin(null)
    phone.lock()
    expect(phone.state.session.locked).toBe(false)
  })
})

describe('around it', () => {
  it('search finds what is on the phone, by every word', async () => {
    expect((await phone.search('滨江 甲公司')).map(({ kind }) => kind)).toEqual(['task'])
    expect(await phone.search('滨江 乙公司')).toEqual([])
    expect(await phone.search('  ')).toEqual([])
    expect((await phone.search('ｐ-１'))[0].title).toBe('滨江花园二期 3 号楼')
  })

  it('the history of a subject', async () => {
    const open = await phone.begin(TASK, 'RMC')
    const found = await phone.history(taskOf('').subject.uuid)
    expect(found).toMatchObject({ subject: { name: '滨江花园二期 3 号楼' }, last_check: null, units: [{ id: open.draft.id, state: 'drafting' }] })
    expect(await phone.history('nobody')).toBeNull()
  })

  it('the way a clock is wrong is shown', async () => {
    hand.clock.time = Date.parse(server.now) - 86_400_000
    await phone.refresh()
    await told(() => expect(phone.state.sync).toMatchObject({ clock_skew_s: -86_400, clock_moved_back: true }))
  })

  it('a task that ends without a check is reported with its photo', async () => {
    await phone.report(TASK, { act: 'unreachable', note: '大门紧锁', signers: OFFICERS, photos: [new Blob([bytesOf(900, 5)], { type: 'image/jpeg' })] })
    await arrived()
    const report = [...server.records.values()].find(({ body }) => body.act === 'unreachable')
    expect(report?.body).toMatchObject({ assignment: TASK, note: '大门紧锁', signers: OFFICERS, photos: [expect.any(String)] })
    expect(server.photos.size).toBe(1)
  })

  it('an exported check is a zip with the very record that was announced', async () => {
    const open = await phone.begin(TASK, 'RMC')
    await fill(open)
    await signAll(open)
    const { record_sha256 } = await open.seal()
    const file = await phone.exportUnit(open.draft.id)
    const bytes = new Uint8Array(await file.arrayBuffer())
    const members = read(bytes)
    expect(Object.keys(members).filter((name) => name.startsWith('photos/')).length).toBe(4)
    expect(await digestOf(JSON.parse(new TextDecoder().decode(members['record.json'])) as object)).toBe(record_sha256)
    expect(members[Object.keys(members).find((name) => name.endsWith('.jpg')) ?? '']).toEqual(new Uint8Array(bytesOf(3000, 3000)))
  })

  it('answers to questions and signatures of merges are handed in', async () => {
    const side = { officer: OFFICERS[0], name: '张', answer: {}, replied: false }
    const question = { id: 'q1', check: 'c1', title: '滨江', item: 'RMC-01-01', requirement: '', sides: [side], asked_at: '2026-11-21T00:00:00Z', answered: false }
    const merge = { check: 'c2', title: '江北', merged_sha256: 'a'.repeat(64), questions: 0, signed: false }
    Object.assign(server.package, { questions: [question], merges: [merge, { ...merge, check: 'c3', questions: 1 }] })
    await phone.refresh()
    await told(() => expect(phone.state.questions.length).toBe(1))
    await phone.answerQuestion('q1', { item_code: 'RMC-01-01', verdict: 'failing' })
    await phone.signMerge('c2')
    await expect(phone.signMerge('c3')).rejects.toThrow('疑问')
    await told(() => expect(phone.state.questions).toMatchObject([{ answered: true }]))
    await told(() => expect(phone.state.merges).toMatchObject([{ check: 'c2', signed: true }, { check: 'c3', signed: false }]))
    await phone.syncNow()
    await told(() => expect(server.records.size).toBe(2))
    const bodies = [...server.records.values()].map(({ body }) => body)
    expect(bodies).toContainEqual({ question: 'q1', answer: { item_code: 'RMC-01-01', verdict: 'failing' } })
    expect(bodies).toContainEqual(expect.objectContaining({ check: 'c2', merged_sha256: 'a'.repeat(64) }) as object)
  })
})

/** 读一个只存不压的 zip。 */
function read(bytes: Uint8Array): Record<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const found: Record<string, Uint8Array> = {}
  let at = 0
  while (view.getUint32(at, true) === 0x04034b50) {
    const [size, name] = [view.getUint32(at + 18, true), view.getUint16(at + 26, true)]
    const title = new TextDecoder().decode(bytes.subarray(at + 30, at + 30 + name))
    found[title] = bytes.slice(at + 30 + name, at + 30 + name + size)
    at += 30 + name + size
  }
  return found
}
