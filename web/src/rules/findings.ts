/** 判定结果：与服务器的结论同名同形（下划线；小数为文字）。 */

import type { Clause, Severity, Verdict } from '@/wire'
import { equal, fromPlain, plain, type Decimal } from './decimal'
import type { Row, RowJson } from './limits'
import { shown } from './numbers'

export type Outcome = 'conforming' | 'failing' | 'not_applicable' | 'needs_review'

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  conforming: '符合',
  failing: '不符合',
  not_applicable: '不适用',
  needs_review: '需复核',
}
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = OUTCOME_WORDS
export const SEVERITY_WORDS: Readonly<Record<Severity, string>> = { minor: '一般', major: '较重', critical: '严重' }

/** One limit put to one quantity: what was measured, what was compared after rounding, whether it holds. */
export interface RowCheck {
  title: string
  bound: string
  holds: boolean
  unrounded: string | null
  rounded: string | null
  unit: string
  standard: string
  from: string | null
  confidence: string
  row: RowJson
}

/** What one rule says. `defers`: the verdict is left to the officer. */
export interface Judgement {
  outcome: Outcome
  explanation: string
  checks: readonly RowCheck[]
  missing: readonly string[]
  passed: readonly [number, number] | null
  facts: ReadonlyMap<string, string>
  defers: boolean
}

/** 检查项的结论。`judged` is what the rules alone say, `stated` what the officer said. */
export interface Finding {
  item_code: string
  outcome: Outcome
  judged: Outcome | null
  stated: Verdict | null
  disagreement: boolean
  explanation: string
  severity: Severity
  severity_proposed: Severity | null
  severity_reason: string
  clauses: readonly Clause[]
  liable: readonly string[]
  dispositions: readonly string[]
  confidence: string
  fact_on: string
  limit: RowCheck | null
  checks: readonly RowCheck[]
  missing: readonly string[]
  passed: readonly [number, number] | null
  reason: string
  photos_required: number
  photos_given: number
  facts: Readonly<Record<string, string>>
}

type More = Partial<Omit<Judgement, 'outcome' | 'explanation'>>

export function judgement(outcome: Outcome, explanation: string, more: More = {}): Judgement {
  return { outcome, explanation, checks: [], missing: [], passed: null, facts: new Map(), defers: false, ...more }
}

/** What was measured, before and after rounding. */
export type Measured = readonly [unrounded: Decimal, rounded: Decimal]

export function rowCheck(title: string, row: Row, bound: string, holds: boolean, at?: Measured, unit = ''): RowCheck {
  return {
    title,
    bound,
    holds,
    unrounded: at ? plain(at[0]) : null,
    rounded: at ? plain(at[1]) : null,
    unit,
    standard: row.standard,
    from: row.from,
    confidence: row.confidence,
    row: row.json,
  }
}

/** `坍落度 215 mm，限值 ≤210 mm（GB/T 14902-2012），不符合` */
export function checkSentence(check: RowCheck): string {
  const { unrounded, rounded } = check
  let value = rounded === null ? '' : ` ${rounded}${check.unit && ` ${check.unit}`}`
  if (rounded !== null && unrounded !== null && !equal(fromPlain(unrounded), fromPlain(rounded))) {
    value += `（修约前 ${shown(fromPlain(unrounded))}）`
  }
  const source = check.standard && `（${check.standard}）`
  return `${check.title}${value}，限值 ${check.bound}${source}，${check.holds ? '符合' : '不符合'}`
}
