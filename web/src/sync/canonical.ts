/** RFC 8785：JSON 的唯一写法，供算摘要。 */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json | undefined }

/**
 * 成员名按 UTF-16 码元排序，没有空白，数字用 ECMAScript 的最短写法。
 * 值为 undefined 的成员不写；NaN、无穷大和不成对的代理字符一律拒绝（TypeError）。
 */
export function canonical(value: Json): string {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'number') return number(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object') throw new TypeError(`不能写成 JSON：${typeof value}`)
  const names = Object.keys(value).filter((name) => value[name] !== undefined)
  return `{${names.sort().map((name) => `${text(name)}:${canonical(value[name] as Json)}`).join(',')}}`
}

function number(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError('JSON 里没有这样的数')
  return Object.is(value, -0) ? '0' : String(value)
}

function text(value: string): string {
  if (LONE.test(value)) throw new TypeError('含有不成对的代理字符')
  return JSON.stringify(value)
}

const LONE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?:[^\uD800-\uDBFF]|^)[\uDC00-\uDFFF]/
