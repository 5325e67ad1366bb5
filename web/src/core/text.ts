/** 人打的字在存下之前收拾干净，免得封存之后被服务器拒收。 */

// The characters the server refuses, spelled as it spells them.
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]/g
// Pairs are matched first and kept; what is left is lone. (No look-behind: Safari 15 does not know it.)
const SURROGATES = /[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]/g
const SIGNS = /[－−—﹣]/g
const PLAIN = /^[+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})$/

/** NFC、去掉看不见的控制字符与不成对的代理字符、去两端空白，最多 `most` 个字。 */
export function clean(text: string, most: number): string {
  const kept = text.replace(CONTROL, '').replace(SURROGATES, (found) => (found.length === 2 ? found : '')).normalize('NFC').trim()
  return Array.from(kept).slice(0, most).join('').trim()
}

/** 人打的数字的规范写法（全角、各种负号都认）；不是数字为 null。 */
export function decimal(text: string): string | null {
  const plain = text.normalize('NFKC').replace(SIGNS, '-').replace(/。/g, '.').trim()
  return PLAIN.test(plain) ? plain.replace(/^\+/, '') : null
}

export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}
