/** 运算“限值表”：适用的各行都要满足，取最严的一行为准。 */

import { divide, fit, largest, multiply, negate, smallest, subtract, truncate, whole, ZERO, below, type Decimal } from './decimal'
import { boundText, countOf, inputOf, nameOf, OWN_TITLES, review, rowHolds, rowsOf, titleOf, type Case } from './case'
import { addDays, readDay } from './days'
import { checkSentence, judgement, rowCheck, type Judgement, type Measured, type RowCheck } from './findings'
import { applies, asNumber, asText, exempted, formulaBound, inForce, unknown, type Row } from './limits'
import { mean, roundTo } from './numbers'
import { own } from './words'

export type Pair = readonly [passed: number, taken: number]

/** A row put to its subject, its points one by one when it looks at numbers. */
export interface Seen {
  row: Row
  check: RowCheck
  points: readonly boolean[]
}

/** All rows put to the answer: those that apply with what they saw, and what is missing. */
export interface Sweep {
  seen: Seen[]
  missing: string[]
}

/** Every applicable row must hold. null when no row belongs to this region. */
export function judgeTable(the: Case): Judgement | null {
  const rows = rowsOf(the)
  if (!rows.length) return withoutRows(the)
  const { seen, missing } = sweep(the, rows)
  const passed = seen.map((s) => s.points).filter((p) => p.length > 1).map(pairOf).reduce(lower, null)
  seen.sort((a, b) => Number(a.check.holds) - Number(b.check.holds) || strictness(a.row, b.row))
  return conclude(the, rows, seen, missing, passed)
}

export function sweep(the: Case, rows: readonly Row[]): Sweep {
  const found: Sweep = { seen: [], missing: [] }
  for (const row of rows) {
    const applicable = applies(row, the.answer.inputs)
    if (applicable === null) found.missing.push(...unknown(row, the.answer.inputs))
    if (!applicable) continue
    const result = checkRow(the, row)
    if (typeof result !== 'string') found.seen.push(result)
    else if (the.asked || own(OWN_TITLES, result) === undefined) found.missing.push(result)
  }
  return found
}

const pairOf = (points: readonly boolean[]): Pair => [countOf(points), points.length]

/** The lower pair: fewer passed, then fewer taken. */
function lower(a: Pair | null, b: Pair): Pair {
  return a === null || b[0] < a[0] || (b[0] === a[0] && b[1] < a[1]) ? b : a
}

/** Order of rows: the stricter limit first, ranges after single bounds. */
export function strictness(a: Row, b: Row): number {
  const [x, y] = [keyOf(a), keyOf(b)]
  return below(x, y) ? -1 : below(y, x) ? 1 : 0
}

function keyOf(row: Row): Decimal {
  if (row.value === null) return ZERO
  return row.op === '>=' || row.op === '>' ? fit(negate(row.value)) : row.value
}

// ------------------------------------------------------------------------------------------- conclusion

function withoutRows(the: Case): Judgement | null {
  if (!the.rule.rows.some((r) => inForce(r, r.from ?? the.on, the.region))) return null
  return judgement('needs_review', `${the.on} 当日没有现行限值：${nameOf(the)}`)
}

function conclude(the: Case, rows: Row[], seen: Seen[], missing: string[], passed: Pair | null): Judgement | null {
  const checks = seen.map((s) => s.check)
  if (checks.some((c) => !c.holds)) return failed(the, checks, passed)
  if (missing.length) return review(the, missing, checks)
  if (overlooked(the, rows, seen)) {
    return judgement('needs_review', `没有与所填条件相符的限值：${nameOf(the)}`, { checks })
  }
  if (checks[0]) return judgement('conforming', checkSentence(checks[0]), { checks, passed })
  return freeOfLimits(the, rows)
}

/** No row applied and none was overlooked: not a forbidden case, or one the rule exempts. */
function freeOfLimits(the: Case, rows: Row[]): Judgement | null {
  if (rows.some((r) => r.op === 'prohibited')) return judgement('conforming', `不属于禁止情形：${nameOf(the)}`)
  if (rows.some((r) => exempted(r, the.answer.inputs))) {
    return judgement('conforming', `已有例外条件，不受限值约束：${nameOf(the)}`)
  }
  return null
}

function failed(the: Case, checks: RowCheck[], passed: Pair | null): Judgement {
  const words = checks.filter((c) => !c.holds).map(checkSentence).join('；')
  const { screening } = the.rule
  if (screening && inputOf(the, 'method') === screening) {
    const text = `${words}；${screening}只作筛查，须按标准方法检测后再判`
    return judgement('needs_review', text, { checks, passed })
  }
  return judgement('failing', words, { checks, passed })
}

