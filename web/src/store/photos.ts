/** 照片：原件的字节与说明一起写入，一起才算存上。字节只在签收之后清除。 */
import type { Receipt } from '../facade'
import { write } from './database'
import { log } from './log'
import type { Database, PhotoRecord } from './schema'
import { draftIn } from './units'

/** 存一张照片：字节、说明、缩略图一个事务。存满时抛 StorageFull，一个字节也不留。 */
export async function keepPhoto(
  database: Database,
  photo: PhotoRecord,
  bytes: ArrayBuffer,
  thumb: ArrayBuffer | null,
): Promise<void> {
  await write(database, ['units', 'photos', 'bytes', 'thumbs'], async (transaction) => {
    const unit = await draftIn(transaction, photo.unit)
    await transaction.objectStore('bytes').add(bytes, photo.id)
    await transaction.objectStore('photos').add(photo)
    if (thumb) await transaction.objectStore('thumbs').add(thumb, photo.id)
    await transaction.objectStore('units').put({ ...unit, camera: null, changed_at: photo.stored_at })
  })
}

export async function keepThumb(database: Database, photo: string, thumb: ArrayBuffer): Promise<void> {
  await write(database, ['thumbs'], async (transaction) => {
    await transaction.objectStore('thumbs').put(thumb, photo)
  })
}

/** 封存前改照片的归属、说明、标注，或补上晚到的定位。 */
export async function changePhoto(
  database: Database,
  id: string,
  change: Partial<Pick<PhotoRecord, 'item' | 'note' | 'marks' | 'fix' | 'fix_error'>>,
): Promise<PhotoRecord> {
  return write(database, ['units', 'photos'], async (transaction) => {
    const photo = await transaction.objectStore('photos').get(id)
    if (!photo) throw new Error('没有这张照片')
    await draftIn(transaction, photo.unit)
    const changed = { ...photo, ...change }
    await transaction.objectStore('photos').put(changed)
    return changed
  })
}

/** 封存前删一张照片，连同字节；记入流水。 */
export async function removePhoto(database: Database, id: string, at: string): Promise<void> {
  await write(database, ['units', 'photos', 'bytes', 'thumbs', 'log'], async (transaction) => {
    const photo = await transaction.objectStore('photos').get(id)
    if (!photo) return
    await draftIn(transaction, photo.unit)
    for (const room of ['photos', 'bytes', 'thumbs'] as const) await transaction.objectStore(room).delete(id)
    const facts = { photo: id, sha256: photo.sha256, size: photo.size }
    await log(transaction, { at, act: 'photo-removed', unit: photo.unit, facts })
  })
}

/** 上传的进度：状态、已收字节、续传地址。 */
export async function advancePhoto(
  database: Database,
  id: string,
  change: Partial<Pick<PhotoRecord, 'state' | 'offset' | 'address'>>,
): Promise<void> {
  await write(database, ['photos'], async (transaction) => {
    const photo = await transaction.objectStore('photos').get(id)
    if (photo) await transaction.objectStore('photos').put({ ...photo, ...change })
  })
}

export async function photosOf(database: Database, unit: string): Promise<PhotoRecord[]> {
  return (await database.getAllFromIndex('photos', 'unit', unit)).sort((a, b) => (a.id < b.id ? -1 : 1))
}

/**
 * 清除一个已签收单元的原件：先字节，后状态；缩略图和说明留着。返回清掉的字节数。
 *
 * 回执里没有同一编号、同一摘要的照片，一张也不清。
 */
export async function purgePhotos(database: Database, unit: string, receipt: Receipt, at: string): Promise<number> {
  const named = new Map(receipt.photos.map((photo) => [photo.uuid, photo.sha256]))
  return write(database, ['units', 'photos', 'bytes', 'log'], async (transaction) => {
    const photos = await transaction.objectStore('photos').index('unit').getAll(unit)
    if (photos.some((photo) => named.get(photo.id) !== photo.sha256)) return 0
    let freed = 0
    for (const photo of photos) {
      await transaction.objectStore('bytes').delete(photo.id)
      await transaction.objectStore('photos').put({ ...photo, state: 'purged' })
      freed += photo.size
    }
    const record = await transaction.objectStore('units').get(unit)
    if (record) await transaction.objectStore('units').put({ ...record, state: 'purged', changed_at: at })
    await log(transaction, { at, act: 'purged', unit, facts: { photos: photos.length, bytes: freed, receipt: receipt.number } })
    return freed
  })
}
