/** 摘要与编码：一律用 WebCrypto。 */
import { canonical, type Json } from './canonical'

export type Bytes = ArrayBuffer | Uint8Array<ArrayBuffer>

export function hex(bytes: Bytes): string {
  return Array.from(view(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function base64(bytes: Bytes): string {
  let text = ''
  for (const byte of view(bytes)) text += String.fromCharCode(byte)
  return btoa(text)
}

/** 标准或 URL 安全的 base64，可不带补位。 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0))
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>
}

export async function sha256(bytes: Bytes): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', view(bytes))
}

/** 字节的 SHA-256，小写十六进制。 */
export async function sha256Hex(bytes: Bytes): Promise<string> {
  return hex(await sha256(bytes))
}

/** 一份 JSON 的摘要：对 RFC 8785 写法的 UTF-8 字节。 */
export async function digestOf(body: unknown): Promise<string> {
  return sha256Hex(utf8(canonical(body as Json)))
}

function view(bytes: Bytes): Uint8Array<ArrayBuffer> {
  return bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)
}
