/** 编号：手机自己生成，服务器照收。 */
import { hex, sha256, utf8 } from './digest'

function shape(bytes: Uint8Array, version: number): string {
  bytes[6] = (bytes[6] & 0x0f) | (version << 4)
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const text = hex(bytes as Uint8Array<ArrayBuffer>)
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20, 32)].join('-')
}

/** UUIDv7：前 48 位是毫秒，所以按生成先后排序。 */
export function uuid7(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  for (let n = 0; n < 6; n++) bytes[n] = Math.floor(now / 2 ** (8 * (5 - n))) & 0xff
  return shape(bytes, 7)
}

/** UUIDv8：由名字算出，两部没有信号的手机对同一件事得到同一个编号。 */
export async function uuid8(...names: (string | number)[]): Promise<string> {
  const digest = await sha256(utf8(['zhijian', ...names].join('\n')))
  return shape(new Uint8Array(digest).slice(0, 16), 8)
}
