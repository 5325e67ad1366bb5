/** 只存不压的 zip：照片本来就压过，电脑上双击就能打开。 */
import { utf8 } from '../sync/digest'

export interface Entry {
  name: string
  bytes: Uint8Array<ArrayBuffer>
}

const UTF8_NAMES = 0x0800

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value
})

export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) value = TABLE[(value ^ byte) & 0xff] ^ (value >>> 8)
  return (value ^ 0xffffffff) >>> 0
}

/** 每个成员一个 [值, 字节数]，小端。 */
function record(members: [number, 2 | 4][]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(members.reduce((sum, [, size]) => sum + size, 0)))
  let at = 0
  for (const [value, size] of members) {
    if (size === 2) view.setUint16(at, value, true)
    else view.setUint32(at, value, true)
    at += size
  }
  return new Uint8Array(view.buffer)
}

export function zip(entries: Entry[], at: Date): Blob {
  const files: Uint8Array<ArrayBuffer>[] = []
  const index: Uint8Array<ArrayBuffer>[] = []
  let offset = 0
  for (const { name, bytes } of entries) {
    const title = utf8(name)
    const common = commonOf(bytes, title.length, at)
    const head = record([[0x04034b50, 4], ...common])
    index.push(record([[0x02014b50, 4], [20, 2], ...common, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]]), title)
    files.push(head, title, bytes)
    offset += head.length + title.length + bytes.length
  }
  const size = index.reduce((sum, part) => sum + part.length, 0)
  const count = entries.length
  const end = record([[0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [size, 4], [offset, 4], [0, 2]])
  return new Blob([...files, ...index, end], { type: 'application/zip' })
}

function commonOf(bytes: Uint8Array, title: number, at: Date): [number, 2 | 4][] {
  const time = (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1)
  const day = ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate()
  const [crc, size] = [crc32(bytes), bytes.length]
  return [[20, 2], [UTF8_NAMES, 2], [0, 2], [time, 2], [day, 2], [crc, 4], [size, 4], [size, 4], [title, 2], [0, 2]]
}
