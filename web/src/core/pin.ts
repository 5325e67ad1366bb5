/** 本机解锁码：只锁屏幕。它不加密资料——钥匙和资料放在一起保护不了什么，静态保护靠手机自己的锁屏。 */
import type { KeptSession } from '../store/deviceRecord'
import { hex, utf8 } from '../sync/digest'

export const ROUNDS = 150_000
type Pin = NonNullable<KeptSession['pin']>

export async function makePin(pin: string): Promise<Pin> {
  const salt = crypto.getRandomValues(new Uint8Array(16)).buffer
  return { salt, hash: await derive(pin, salt, ROUNDS), rounds: ROUNDS }
}

export async function checkPin(kept: Pin, pin: string): Promise<boolean> {
  return hex(await derive(pin, kept.salt, kept.rounds)) === hex(kept.hash)
}

async function derive(pin: string, salt: ArrayBuffer, iterations: number): Promise<ArrayBuffer> {
  const key = await crypto.subtle.importKey('raw', utf8(pin), 'PBKDF2', false, ['deriveBits'])
  return crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, 256)
}
