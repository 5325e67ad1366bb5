/**
 * 十进制小数：系数 × 10 的幂，系数用 BigInt，任何时候都不经过二进制浮点。
 *
 * The rules of IEEE 754 decimal arithmetic as the server's evaluator uses them: a result is exact, or rounded
 * half-even to the digits of its context, and its exponent follows the operands, so that texts agree too.
 */

/** c × 10^e。 */
export interface Decimal {
  readonly c: bigint
  readonly e: number
}

/** Significant digits of ordinary work, and of steps that must not lose any. */
export const DIGITS = 28
export const WIDE = 60

export const ZERO: Decimal = { c: 0n, e: 0 }
const POWERS: bigint[] = []

/** 10^n for n ≥ 0. */
export function ten(n: number): bigint {
  return (POWERS[n] ??= 10n ** BigInt(n))
}

export function whole(n: number): Decimal {
  return { c: BigInt(n), e: 0 }
}

const size = (c: bigint): bigint => (c < 0n ? -c : c)
const digits = (c: bigint): number => size(c).toString().length

/** Quotient of integers, the half to the even side; `by` > 0. */
function halfEven(c: bigint, by: bigint): bigint {
  const magnitude = size(c)
  let quotient = magnitude / by
  const twice = (magnitude - quotient * by) * 2n
  if (twice > by || (twice === by && quotient % 2n === 1n)) quotient += 1n
  return c < 0n ? -quotient : quotient
}

/** The number with exponent `e`; digits that fall off are rounded half-even. */
export function rescale(d: Decimal, e: number): Decimal {
  return e <= d.e ? { c: d.c * ten(d.e - e), e } : { c: halfEven(d.c, ten(e - d.e)), e }
}

/** The number with at most `most` digits. */
export function fit(d: Decimal, most = DIGITS): Decimal {
  const over = digits(d.c) - most
  if (over <= 0) return d
  const cut = rescale(d, d.e + over)
  return digits(cut.c) > most ? { c: cut.c / 10n, e: cut.e + 1 } : cut
}

export function compare(a: Decimal, b: Decimal): number {
  const e = Math.min(a.e, b.e)
  const [x, y] = [a.c * ten(a.e - e), b.c * ten(b.e - e)]
  return x < y ? -1 : x > y ? 1 : 0
}

export const atLeast = (a: Decimal, b: Decimal): boolean => compare(a, b) >= 0
export const below = (a: Decimal, b: Decimal): boolean => compare(a, b) < 0
export const equal = (a: Decimal, b: Decimal): boolean => compare(a, b) === 0
export const largest = (a: Decimal, b: Decimal): Decimal => (compare(b, a) > 0 ? b : a)
export const smallest = (a: Decimal, b: Decimal): Decimal => (compare(b, a) < 0 ? b : a)

export function absolute(d: Decimal): Decimal {
  return fit({ c: size(d.c), e: d.e })
}

export function negate(d: Decimal): Decimal {
  return { c: -d.c, e: d.e }
}

export function add(a: Decimal, b: Decimal): Decimal {
  const e = Math.min(a.e, b.e)
  return fit({ c: a.c * ten(a.e - e) + b.c * ten(b.e - e), e })
}

export function subtract(a: Decimal, b: Decimal, most = DIGITS): Decimal {
  const e = Math.min(a.e, b.e)
  return fit({ c: a.c * ten(a.e - e) - b.c * ten(b.e - e), e }, most)
}

export function multiply(a: Decimal, b: Decimal, most = DIGITS): Decimal {
  return fit({ c: a.c * b.c, e: a.e + b.e }, most)
}

/** Quotient; an exact one keeps no more zeros than its operands had. Throws RangeError when `b` is zero. */
export function divide(a: Decimal, b: Decimal, most = DIGITS): Decimal {
  const ideal = a.e - b.e
  if (a.c === 0n && b.c !== 0n) return { c: 0n, e: ideal }
  const shift = digits(b.c) - digits(a.c) + most + 1
  const [top, bottom] = shift >= 0 ? [size(a.c) * ten(shift), size(b.c)] : [size(a.c), size(b.c) * ten(-shift)]
  const quotient = top / bottom
  const inexact = quotient * bottom !== top
  const signed = a.c < 0n === b.c < 0n ? 1n : -1n
  const found = inexact ? { c: sticky(quotient), e: ideal - shift } : strip({ c: quotient, e: ideal - shift }, ideal)
  return fit({ c: signed * found.c, e: found.e }, most)
}

/** A last digit that tells the rounding that more digits follow. */
const sticky = (c: bigint): bigint => (c % 5n === 0n ? c + 1n : c)

/** Without trailing zeros, as long as the exponent stays at or below `most`. */
function strip(d: Decimal, most: number): Decimal {
  let { c, e } = d
  while (e < most && c % 10n === 0n) {
    c /= 10n
    e += 1
  }
  return { c, e }
}

/** Without any trailing zero. */
export function normalize(d: Decimal): Decimal {
  return d.c === 0n ? ZERO : strip(d, Number.MAX_SAFE_INTEGER)
}

/** Square root of a number ≥ 0, rounded half-even. */
export function root(d: Decimal): Decimal {
  if (d.c === 0n) return { c: 0n, e: Math.floor(d.e / 2) }
  const odd = Math.abs(d.e % 2) === 1
  const length = digits(d.c)
  const half = odd ? (length >> 1) + 1 : (length + 1) >> 1
  const shift = DIGITS + 1 - half
  const start = odd ? d.c * 10n : d.c
  const scaled = shift >= 0 ? start * ten(2 * shift) : start / ten(-2 * shift)
  const e = Math.floor(d.e / 2) - shift
  const found = integerRoot(scaled)
  const back = shift >= 0 ? scaled : scaled * ten(-2 * shift)
  if (found * found !== scaled || back !== start * (shift >= 0 ? ten(2 * shift) : 1n)) {
    return fit({ c: sticky(found), e })
  }
  return fit({ c: shift >= 0 ? found / ten(shift) : found * ten(-shift), e: e + shift })
}

function integerRoot(c: bigint): bigint {
  let guess = ten((digits(c) >> 1) + 1)
  for (;;) {
    const next = c / guess
    if (guess <= next) return guess
    guess = (guess + next) >> 1n
  }
}

/** Portions of `per` that cover `d`; both exact, `per` > 0. */
export function ceiling(d: Decimal, per: Decimal): bigint {
  const e = Math.min(d.e, per.e)
  const [top, bottom] = [d.c * ten(d.e - e), per.c * ten(per.e - e)]
  const quotient = top / bottom
  return top > quotient * bottom ? quotient + 1n : quotient
}

/** Towards zero. */
export function truncate(d: Decimal): bigint {
  return d.e >= 0 ? d.c * ten(d.e) : d.c / ten(-d.e)
}

/** Plain text without exponent, trailing zeros kept: `0.030`. */
export function plain(d: Decimal): string {
  const sign = d.c < 0n ? '-' : ''
  const text = size(d.c).toString()
  if (d.e >= 0) return sign + (d.c === 0n ? '0' : text + '0'.repeat(d.e))
  const padded = text.padStart(1 - d.e, '0')
  return `${sign}${padded.slice(0, d.e)}.${padded.slice(d.e)}`
}

/** The number in a text made by `plain`. */
export function fromPlain(text: string): Decimal {
  const [integer = '', fraction = ''] = text.split('.')
  return { c: BigInt(integer + fraction), e: -fraction.length }
}
