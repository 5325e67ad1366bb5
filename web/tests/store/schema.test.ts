import { openDB } from 'idb'
import { describe, expect, it } from 'vitest'
import { databaseName, openDatabase } from '@/store/database'
import { STEPS, VERSION, type Database, type UserSchema } from '@/store/schema'
import { keepSealed } from '@/store/units'
import { AT, bytesOf, CHECK, photoOf, unitOf } from '../helpers/records'

/** 第 n 版程序建的库。 */
async function asReleased(login: string, version: number): Promise<Database> {
  return openDB<UserSchema>(databaseName(login), version, {
    upgrade(opened, from, _to, upgrade) {
      for (const step of STEPS.slice(from, version)) step(opened, upgrade)
    },
  })
}

describe('the database of a previous release', () => {
  it.each(Array.from({ length: VERSION - 1 }, (_, n) => n + 1))('version %i opens with everything in it', async (version) => {
    const login = `previous-${version}`
    const bytes = bytesOf(50_000, version)
    const old = await asReleased(login, version)
    await old.put('units', unitOf())
    await old.put('answers', { unit: CHECK, item: 'RMC-01-01', answer: { item_code: 'RMC-01-01', verdict: 'failing' }, changed_at: AT })
    await old.put('photos', await photoOf('p1', bytes))
    await old.put('bytes', bytes, 'p1')
    await old.add('log', { at: AT, act: 'started', unit: CHECK, facts: {} })
    old.close()

    const now = await openDatabase(login)
    expect(now.version).toBe(VERSION)
    expect(await now.get('units', CHECK)).toEqual(unitOf())
    expect((await now.getAllFromIndex('answers', 'unit', CHECK))[0].answer.verdict).toBe('failing')
    expect(new Uint8Array((await now.get('bytes', 'p1')) as ArrayBuffer)).toEqual(new Uint8Array(bytes))
    expect(await now.getAllFromIndex('log', 'unit', CHECK)).toHaveLength(1)
    const sealed = { id: CHECK, kind: 'check' as const, body: {}, text: '{}', sha256: 'a'.repeat(64), sealed_at: AT }
    await keepSealed(now, sealed, ['p1'])
    expect((await now.get('units', CHECK))?.state).toBe('sealed')
    now.close()
  })

  it('steps only add: every store and index of a version is in the next', async () => {
    const layouts: Record<string, string[]>[] = []
    for (let version = 1; version <= VERSION; version++) {
      const database = await asReleased(`layout-${version}`, version)
      const names = [...database.objectStoreNames]
      layouts.push(Object.fromEntries(names.map((name) => [name, [...database.transaction(name).store.indexNames]])))
      database.close()
    }
    for (let n = 1; n < layouts.length; n++) {
      for (const [name, indexes] of Object.entries(layouts[n - 1])) expect(layouts[n][name]).toEqual(expect.arrayContaining(indexes))
    }
  })

  it('a newer release in another tab makes this one let go', async () => {
    let told = 0
    const database = await openDatabase('two-tabs', () => told++)
    const newer = await openDB(databaseName('two-tabs'), VERSION + 1)
    expect(told).toBe(1)
    await expect(database.get('units', CHECK)).rejects.toThrow()
    newer.close()
  })
})

describe('two people on one phone', () => {
  it('see nothing of each other', async () => {
    const [one, two] = [await openDatabase('zhang'), await openDatabase('li')]
    await one.put('units', unitOf())
    expect(await two.getAll('units')).toEqual([])
    expect(await one.getAll('units')).toHaveLength(1)
  })
})
