/** 数值：读数的读法，GB/T 8170 修约，均值与标准差；与服务器 `domain/numbers.py` 同一套规矩。 */

import {
  add, absolute, below, divide, fit, largest, multiply, negate, normalize, plain, rescale, root, subtract, whole, WIDE, ZERO,
  type Decimal,
} from './decimal'
import { strip } from './words'

const MAX_TEXT = 40
const MOST_PLACES = 15
const BOUND: Decimal = { c: 1n, e: 15 }
const ONE = whole(1)
const PLAIN = /^([+-]?)(?:(\d{1,15})(?:\.(\d{0,15}))?|\.(\d{1,15}))(?:[eE]([+-]?\d{1,2}))?$/
const SIGNS = /[－−—﹣]/g

/** The number in a text, as the server reads it; null for whatever it refuses. */
export function parseDecimal(text: string): Decimal | null {
  if ([...text].length > MAX_TEXT) return null
  const found = PLAIN.exec(strip(text.normalize('NFKC').replace(SIGNS, '-')))
  if (!found) return null
  const [, sign = '', integer = '', tail, bare, power = '0'] = found
  const fraction = tail ?? bare ?? ''
  const c = BigInt(integer + fraction)
  return bounded({ c: sign === '-' ? -c : c, e: Number(power) - fraction.length })
}

function bounded(d: Decimal): Decimal | null {
  if (d.e < -MOST_PLACES || d.e > MOST_PLACES || !below(absolute(d), BOUND)) return null
  return d.e > 0 ? rescale(d, 0) : d
}

/** The text that stands for a number in digests and sentences: `0.030` and `0.03` give `0.03`. */
export function canonical(d: Decimal): string {
  return plain(normalize(d))
}

/** A number in a sentence: quotients without end are cut to four places. */
export function shown(d: Decimal): string {
  const text = plain(d)
  if ((text.split('.')[1] ?? '').length <= 6) return text
  const cut = plain(rescale(d, -4))
  return `${d.c < 0n && !cut.startsWith('-') ? '-' : ''}${cut}…`
}

/** Rounded to a multiple of `interval` by GB/T 8170: half to even, once only. */
export function roundTo(d: Decimal, interval: Decimal): Decimal {
  const quotient = divide(absolute(d), interval, WIDE)
  const steps = quotient.e < 0 ? rescale(quotient, 0) : quotient
  const rounded = multiply(steps, interval, WIDE)
  const kept = below(interval, ONE) ? rescale(rounded, normalize(interval).e) : rounded
  return d.c < 0n ? fit(negate(kept)) : kept
}

function sum(values: readonly Decimal[]): Decimal {
  return values.reduce(add, ZERO)
}

/** Arithmetic mean; the caller rounds, once. */
export function mean(values: readonly Decimal[]): Decimal {
  return divide(sum(values), whole(values.length))
}

/** Standard deviation with n-1; zero for fewer than two values. */
export function sampleDeviation(values: readonly Decimal[]): Decimal {
  if (values.length < 2) return ZERO
  const total = sum(values)
  const squares = sum(values.map((v) => multiply(v, v, WIDE)))
  const share = divide(multiply(total, total, WIDE), whole(values.length), WIDE)
  const spread = largest(subtract(squares, share, WIDE), ZERO)
  return root(divide(spread, whole(values.length - 1), WIDE))
}

// ------------------------------------------------------------------------------------------- texts

/**
 * A number as people type it (full-width digits, －, 。), as the text that is stored and sent; trailing zeros stay.
 * null when it is not a number yet.
 */
export function readTyped(text: string): string | null {
  const found = parseDecimal(text.replace(/[。｡]/g, '.'))
  return found && plain(found)
}

/** Order of two numbers given as text; throws RangeError for text that is no number. */
export function compareNumbers(a: string, b: string): number {
  const difference = subtract(needed(a), needed(b), WIDE)
  return difference.c < 0n ? -1 : difference.c > 0n ? 1 : 0
}

/** `0.030` -> `0.03`; throws RangeError for text that is no number. */
export function canonicalText(text: string): string {
  return canonical(needed(text))
}

export function needed(text: string): Decimal {
  const found = parseDecimal(text)
  if (!found) throw new RangeError(`不是数：${text}`)
  return found
}
