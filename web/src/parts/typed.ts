/** 键入中的数：还没打完的、打错的、成数的；换算由规则负责（全角也收）。 */
import { readTyped } from '@/rules'

export type Typed = { state: 'empty' | 'partial' | 'wrong'; text: null } | { state: 'number'; text: string }

const MINUS = /^[-－−–—﹣]/
const PARTIAL = /^[-+－−–—﹣＋]?[.．。]?$/
const MOST = 1_000_000

/** 读一个键入的数：partial 是只有符号或只有小数点，还没打完。 */
export function typed(raw: string): Typed {
  const text = raw.trim()
  if (!text) return { state: 'empty', text: null }
  const number = readTyped(text)
  if (number !== null) return { state: 'number', text: number }
  return { state: PARTIAL.test(text) ? 'partial' : 'wrong', text: null }
}

/** 一组键入的数里成数的那些，依次。 */
export function numbersIn(texts: readonly string[]): string[] {
  return texts.map(typed).flatMap((t) => (t.state === 'number' ? [t.text] : []))
}

/** 读一个键入的计数，0 到一百万的整数；不是就给 null。 */
export function readCount(raw: string): number | null {
  const text = readTyped(raw)
  return text !== null && /^\d{1,7}$/.test(text) && Number(text) <= MOST ? Number(text) : null
}

/** 正负号键：把键入的文字变号，空的变成一个减号。 */
export function flipSign(raw: string): string {
  const text = raw.trim()
  return MINUS.test(text) ? text.slice(1) : `-${text.replace(/^[+＋]/, '')}`
}