/** The answer's own quantity met no row although the rule has rows for it. */
function overlooked(the: Case, rows: Row[], seen: Seen[]): boolean {
  const ownRows = rows.filter((r) => !r.input && r.op !== 'prohibited')
  if (!ownRows.length || ownRows.some((r) => exempted(r, the.answer.inputs))) return false
  return the.asked && !seen.some(({ row }) => !row.input && row.op !== 'prohibited')
}

// ------------------------------------------------------------------------------------------- one row

/** The row put to its subject; a string names what is missing. */
export function checkRow(the: Case, row: Row): Seen | string {
  const unit = row.unit || the.rule.unit
  const title = row.title || titleOf(the, row.input || the.subject) || the.rule.title || '实测值'
  if (row.op === 'prohibited') return { row, check: rowCheck(title, row, '禁止', false), points: [] }
  if (row.op === 'in') return checkChoice(the, row)
  if (row.op === 'not_after' || row.op === 'within_days') return checkDate(the, row)
  const bound = row.formula ? formulaBound(row.formula, the.answer.inputs) : row.value
  if (row.formula && bound === null) return row.formula.input
  const found = quantities(the, row)
  if (typeof found === 'string') return found
  const pairs = found.map((q): Measured => [q, roundedFor(the, row, q)])
  const points = pairs.map(([, rounded]) => rowHolds(row, rounded, bound))
  const worst = pairs[points.includes(false) ? points.indexOf(false) : 0]
  return { row, check: rowCheck(title, row, boundText(row, bound, unit), !points.includes(false), worst, unit), points }
}

/** As the row compares it: the interval of the method rounds the answer's own quantity, not the inputs beside it. */
export function roundedFor(the: Case, row: Row, quantity: Decimal): Decimal {
  const { interval } = the.rule
  return row.input || !interval?.c ? quantity : roundTo(quantity, interval)
}

/** The numbers a row looks at, already taken relative to their reference; a string names what is missing. */
export function quantities(the: Case, row: Row): Decimal[] | string {
  const found = row.of ? statistic(the, row) : direct(the, row)
  if (typeof found === 'string') return found
  if (row.reference) {
    const base = asNumber(inputOf(the, row.reference))
    return base ? found.map((v) => subtract(v, base)) : row.reference
  }
  if (row.relativeTo) {
    const base = asNumber(inputOf(the, row.relativeTo))
    if (!base || base.c <= 0n) return row.relativeTo
    return found.map((v) => multiply(divide(v, base), whole(100)))
  }
  return found
}

function direct(the: Case, row: Row): Decimal[] | string {
  const { value, readings, count } = the.answer
  const name = row.input || the.subject
  if (name) {
    const found = asNumber(inputOf(the, name))
    return found ? [found] : name
  }
  if (value) return [value]
  if (readings.length) return [...readings]
  return count === null ? 'value' : [whole(count)]
}

function statistic(the: Case, row: Row): Decimal[] | string {
  const { readings, groups } = the.answer
  const values = readings.length ? readings : groups.flatMap((g) => g.values)
  if (!values.length) return 'readings'
  if (row.of === 'n') return [whole(values.length)]
  if (row.of === 'count_below') return [whole(countOf(values.map((v) => below(v, row.than ?? ZERO))))]
  if (row.of === 'mean') return [mean(values)]
  return [values.reduce(row.of === 'max' ? largest : smallest)]
}

function checkChoice(the: Case, row: Row): Seen | string {
  const name = row.input || the.subject
  const given = name ? inputOf(the, name) : the.answer.choice
  const chosen = given === undefined || given === false ? '' : asText(given)
  if (!chosen) return name || 'choice'
  const title = `${row.title || '所选'}“${chosen}”`
  return { row, check: rowCheck(title, row, boundText(row, null, ''), row.values.includes(chosen)), points: [] }
}

function checkDate(the: Case, row: Row): Seen | string {
  const { on } = the.answer
  const start = readDay(inputOf(the, row.reference))
  if (on === null) return 'on'
  if (start === null) return row.reference
  const last = row.op === 'within_days' ? addDays(start, Number(truncate(row.value ?? ZERO))) : start
  const title = `${row.title || '日期'} ${on}`
  return { row, check: rowCheck(title, row, `不晚于 ${last}`, on <= last), points: [] }
}
