/** 存不下的照片：字节留在内存里，大声说，直到存上、缩小了存上，或另存到别处。 */
import { device } from '../device'
import { StorageFull } from '../store/database'
import { keepPhoto } from '../store/photos'
import type { PhotoRecord } from '../store/schema'
import { sha256Hex } from '../sync/digest'
import { house } from './session'
import { notice, state } from './state'

export interface Held {
  photo: PhotoRecord
  bytes: ArrayBuffer
  /** 存上之后叫。 */
  saved(photo: PhotoRecord): void
}

const held = new Map<string, Held>()

/** 存一张照片；存满时留在内存里、大声说，返回 false，同时去腾地方。 */
export async function store(one: Held): Promise<boolean> {
  if (await attempt(one)) return true
  held.set(one.photo.id, one)
  state.storage.full = true
  notice('手机存储已满，刚拍的照片还没有存上，请不要关闭应用。', 'error')
  void makeRoom(one)
  return false
}

/** 清掉已签收、可清的原件，再试一次。 */
async function makeRoom(one: Held): Promise<void> {
  const freed = await house().outbox.purge().catch(() => 0)
  if (freed > 0) await attempt(one).catch(() => false)
}

async function attempt({ photo, bytes, saved }: Held): Promise<boolean> {
  try {
    await keepPhoto(house().database, photo, bytes, null)
  } catch (error) {
    if (error instanceof StorageFull) return false
    throw error
  }
  held.delete(photo.id)
  state.storage.full = held.size > 0
  saved(photo)
  return true
}

export async function retryUnsaved(id: string, how: 'original' | 'reduced' = 'original'): Promise<boolean> {
  const one = held.get(id)
  if (!one) return true
  const chosen = how === 'reduced' ? await reduced(one) : one
  return chosen ? attempt(chosen) : false
}

/** 缩小的副本：换字节、换摘要，原件的摘要与大小记在旁边。 */
async function reduced(one: Held): Promise<Held | null> {
  const bytes = await device().pictures.reduced(one.bytes, one.photo.mime)
  if (!bytes) return null
  const { sha256, size } = one.photo
  const photo = { ...one.photo, mime: 'image/jpeg', sha256: await sha256Hex(bytes), size: bytes.byteLength, original: { sha256, size } }
  return { ...one, photo, bytes }
}

export async function rescueUnsaved(id: string): Promise<void> {
  const one = held.get(id)
  if (one) await device().rescue.hand(new File([one.bytes], one.photo.file_name, { type: one.photo.mime }))
}

export function unsavedOf(unit: string): PhotoRecord[] {
  return [...held.values()].map(({ photo }) => photo).filter((photo) => photo.unit === unit)
}
