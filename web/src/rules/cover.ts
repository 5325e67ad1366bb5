/** 运算“合格点率”：第一次抽样，合格点率允许时再抽一次同样数量。 */

import { absolute, atLeast, below, compare, multiply, plain, whole, ZERO, type Decimal } from './decimal'
import { boundText, countOf, review, rowHolds, rowsOf, type Case } from './case'
import { judgement, rowCheck, type Judgement, type Outcome } from './findings'
import { applies, unknown, type Facts, type Row } from './limits'
import { canonical } from './numbers'
import type { Pair } from './table'

/** The row of this label whose conditions hold; `facts` stand beside the inputs of the answer. */
export function constantRow(the: Case, label: string, facts?: Facts): Row | undefined {
  return rowsOf(the).find((r) => r.label === label && applies(r, the.answer.inputs, facts))
}

/** The value of a constant that a published rule always has; throws Error, zero would never be silently used. */
export function constant(the: Case, label: string, facts?: Facts): Decimal {
  const value = constantRow(the, label, facts)?.value
  if (!value) throw new Error(`${the.rule.name}：没有 ${label}`)
  return value
}

/** Samples taken: the readings first, then the values of each group. */
export function samplesOf(the: Case): (readonly Decimal[])[] {
  return [the.answer.readings, ...the.answer.groups.map((g) => g.values)].filter((s) => s.length)
}

/** The range that applies to the inputs given so far. */
export function toleranceOf(the: Case): Row | undefined {
  return rowsOf(the).find((r) => !r.label && applies(r, the.answer.inputs))
}

export function judgePassRate(the: Case): Judgement {
  const row = toleranceOf(the)
  const missing = rowsOf(the).filter((r) => !r.label).flatMap((r) => unknown(r, the.answer.inputs))
  if (!row && missing.length) return review(the, missing)
  if (!row) return judgement('needs_review', `没有与所填条件相符的限值：${the.rule.title}`)
  const samples = samplesOf(the)
  return samples[0] ? judgeSamples(the, row, samples[0], samples[1]) : review(the, ['readings'])
}

function judgeSamples(the: Case, row: Row, first: readonly Decimal[], second?: readonly Decimal[]): Judgement {
  const factor = constant(the, 'max_factor')
  const taken = [...first, ...(second ?? [])]
  const worst = taken.filter((v) => beyond(row, v, factor))
  const once = passed(row, first)
  if (worst.length) {
    const most = worst.reduce((a, b) => (compare(absolute(b), absolute(a)) > 0 ? b : a))
    const text = `最大偏差 ${plain(most)} mm，超过允许值的 ${canonical(factor)} 倍`
    return result(the, row, 'failing', passed(row, taken), text)
  }
  if (reaches(once, constant(the, 'pass_rate'))) return result(the, row, 'conforming', once, '合格点率达到要求')
  if (!reaches(once, constant(the, 'retry_rate'))) {
    return result(the, row, 'failing', once, '合格点率低于可再抽样的下限')
  }
  if (!second || second.length < first.length) {
    const text = `合格点 ${once[0]}/${once[1]}，须再抽取相同数量后按两次合计判定`
    return judgement('needs_review', text, { missing: ['groups'], passed: once })
  }
  const both = passed(row, taken)
  const good = reaches(both, constant(the, 'pass_rate'))
  return result(the, row, good ? 'conforming' : 'failing', both, `两次合计${good ? '达到要求' : '仍未达到要求'}`)
}

/** Further out than so many times what is allowed. */
function beyond(row: Row, value: Decimal, factor: Decimal): boolean {
  const [low, high] = [multiply(row.min ?? ZERO, factor), multiply(row.max ?? ZERO, factor)]
  return below(value, low) || below(high, value)
}

function passed(row: Row, sample: readonly Decimal[]): Pair {
  return [countOf(sample.map((v) => rowHolds(row, v, null))), sample.length]
}

export function reaches(pair: Pair, rate: Decimal): boolean {
  return atLeast(whole(pair[0]), multiply(rate, whole(pair[1])))
}

function result(the: Case, row: Row, outcome: Outcome, pair: Pair, text: string): Judgement {
  const { title, unit } = the.rule
  const check = rowCheck(title, row, boundText(row, null, unit), outcome === 'conforming', undefined, unit)
  return judgement(outcome, `合格点 ${pair[0]}/${pair[1]}，${text}`, { checks: [check], passed: pair })
}
