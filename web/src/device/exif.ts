/** JPEG 里的 EXIF 段：有没有 GPS、方向；只读，或为副本改方向。 */

const APP1 = 0xe1
const START_OF_SCAN = 0xda
const GPS_POINTER = 0x8825
const ORIENTATION = 0x0112
const LATITUDE = 2

type Octets = Uint8Array<ArrayBuffer>

/** 整个 APP1 段（连标记和长度）；不是 JPEG 或没有 EXIF 为 null。 */
export function exifSegment(bytes: Octets): Octets | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null
  let at = 2
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const kind = bytes[at + 1]
    const size = (bytes[at + 2] << 8) | bytes[at + 3]
    if (kind === START_OF_SCAN || size < 2 || at + 2 + size > bytes.length) return null
    if (kind === APP1 && isExif(bytes, at + 4)) return bytes.slice(at, at + 2 + size)
    at += 2 + size
  }
  return null
}

function isExif(bytes: Octets, at: number): boolean {
  return [0x45, 0x78, 0x69, 0x66, 0, 0].every((byte, n) => bytes[at + n] === byte)
}

const TIFF = 10 // marker 2, length 2, "Exif\0\0" 6

interface Entry {
  /** 值或其偏移所在，相对于段首。 */
  at: number
  value: number
}

class Directory {
  private readonly view: DataView
  private readonly little: boolean

  constructor(segment: Octets) {
    this.view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength)
    this.little = this.view.getUint16(TIFF) === 0x4949
  }

  get first(): number {
    return this.view.getUint32(TIFF + 4, this.little)
  }

  find(offset: number, tag: number): Entry | null {
    const start = TIFF + offset
    const count = this.view.getUint16(start, this.little)
    for (let n = 0; n < count; n++) {
      const at = start + 2 + 12 * n
      if (this.view.getUint16(at, this.little) !== tag) continue
      return { at: at + 8, value: this.view.getUint32(at + 8, this.little) }
    }
    return null
  }

  setShort(at: number, value: number): void {
    this.view.setUint16(at, value, this.little)
  }
}

/** EXIF 里有没有纬度。坏的 EXIF 当作没有。 */
export function hasGps(bytes: Octets): boolean {
  const segment = exifSegment(bytes)
  if (!segment) return false
  try {
    const directory = new Directory(segment)
    const gps = directory.find(directory.first, GPS_POINTER)
    return gps !== null && directory.find(gps.value, LATITUDE) !== null
  } catch {
    return false
  }
}

/** 同一段，方向改为 1。 */
export function upright(segment: Octets): Octets {
  const copy = segment.slice()
  try {
    const directory = new Directory(copy)
    const entry = directory.find(directory.first, ORIENTATION)
    if (entry) directory.setShort(entry.at, 1)
  } catch {
    // A broken directory has no orientation anybody could read.
  }
  return copy
}

/** 把段放在 JPEG 开始标记之后。 */
export function withSegment(jpeg: Octets, segment: Octets): ArrayBuffer {
  const joined = new Uint8Array(jpeg.length + segment.length)
  joined.set(jpeg.subarray(0, 2))
  joined.set(segment, 2)
  joined.set(jpeg.subarray(2), 2 + segment.length)
  return joined.buffer
}
