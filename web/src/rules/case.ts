/** 一条规则对一份作答：各运算共用的问法和说法。 */

import type { InputValue } from '@/wire'
import { absolute, atLeast, below, compare, ZERO, type Decimal } from './decimal'
import type { Given } from './answers'
import { judgement, type Judgement, type RowCheck } from './findings'
import { inForce, type Row, type Rule } from './limits'
import { canonical } from './numbers'
import { once, own } from './words'

export const OWN_TITLES: Readonly<Record<string, string>> = {
  value: '实测数值',
  count: '计数',
  readings: '读数',
  groups: '样品组',
  spare_no: '备样编号',
  on: '日期',
  choice: '选项',
  text: '文字记录',
  verdict: '判定',
  reason: '理由',
}

/**
 * One rule put to one answer. `subject` names the input that stands for the answer's own value ('' = itself);
 * `asked` is false for items whose kinds ask for no number.
 */
export interface Case {
  rule: Rule
  answer: Given
  on: string
  region: string
  subject: string
  asked: boolean
}

/** What the rule is called in a sentence; limits written in the item itself have no name. */
export const nameOf = (the: Case): string => the.rule.title || '本检查项'
export const inputOf = (the: Case, name: string): InputValue | undefined => own(the.answer.inputs, name)
export const rowsOf = (the: Case): Row[] => the.rule.rows.filter((r) => inForce(r, the.on, the.region))

export function titleOf(the: Case, name: string): string {
  return own(OWN_TITLES, name) ?? the.rule.specs.find((s) => s.name === name)?.title ?? name
}

/** Needs review because inputs are missing: named once each, in order. */
export function review(the: Case, missing: readonly string[], checks: readonly RowCheck[] = []): Judgement {
  const names = once(missing)
  const words = names.map((n) => titleOf(the, n)).join('、')
  return judgement('needs_review', `还缺：${words}`, { checks, missing: names })
}

const SIGNS: Readonly<Record<string, string>> = {
  '<=': '≤',
  '>=': '≥',
  '<': '＜',
  '>': '＞',
  '=': '＝',
  'abs<=': '±',
  'abs<': '绝对值＜',
  'abs>=': '绝对值≥',
}

/** `≤0.03 %`, `18~22 ℃`, `±20 mm`, 一星、二星、三星 */
export function boundText(row: Row, bound: Decimal | null, unit: string): string {
  const tail = unit && ` ${unit}`
  if (row.op === 'between') return `${canonical(row.min ?? ZERO)}~${canonical(row.max ?? ZERO)}${tail}`
  if (row.op === 'in') return row.values.join('、')
  if (row.op === 'prohibited') return '禁止'
  return (SIGNS[row.op] ?? '') + (bound ? canonical(bound) : '') + tail
}

const COMPARE: Readonly<Record<string, (value: Decimal, bound: Decimal) => boolean>> = {
  '<=': (v, b) => compare(v, b) <= 0,
  '>=': atLeast,
  '<': below,
  '>': (v, b) => compare(v, b) > 0,
  '=': (v, b) => compare(v, b) === 0,
  'abs<=': (v, b) => compare(absolute(v), b) <= 0,
  'abs<': (v, b) => below(absolute(v), b),
  'abs>=': (v, b) => atLeast(absolute(v), b),
}

/** A rounded quantity against an unrounded bound. */
export function rowHolds(row: Row, value: Decimal, bound: Decimal | null): boolean {
  if (row.op === 'between') {
    return (row.min === null || atLeast(value, row.min)) && (row.max === null || compare(value, row.max) <= 0)
  }
  return bound !== null && (COMPARE[row.op]?.(value, bound) ?? false)
}

export function countOf(values: readonly boolean[]): number {
  return values.filter(Boolean).length
}
