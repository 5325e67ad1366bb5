/** 运算：应有数量、分档、必检项目、样品组。 */

import { truncate, whole, ZERO, ceiling, below, type Decimal } from './decimal'
import { boundText, inputOf, nameOf, review, rowHolds, rowsOf, type Case } from './case'
import { checkSentence, judgement, rowCheck, type Judgement, type Outcome, type RowCheck } from './findings'
import { applies, asNumber, asText, unknown, type Row } from './limits'
import { canonical } from './numbers'
import { once } from './words'

interface Demand {
  needed: bigint
  row: Row
}

/** 应有数量: the largest demand among the rows that apply; a count below what is certain fails at once. */
export function judgeQuota(the: Case): Judgement {
  const { inputs, count } = the.answer
  const missing = the.rule.needs.filter((n) => inputOf(the, n) === undefined)
  const demands: Demand[] = []
  for (const row of rowsOf(the)) {
    const applicable = applies(row, inputs)
    if (applicable === null) missing.push(...unknown(row, inputs))
    if (!applicable) continue
    const needed = demandOf(the, row)
    if (needed === null) missing.push(row.input)
    else demands.push({ needed, row })
  }
  const most = demands.reduce<Demand | null>((a, b) => (a === null || b.needed > a.needed ? b : a), null)
  if (count === null) return review(the, ['count', ...missing])
  return most ? compareQuota(the, count, most, missing) : review(the, missing)
}

function demandOf(the: Case, row: Row): bigint | null {
  if (row.per === null) return truncate(row.value ?? ZERO)
  const found = asNumber(inputOf(the, row.input))
  return found === null || below(found, ZERO) ? null : ceiling(found, row.per)
}

function compareQuota(the: Case, count: number, { needed, row }: Demand, missing: string[]): Judgement {
  const { unit, title, advice } = the.rule
  const at = whole(count)
  const check = rowCheck(title, row, `≥${needed}${unit && ` ${unit}`}`, BigInt(count) >= needed, [at, at], unit)
  const facts = new Map([['required', `${needed}`], ['counted', `${count}`]])
  if (!check.holds) return judgement('failing', checkSentence(check), { checks: [check], facts })
  if (missing.length) return review(the, missing, [check])
  const advised = advice && below(at, advice) ? `；宜不少于 ${canonical(advice)} ${unit}` : ''
  return judgement('conforming', checkSentence(check) + advised, { checks: [check], facts })
}

/** 分档: the first band that takes the unrounded value gives the outcome and its word. */
export function judgeBands(the: Case): Judgement {
  const value: Decimal | null = the.subject ? asNumber(inputOf(the, the.subject)) : the.answer.value
  if (!value) return review(the, [the.subject || 'value'])
  const row = rowsOf(the).find((r) => rowHolds(r, value, r.value))
  if (!row) return judgement('needs_review', `没有相符的分档：${nameOf(the)}`)
  const outcome = row.outcome as Outcome
  const bound = boundText(row, row.value, the.rule.unit)
  const check = rowCheck(the.rule.title, row, bound, outcome !== 'failing', [value, value])
  const text = `${nameOf(the)} ${canonical(value)}，${row.label}`
  return judgement(outcome, text, { checks: [check], facts: new Map([['band', row.label]]) })
}

/** 必检项目: every test demanded by an applicable row must be among the tests done. */
export function judgeRequiredTests(the: Case): Judgement {
  const done = inputOf(the, 'tests')
  if (done === undefined) return review(the, ['tests'])
  const names = Array.isArray(done) ? done : [asText(done)]
  const missing: string[] = []
  const absent: string[] = []
  const checks: RowCheck[] = []
  for (const row of rowsOf(the)) {
    const applicable = applies(row, the.answer.inputs)
    if (applicable === null) missing.push(...unknown(row, the.answer.inputs))
    if (!applicable) continue
    const lacking = row.values.filter((v) => !names.includes(v))
    absent.push(...lacking)
    checks.push(rowCheck('必检项目', row, boundText(row, null, ''), !lacking.length))
  }
  if (absent.length) return judgement('failing', `缺少必检项目：${once(absent).join('、')}`, { checks })
  return missing.length ? review(the, missing, checks) : judgement('conforming', '必检项目齐全', { checks })
}

/** 样品组: enough groups, with spare samples where demanded; the verdict waits for the laboratory. */
export function judgeSamples(the: Case): Judgement {
  const wanted = new Map(the.rule.rows.map((r) => [r.label, Number(truncate(r.value ?? ZERO))]))
  const { groups } = the.answer
  if (groups.length < (wanted.get('groups') ?? 1)) return review(the, ['groups'])
  if (wanted.get('spare') && !groups.every((g) => g.spareNo)) return review(the, ['spare_no'])
  const facts = new Map([['groups', `${groups.length}`]])
  return judgement('needs_review', `已抽取样品 ${groups.length} 组，按检测结果判定`, { defers: true, facts })
}
