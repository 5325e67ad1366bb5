import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openDatabase, StorageFull, write } from '@/store/database'
import { log, MOST_LOGGED } from '@/store/log'
import { advancePhoto, changePhoto, keepPhoto, photosOf, purgePhotos, removePhoto } from '@/store/photos'
import type { Database } from '@/store/schema'
import { addUnit, advance, answersOf, changeDraft, discardDraft, keepSealed, NotDrafting, putAnswer } from '@/store/units'
import { AT, bytesOf, CHECK, photoOf, putSealed, unitOf } from '../helpers/records'

let database: Database
let n = 0
const COUNTED = { filled: 1, changed_at: AT }
const SEALED = { id: CHECK, kind: 'check' as const, body: { a: 1 }, text: '{"a":1}', sha256: 'a'.repeat(64), sealed_at: AT }

beforeEach(async () => {
  database = await openDatabase(`units-${n++}`)
  await addUnit(database, unitOf())
})

afterEach(() => {
  vi.restoreAllMocks()
  database.close()
})

/** 往这间房写就报存满，像真的一样。 */
function fill(room: string): void {
  const real = IDBObjectStore.prototype.add
  vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, ...given) {
    if (this.name === room) throw new DOMException('full', 'QuotaExceededError')
    return real.apply(this, given)
  })
}

async function keepOne(id = 'p1'): Promise<ArrayBuffer> {
  const bytes = bytesOf(1000, 1)
  await keepPhoto(database, await photoOf(id, bytes), bytes, null)
  return bytes
}

describe('a draft', () => {
  it('keeps each answer with the unit, and forgets a cleared one', async () => {
    await putAnswer(database, CHECK, 'A', { item_code: 'A', verdict: 'failing' }, COUNTED)
    await putAnswer(database, CHECK, 'B', { item_code: 'B', value: '23.50' }, { ...COUNTED, filled: 2 })
    await putAnswer(database, CHECK, 'A', null, COUNTED)
    expect(await answersOf(database, CHECK)).toEqual({ B: { item_code: 'B', value: '23.50' } })
    expect((await database.get('units', CHECK))?.filled).toBe(1)
  })

  it('is told as saved only when the transaction has completed', async () => {
    const order: string[] = []
    const done = write(database, ['units'], async (transaction) => {
      void transaction.done.then(() => order.push('completed'))
      await transaction.objectStore('units').put(unitOf({ title: '改' }))
      order.push('asked')
    }).then(() => order.push('told'))
    await done
    expect(order).toEqual(['asked', 'completed', 'told'])
  })

  it('asks for strict durability', async () => {
    const asked = vi.spyOn(IDBDatabase.prototype, 'transaction')
    await changeDraft(database, CHECK, () => ({ remarks: 'x' }))
    expect(asked.mock.calls[0].slice(1)).toEqual(['readwrite', { durability: 'strict' }])
  })

  it('keeps photo, bytes and the cleared camera mark together', async () => {
    await changeDraft(database, CHECK, () => ({ camera: { item: 'A', at: AT } }))
    const bytes = await keepOne()
    expect((await database.get('units', CHECK))?.camera).toBeNull()
    const kept = await database.get('bytes', 'p1')
    expect(kept).toBeInstanceOf(ArrayBuffer)
    expect(new Uint8Array(kept as ArrayBuffer)).toEqual(new Uint8Array(bytes))
  })

  it('a full phone is told as such and leaves no half photo', async () => {
    fill('photos')
    await expect(keepOne()).rejects.toBeInstanceOf(StorageFull)
    vi.restoreAllMocks()
    expect(await database.get('bytes', 'p1')).toBeUndefined()
    expect(await photosOf(database, CHECK)).toEqual([])
    await putAnswer(database, CHECK, 'A', { item_code: 'A', verdict: 'conforming' }, COUNTED)
    expect(Object.keys(await answersOf(database, CHECK))).toEqual(['A'])
  })

  it('a write that throws half way keeps nothing', async () => {
    const half = write(database, ['units', 'answers'], async (transaction) => {
      await transaction.objectStore('units').put(unitOf({ title: '半截' }))
      throw new Error('half way')
    })
    await expect(half).rejects.toThrow('half way')
    expect((await database.get('units', CHECK))?.title).toBe('滨江花园二期')
  })

  it('can be thrown away whole, and the log remembers it', async () => {
    await keepOne()
    await putAnswer(database, CHECK, 'A', { item_code: 'A', verdict: 'failing' }, COUNTED)
    await discardDraft(database, CHECK, AT)
    for (const room of ['units', 'answers', 'photos', 'bytes'] as const) expect(await database.count(room)).toBe(0)
    expect((await database.getAll('log')).map(({ act }) => act)).toEqual(['started', 'discarded'])
  })

  it('removing a photo is logged with its digest', async () => {
    await keepOne()
    await removePhoto(database, 'p1', AT)
    expect(await database.count('bytes')).toBe(0)
    expect((await database.getAll('log')).at(-1)).toMatchObject({ act: 'photo-removed', facts: { photo: 'p1', size: 1000 } })
  })
})

