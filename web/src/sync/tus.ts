/**
 * 断点续传（tus 1.0.0），建在 fetch 上：一张照片一次上传，每块 512 KiB 带 SHA-256。
 *
 * 续传地址在第一个字节发出之前存下；服务器收到哪里只听 HEAD 或 PATCH 的回答，从不自己猜。
 */
import type { PhotoRecord } from '../store/schema'
import { base64, sha256, utf8 } from './digest'
import { Later, type Http } from './http'

export const PIECE = 512 * 1024
export const UPLOADS = '/api/v1/field/uploads'
const TUS = { 'Tus-Resumable': '1.0.0' }
/** 上传地址不认了：忘掉它，重新登记（登记是幂等的）。 */
const FORGOTTEN: readonly number[] = [404, 410]
const MOST_RESTARTS = 3

export interface Progress {
  /** 存下续传地址与已收字节；完成之后才继续。 */
  keep(change: { address: string | null; offset: number }): Promise<void>
  /** 每块之前问一句还传不传；抛错即停。 */
  still(): void
}

/** 传完一张；返回时服务器已核对整张的 SHA-256。失败抛 Offline、Later、NeedsSignIn、Rejected。 */
export async function uploadPhoto(http: Http, photo: PhotoRecord, bytes: ArrayBuffer, progress: Progress): Promise<void> {
  let address = photo.address
  for (let round = 0; round < MOST_RESTARTS; round++) {
    const known = address !== null
    address ??= await create(http, photo, progress)
    if (await resume(http, address, photo, bytes, progress, known)) return
    await progress.keep({ address: null, offset: 0 })
    address = null
  }
  throw new Later(404)
}

async function create(http: Http, photo: PhotoRecord, progress: Progress): Promise<string> {
  const headers = { ...TUS, 'Upload-Length': String(photo.size), 'Upload-Metadata': metadata(photo) }
  const reply = await http.send(UPLOADS, { method: 'POST', headers })
  const address = sameOrigin(reply.headers.get('Location'))
  if (!address) throw new Later(502)
  await progress.keep({ address, offset: 0 })
  return address
}

/** 只认本站 `/uploads/` 之下的地址；别处的一概不发字节。 */
function sameOrigin(location: string | null): string | null {
  if (!location) return null
  const base = globalThis.location?.origin ?? 'http://localhost'
  const found = new URL(location, base + UPLOADS)
  return found.origin === base && found.pathname.startsWith(`${UPLOADS}/`) ? found.pathname + found.search : null
}

/** 照片的说明，tus 的写法：键、空格、base64。 */
export function metadata(photo: PhotoRecord): string {
  const fix = photo.fix
  const told: Record<string, string> = {
    photo: photo.id,
    check: photo.unit,
    item: photo.item ?? '',
    filename: photo.file_name,
    filetype: photo.mime,
    sha256: photo.sha256,
    taken_at: photo.taken_at,
    fix: fix ? JSON.stringify({ longitude: fix.longitude, latitude: fix.latitude, accuracy_m: fix.accuracy_m, datum: fix.datum, age_s: fix.age_s }) : '',
    source: photo.source,
  }
  const words = Object.entries(told).filter(([, value]) => value !== '')
  return words.map(([key, value]) => `${key} ${base64(utf8(value))}`).join(',')
}

/** 从服务器收到的地方接着传；地址不认了返回 false。 */
async function resume(
  http: Http,
  address: string,
  photo: PhotoRecord,
  bytes: ArrayBuffer,
  progress: Progress,
  ask: boolean,
): Promise<boolean> {
  let offset: number | null = ask ? await head(http, address) : 0
  let asked = ask
  while (offset !== null) {
    if (offset > photo.size) return false
    if (offset === photo.size && asked && (await arrived(http, photo))) return true
    progress.still()
    const sent: Piece = await patch(http, address, bytes, offset)
    if (sent === 'forgotten') return false
    asked = sent === 'elsewhere'
    const next = sent === 'elsewhere' ? await head(http, address) : sent
    if (next === null) return false
    // It refused this offset and still names it, or took nothing: another connection of ours is not dead yet.
    if (next === offset && next < photo.size) throw new Later(423)
    offset = next
    await progress.keep({ address, offset })
    if (!asked && offset >= photo.size) return true
  }
  return false
}

/** 服务器收到了多少；不认这个地址为 null。 */
async function head(http: Http, address: string): Promise<number | null> {
  const reply = await http.send(address, { method: 'HEAD', headers: TUS, expects: FORGOTTEN })
  if (!reply.ok) return null
  return offsetOf(reply)
}

function offsetOf(reply: Response): number {
  const offset = Number(reply.headers.get('Upload-Offset') ?? NaN)
  if (!Number.isSafeInteger(offset) || offset < 0) throw new Later(502)
  return offset
}

type Piece = number | 'elsewhere' | 'forgotten'

/** 发一块（到头时发空的一块，请服务器收尾）；409 表示服务器在别处，先问。 */
async function patch(http: Http, address: string, bytes: ArrayBuffer, offset: number): Promise<Piece> {
  const piece = new Uint8Array(bytes.slice(offset, offset + PIECE))
  const headers = {
    ...TUS,
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Offset': String(offset),
    'Upload-Checksum': `sha256 ${base64(await sha256(piece))}`,
  }
  const reply = await http.send(address, { method: 'PATCH', headers, body: piece, expects: [409, ...FORGOTTEN] })
  if (FORGOTTEN.includes(reply.status)) return 'forgotten'
  if (reply.status === 409) return 'elsewhere'
  const next = offsetOf(reply)
  if (next < offset || next > offset + piece.length) throw new Later(502)
  return next
}

/** 字节都在服务器上了，收尾没有：照片登记过且摘要相同才算。 */
async function arrived(http: Http, photo: PhotoRecord): Promise<boolean> {
  const { status, body } = await http.json<{ sha256?: string }>(`/api/v1/field/photos/${photo.id}`, { expects: [404] })
  return status === 200 && body?.sha256 === photo.sha256
}

