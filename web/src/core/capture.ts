/** 一张照片的记录：字节先读进内存、先算摘要，别的后说。 */
import type { PhotoSource } from '../facade'
import { device } from '../device'
import { hasGps } from '../device/exif'
import type { PhotoRecord } from '../store/schema'
import { sha256Hex } from '../sync/digest'
import { instant } from '../sync/instants'
import { uuid7 } from '../sync/ids'
import { house } from './session'
import { state } from './state'
import { clean } from './text'

export interface Shot {
  unit: string
  item: string | null
  source: PhotoSource
  purpose: PhotoRecord['purpose']
  file: Blob & { name?: string; lastModified?: number }
  bytes: ArrayBuffer
}

export async function recordOf(shot: Shot): Promise<PhotoRecord> {
  const { unit, item, source, purpose, file, bytes } = shot
  const now = device().clock.now()
  const at = instant(now)
  const mime = file.type || 'image/jpeg'
  const me = state.session.officer ?? ''
  return {
    ...{ id: uuid7(now), unit, item, state: 'stored', source, purpose },
    ...{ sha256: await sha256Hex(bytes), size: bytes.byteLength, mime },
    file_name: clean(file.name ?? '', 200) || `${source}-${now}.${mime.split('/')[1] ?? 'jpg'}`,
    file_at: file.lastModified ? instant(file.lastModified) : null,
    taken_at: source === 'album' && file.lastModified ? instant(file.lastModified) : at,
    skew_s: state.sync.clock_skew_s,
    ...{ fix: null, fix_error: null, exif_gps: hasGps(new Uint8Array(bytes)), original: null },
    ...{ offset: 0, address: null, note: '', marks: [] },
    ...{ device: house().deviceId, agent: device().agent, app: __VERSION__ },
    inspector: me,
    companions: [],
    stored_at: at,
  }
}