describe('a sealed record', () => {
  beforeEach(async () => {
    await keepOne()
    await keepSealed(database, SEALED, ['p1'])
  })

  it('changes nothing any more, by whatever door', async () => {
    const bytes = bytesOf(10, 3)
    const later = await photoOf('p2', bytes)
    const attempts = [
      () => putAnswer(database, CHECK, 'A', { item_code: 'A' }, COUNTED),
      () => changeDraft(database, CHECK, () => ({ remarks: 'x' })),
      () => keepPhoto(database, later, bytes, null),
      () => changePhoto(database, 'p1', { item: 'B' }),
      () => removePhoto(database, 'p1', AT),
      () => discardDraft(database, CHECK, AT),
      () => keepSealed(database, { ...SEALED, text: '{}' }, ['p1']),
    ]
    for (const attempt of attempts) await expect(attempt()).rejects.toBeInstanceOf(NotDrafting)
    expect(await database.get('sealed', CHECK)).toEqual(SEALED)
    expect(await database.count('photos')).toBe(1)
  })

  it('the progress of its upload goes on beside it', async () => {
    await advance(database, CHECK, { state: 'uploading' }, AT)
    await advancePhoto(database, 'p1', { state: 'sending', offset: 512, address: '/u/1' })
    expect(await database.get('sealed', CHECK)).toEqual(SEALED)
    expect(await database.get('photos', 'p1')).toMatchObject({ offset: 512, address: '/u/1', sha256: expect.any(String) as string })
  })
})

describe('sealing', () => {
  it('is refused when the photos are not those of the record', async () => {
    await keepOne()
    await expect(keepSealed(database, SEALED, [])).rejects.toBeInstanceOf(NotDrafting)
    await expect(keepSealed(database, SEALED, ['p1', 'p2'])).rejects.toBeInstanceOf(NotDrafting)
    expect(await database.count('sealed')).toBe(0)
  })

  it('a full phone leaves the draft a draft', async () => {
    fill('sealed')
    await expect(keepSealed(database, SEALED, [])).rejects.toBeInstanceOf(StorageFull)
    vi.restoreAllMocks()
    expect((await database.get('units', CHECK))?.state).toBe('drafting')
  })
})

describe('purging', () => {
  const receipt = { number: 'R-1', proof: 'signature' as const, server_at: AT, record_sha256: '', missing: [], key_id: '', text: '', signature: '' }

  it('deletes only what the receipt names with the same digest', async () => {
    const bytes = bytesOf(1000, 1)
    const photo = await photoOf('p1', bytes)
    await putSealed(database, unitOf(), { a: 1 }, [[photo, bytes]])
    const named = { uuid: 'p1', size: 1000, arrived_at: AT }
    for (const photos of [[], [{ ...named, sha256: 'b'.repeat(64) }]]) {
      expect(await purgePhotos(database, CHECK, { ...receipt, photos }, AT)).toBe(0)
      expect(await database.count('bytes')).toBe(1)
    }
    expect(await purgePhotos(database, CHECK, { ...receipt, photos: [{ ...named, sha256: photo.sha256 }] }, AT)).toBe(1000)
    expect(await database.count('bytes')).toBe(0)
    expect(await database.get('photos', 'p1')).toMatchObject({ state: 'purged', sha256: photo.sha256 })
    expect((await database.getAll('log')).at(-1)).toMatchObject({ act: 'purged', facts: { receipt: 'R-1', bytes: 1000 } })
  })
})

describe('the log', () => {
  it('drops the oldest beyond its limit', async () => {
    await database.clear('log')
    await database.add('log', { n: MOST_LOGGED, at: AT, act: 'x', unit: null, facts: {} })
    await database.add('log', { n: 1, at: AT, act: 'oldest', unit: null, facts: {} })
    await write(database, ['log'], (transaction) => log(transaction, { at: AT, act: 'new', unit: null, facts: {} }))
    expect((await database.getAll('log')).map(({ act }) => act)).toEqual(['x', 'new'])
  })
})
