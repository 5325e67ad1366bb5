/** 单元与作答的存取。草稿可改；封存之后只有上传的进度会变。 */
import type { UnitState } from '../facade'
import type { Answer } from '../wire'
import { write, type Write } from './database'
import { log } from './log'
import type { Database, PhotoRecord, SealedRecord, UnitRecord } from './schema'

/** 封存之后再改草稿，或者单元已经不在。 */
export class NotDrafting extends Error {
  override readonly name = 'NotDrafting'
}

export const WAITING: readonly UnitState[] = ['sealed', 'announced', 'uploading', 'posting']
/** 服务器还没有全部收下的状态：这些单元在，就不能退出登录。 */
export const UNSENT: readonly UnitState[] = [...WAITING, 'blocked']

export async function addUnit(database: Database, unit: UnitRecord): Promise<void> {
  await write(database, ['units', 'log'], async (transaction) => {
    await transaction.objectStore('units').add(unit)
    await log(transaction, { at: unit.started_at, act: 'started', unit: unit.id, facts: {} })
  })
}

export async function draftIn(transaction: Write, id: string): Promise<UnitRecord> {
  const unit = await transaction.objectStore('units').get(id)
  if (unit?.state !== 'drafting') throw new NotDrafting('这次检查已经封存，不能再改')
  return unit
}

/** 改草稿本身的成员（人员、态度、备注、签名、相机记号）。 */
export async function changeDraft(
  database: Database,
  id: string,
  change: (unit: UnitRecord) => Partial<UnitRecord>,
): Promise<UnitRecord> {
  return write(database, ['units'], async (transaction) => {
    const unit = await draftIn(transaction, id)
    const changed = { ...unit, ...change(unit) }
    await transaction.objectStore('units').put(changed)
    return changed
  })
}

export interface Counted {
  filled: number
  changed_at: string
}

/** 存一项作答；null 为清空。单元和作答在一个事务里。 */
export async function putAnswer(
  database: Database,
  unit: string,
  item: string,
  answer: Answer | null,
  counted: Counted,
): Promise<void> {
  await write(database, ['units', 'answers'], async (transaction) => {
    const record = await draftIn(transaction, unit)
    const answers = transaction.objectStore('answers')
    if (answer) await answers.put({ unit, item, answer, changed_at: counted.changed_at })
    else await answers.delete([unit, item])
    await transaction.objectStore('units').put({ ...record, ...counted })
  })
}

export async function answersOf(database: Database, unit: string): Promise<Record<string, Answer>> {
  const rows = await database.getAllFromIndex('answers', 'unit', unit)
  return Object.fromEntries(rows.map((row) => [row.item, row.answer]))
}

/** 封存：正文、照片定稿、状态，一个事务。正文用 add 写入，已有就失败，所以永远改不了。 */
export async function keepSealed(
  database: Database,
  sealed: SealedRecord,
  photos: string[],
  envelope = sealed.id,
): Promise<void> {
  await write(database, ['units', 'sealed', 'photos', 'log'], async (transaction) => {
    const unit = { ...(await draftIn(transaction, sealed.id)), kind: sealed.kind, envelope }
    const rows = await transaction.objectStore('photos').index('unit').getAllKeys(sealed.id)
    const known = new Set(rows)
    if (photos.length !== known.size || photos.some((id) => !known.has(id))) {
      throw new NotDrafting('照片有变动，请再封存一次')
    }
    await transaction.objectStore('sealed').add(sealed)
    await transaction.objectStore('units').put(finished(unit, sealed))
    await log(transaction, { at: sealed.sealed_at, act: 'sealed', unit: sealed.id, facts: { sha256: sealed.sha256 } })
  })
}

function finished(unit: UnitRecord, sealed: SealedRecord): UnitRecord {
  const { sha256, sealed_at } = sealed
  return { ...unit, state: 'sealed', sealed_at, record_sha256: sha256, changed_at: sealed_at, camera: null }
}

/** 不经草稿、一次成形的单元（报告、答复）：连同照片一起存下并进队列。 */
export async function addSealed(
  database: Database,
  unit: UnitRecord,
  sealed: SealedRecord,
  photos: { record: PhotoRecord; bytes: ArrayBuffer }[],
): Promise<void> {
  await write(database, ['units', 'sealed', 'photos', 'bytes', 'log'], async (transaction) => {
    await transaction.objectStore('units').add(unit)
    await transaction.objectStore('sealed').add(sealed)
    for (const { record, bytes } of photos) {
      await transaction.objectStore('photos').add(record)
      await transaction.objectStore('bytes').add(bytes, record.id)
    }
    await log(transaction, { at: sealed.sealed_at, act: 'sealed', unit: unit.id, facts: { sha256: sealed.sha256 } })
  })
}

/** 上传的一步：只改进度，不碰正文。`act` 不空就记流水。 */
export async function advance(
  database: Database,
  id: string,
  change: Partial<UnitRecord>,
  at: string,
  act = '',
): Promise<void> {
  await write(database, ['units', 'log'], async (transaction) => {
    const unit = await transaction.objectStore('units').get(id)
    if (!unit) return
    await transaction.objectStore('units').put({ ...unit, ...change, changed_at: at })
    if (act) await log(transaction, { at, act, unit: id, facts: { ...(change.problem ?? {}) } })
  })
}

/** 删去草稿和它的一切；封存过的拒绝。 */
export async function discardDraft(database: Database, id: string, at: string): Promise<void> {
  await write(database, ['units', 'answers', 'photos', 'bytes', 'thumbs', 'log'], async (transaction) => {
    await draftIn(transaction, id)
    for (const key of await transaction.objectStore('answers').index('unit').getAllKeys(id)) {
      await transaction.objectStore('answers').delete(key)
    }
    const photos = await transaction.objectStore('photos').index('unit').getAllKeys(id)
    for (const key of photos) {
      for (const room of ['photos', 'bytes', 'thumbs'] as const) await transaction.objectStore(room).delete(key)
    }
    await transaction.objectStore('units').delete(id)
    await log(transaction, { at, act: 'discarded', unit: id, facts: { photos: photos.length } })
  })
}
