/** 造一条条记录：单元、照片、任务、检查单。 */
import { blankUnit } from '@/core/units'
import { canonical, type Json } from '@/sync/canonical'
import { sha256Hex, utf8 } from '@/sync/digest'
import { write } from '@/store/database'
import type { Database, PhotoRecord, SealedRecord, UnitRecord } from '@/store/schema'
import type { ChecklistContent, Item, Task } from '@/wire'

export const AT = '2026-11-21T01:00:00.000Z'
export const CHECK = '01900000-0000-7000-8000-000000000001'

export function unitOf(change: Partial<UnitRecord> = {}): UnitRecord {
  const id = change.id ?? CHECK
  return { ...blankUnit(AT), id, check: id, envelope: id, title: '滨江花园二期', ...change }
}

/** 有内容的字节，每张不同。 */
export function bytesOf(size: number, seed: number): ArrayBuffer {
  const bytes = new Uint8Array(size)
  for (let n = 0; n < size; n++) bytes[n] = (n * 31 + seed * 17 + (n >> 8)) & 0xff
  return bytes.buffer
}

export async function photoOf(id: string, bytes: ArrayBuffer, change: Partial<PhotoRecord> = {}): Promise<PhotoRecord> {
  return {
    ...{ id, unit: CHECK, item: 'RMC-01-01', state: 'stored', source: 'camera', purpose: 'evidence' },
    ...{ sha256: await sha256Hex(bytes), size: bytes.byteLength, mime: 'image/jpeg', file_name: `照片 ${id}.jpg` },
    ...{ file_at: null, taken_at: AT, skew_s: 0, fix: null, fix_error: null, exif_gps: false, original: null },
    ...{ offset: 0, address: null, note: '', marks: [], device: 'd', agent: 'a', app: '0', inspector: 'o', companions: [], stored_at: AT },
    ...change,
  } as PhotoRecord
}

/** 直接放进一个封存好的单元和它的照片。 */
export async function putSealed(database: Database, unit: UnitRecord, body: object, photos: [PhotoRecord, ArrayBuffer][]): Promise<SealedRecord> {
  const text = canonical(body as Json)
  const sealed: SealedRecord = { id: unit.id, kind: unit.kind, body: body as Record<string, unknown>, text, sha256: await sha256Hex(utf8(text)), sealed_at: AT }
  await write(database, ['units', 'sealed', 'photos', 'bytes'], async (transaction) => {
    await transaction.objectStore('units').put({ ...unit, state: 'sealed', sealed_at: AT, record_sha256: sealed.sha256 })
    await transaction.objectStore('sealed').put(sealed)
    for (const [photo, bytes] of photos) {
      await transaction.objectStore('photos').put(photo)
      await transaction.objectStore('bytes').put(bytes, photo.id)
    }
  })
  return sealed
}

export function itemOf(code: string, change: Partial<Item> = {}): Item {
  return {
    ...{ code, text: `检查项 ${code}`, method: '查资料', answer: ['tri'], unit: '', limit_text: '', choices: [], checks: [] },
    ...{ min_photos: 0, photo_rule: '', photo_per: 0, severity: 'minor', basis: [], liable: [], disposition: [] },
    ...{ confidence: 'K', region: '' },
    ...change,
  } as Item
}

export function checklistOf(items: Item[]): ChecklistContent {
  const section = { no: '01', name: '资质', name_en: '', applies_to: [], frames: ['project' as const], link: '', strict: '', items }
  return { code: 'RMC', version: '2025.1', title: '预拌混凝土', title_en: '', scope: '', sections: [section] }
}

export const OFFICERS = ['01900000-0000-7000-8000-0000000000a1', '01900000-0000-7000-8000-0000000000a2']

export function taskOf(digest: string, change: Partial<Task> = {}): Task {
  return {
    ...{ uuid: '01900000-0000-7000-8000-0000000000b1', state: 'assigned', outcome: null, revision: 1 },
    ...{ starts_on: '2026-11-20', due_on: '2026-11-30', due_provisional: false, changed_at: AT },
    ...{ draw: '2026-037', title: '主体结构专项', departments: [] },
    subject: {
      ...{ uuid: '01900000-0000-7000-8000-0000000000c1', code: 'P-1', name: '滨江花园二期 3 号楼', frame: 'project', kind: 'housing' },
      ...{ region_code: '441302', address: '江北', stage: null, status: 'active', longitude: 114.4, latitude: 23.1 },
      ...{ boundary: null, parties: [{ party: 'contractor', organisation: '甲公司' }] },
    },
    checklists: [{ code: 'RMC', version: '2025.1', title: '预拌混凝土', digest_sha256: digest }],
    officers: OFFICERS.map((uuid, n) => ({ uuid, name: `检查员${n}`, lead: n === 0 })),
    last_check: null,
    ...change,
  } as Task
}
