/** 刻度：上下界、设计值和每个读数在一条轴上的位置；只供画图，判定不看它。 */

import type { Answer, Item } from '@/wire'
import { absolute, add, atLeast, divide, largest, multiply, negate, plain, smallest, whole, ZERO, type Decimal } from './decimal'
import { inputOf, rowHolds, rowsOf, type Case } from './case'
import { constantRow, toleranceOf } from './cover'
import { representatives } from './cubes'
import type { Context } from './judge'
import { applies, asNumber, formulaBound, type Row } from './limits'
import { liveCases } from './live'
import { canonical } from './numbers'
import { roundedFor } from './table'

/** One reading; `sample` 0 is the value or the readings, n the n-th group. `at` runs from 0 to 1. */
export interface GaugePoint {
  text: string
  at: number
  holds: boolean
  sample: number
  index: number
}

/** Bounds and design value as text and as places on the axis; null where there is none. */
export interface Gauge {
  unit: string
  low: string | null
  high: string | null
  design: string | null
  lowAt: number | null
  highAt: number | null
  designAt: number | null
  points: GaugePoint[]
}

/** A scale before it is laid out. */
interface Scale {
  unit: string
  low: Decimal | null
  high: Decimal | null
  design: Decimal | null
  points: { value: Decimal; holds: boolean; sample: number; index: number }[]
}

const MARGIN = 0.15

/** The gauge of the answer's own quantity; null when its limits are no range on a line, or not known yet. */
export function gauge(item: Item, answer: Answer, context: Context): Gauge | null {
  for (const the of liveCases(item, answer, context)) {
    const scale = (SCALES[the.rule.operator] ?? (() => null))(the)
    if (scale) return layOut(scale)
  }
  return null
}

const SCALES: Readonly<Record<string, (the: Case) => Scale | null>> = {
  table: tableScale,
  pass_rate: coverScale,
  cube_groups: cubeScale,
}

// ------------------------------------------------------------------------------------------- scales

const ON_A_LINE = new Set(['<=', '>=', '<', '>', 'between', 'abs<=', 'abs<'])
const EACH = new Set(['', 'min', 'max'])

function tableScale(the: Case): Scale | null {
  const rows = rowsOf(the).filter(
    (r) => !r.input && ON_A_LINE.has(r.op) && EACH.has(r.of) && applies(r, the.answer.inputs) === true,
  )
  const first = rows[0]
  if (!first) return null
  const shift = shiftOf(the, first)
  const ranges = rows.map((r) => rangeOf(the, r))
  if (!shift || ranges.some((range) => !range)) return null
  const lows = ranges.flatMap((range) => range?.[0] ?? [])
  const highs = ranges.flatMap((range) => range?.[1] ?? [])
  const [low, high] = [lows.length ? lows.reduce(largest) : null, highs.length ? highs.reduce(smallest) : null]
  const unit = first.relativeTo ? unitOf(the, first.relativeTo) : first.unit || the.rule.unit
  const points = pointsOf(the, (v) => rows.every((r) => pointHolds(the, r, shift.back(v))))
  const centred = low !== null && high !== null && low.c < 0n && high.c > 0n
  return { unit, low: low && shift.out(low), high: high && shift.out(high), design: shift.design ?? (centred ? ZERO : null), points }
}

const unitOf = (the: Case, name: string): string => the.rule.specs.find((s) => s.name === name)?.unit ?? ''

/** Between what is read (a slump, a thickness) and what the row compares (a difference, a percentage). */
interface Shift {
  design: Decimal | null
  out: (quantity: Decimal) => Decimal
  back: (reading: Decimal) => Decimal
}

function shiftOf(the: Case, row: Row): Shift | null {
  if (!row.reference && !row.relativeTo) return { design: null, out: (q) => q, back: (v) => v }
  const base = asNumber(inputOf(the, row.reference || row.relativeTo))
  if (!base) return null
  if (row.reference) return { design: base, out: (q) => add(q, base), back: (v) => add(v, negate(base)) }
  if (base.c <= 0n) return null
  const hundred = whole(100)
  return {
    design: base,
    out: (q) => divide(multiply(q, base), hundred),
    back: (v) => multiply(divide(v, base), hundred),
  }
}

/** Lower and upper bound of a row; null while its formula waits for an input. */
function rangeOf(the: Case, row: Row): [Decimal | null, Decimal | null] | null {
  if (row.op === 'between') return [row.min, row.max]
  const bound = row.formula ? formulaBound(row.formula, the.answer.inputs) : row.value
  if (!bound) return null
  if (row.op.startsWith('abs')) return [negate(absolute(bound)), absolute(bound)]
  return [row.op.startsWith('<') ? null : bound, row.op.startsWith('>') ? null : bound]
}

function pointHolds(the: Case, row: Row, quantity: Decimal): boolean {
  const bound = row.formula ? formulaBound(row.formula, the.answer.inputs) : row.value
  return rowHolds(row, roundedFor(the, row, quantity), bound)
}

function pointsOf(the: Case, holds: (value: Decimal) => boolean): Scale['points'] {
  const { value, readings, groups, count } = the.answer
  const own = the.subject ? asNumber(inputOf(the, the.subject)) : value
  const first = own ? [own] : readings.length || count === null ? readings : [whole(count)]
  const samples = [first, ...groups.map((g) => g.values)]
  return samples.flatMap((s, sample) => s.map((v, index) => ({ value: v, holds: holds(v), sample, index })))
}

function coverScale(the: Case): Scale | null {
  const row = toleranceOf(the)
  if (!row) return null
  const points = pointsOf(the, (v) => rowHolds(row, v, null))
  return { unit: the.rule.unit, low: row.min, high: row.max, design: ZERO, points }
}

/** Representative values against the share of the grade below which a group fails by any method. */
function cubeScale(the: Case): Scale | null {
  const grade = asNumber(inputOf(the, 'grade'))
  const share = constantRow(the, 'certain_failure')?.value
  if (!grade || !share) return null
  const low = multiply(share, grade)
  const found = representatives(the, grade) ?? []
  const points = found.flatMap((value, n) => (value ? [{ value, holds: atLeast(value, low), sample: n + 1, index: 0 }] : []))
  return { unit: 'MPa', low, high: null, design: grade, points }
}

// ------------------------------------------------------------------------------------------- layout

function layOut({ unit, low, high, design, points }: Scale): Gauge | null {
  const marks = [low, high, design, ...points.map((p) => p.value)].filter((d) => d !== null).map(place)
  if (low === null && high === null) return null
  const [least, most] = [Math.min(...marks), Math.max(...marks)]
  const room = (most - least) * MARGIN || Math.abs(most) * MARGIN || 1
  const at = (d: Decimal): number => (place(d) - least + room) / (most - least + 2 * room)
  return {
    unit,
    low: low && canonical(low),
    high: high && canonical(high),
    design: design && canonical(design),
    lowAt: low && at(low),
    highAt: high && at(high),
    designAt: design && at(design),
    points: points.map(({ value, holds, sample, index }) => ({ text: plain(value), at: at(value), holds, sample, index })),
  }
}

/** For drawing only. */
const place = (d: Decimal): number => Number(plain(d))
