/** 共用例子的读法：与 tests/vectors/cases.py 的压法一一对应；只有测试用它。 */

import { readFileSync } from 'node:fs'
import type { Answer, ChecklistContent, Item, Rule } from '@/wire'
import { readAnswer } from '@/rules/answers'
import { checkSentence, type Finding, type Judgement, type RowCheck } from '@/rules/findings'
import { applyRule, caseOf, judgeItem } from '@/rules/judge'
import { readRule } from '@/rules/limits'

const FOLDER = new URL('../../../tests/vectors/evaluator/', import.meta.url)

export function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf-8')) as T
}

export interface VectorCase {
  on?: string
  region?: string
  item?: string
  rule?: string
  subject?: string
  own?: boolean
  answer: Omit<Answer, 'item_code'>
  /** What a person wrote down as the right finding, and where. */
  expect?: Record<string, unknown>
  place?: string
  found: Record<string, unknown> | null
}

export const CASES = ['examples.json', 'limits.json', 'inline.json', 'items.json', 'operators.json']
export const checklists = read<Record<string, ChecklistContent>>('checklists.json')
export const rules = read<Record<string, Rule>>('rules.json')
/** Items of the published checklists, and the made ones. */
export const items = new Map<string, Item>(
  [...Object.values(checklists).flatMap((c) => c.sections.flatMap((s) => s.items)), ...read<Item[]>('made_items.json')].map(
    (i): [string, Item] => [i.code, i],
  ),
)

export type Packed = Record<string, unknown>

/** What this evaluator says to a case. */
export function said(one: VectorCase): Finding | Judgement | null {
  const context = { on: one.on ?? '2025-06-10', region: one.region ?? '441300' }
  if (one.item) return judgeItem(items.get(one.item)!, { item_code: one.item, ...one.answer }, context)
  const given = readAnswer({ item_code: '', ...one.answer })
  return applyRule(caseOf(readRule(rules[one.rule!]!), given, context, one.subject ?? '', one.own ?? true))
}

/** The same, packed as the file packs it. */
export function found(one: VectorCase): Packed | null {
  const told = said(one)
  if (told === null) return null
  if ('item_code' in told) return packFinding(items.get(one.item!)!, told, one)
  return packJudgement(told, [rules[one.rule!]!])
}

function packCheck(check: RowCheck, asked: readonly Rule[]): unknown[] {
  const at = asked.findIndex((r) => r.rows.some((row) => row === check.row))
  const row = asked[at]!.rows.indexOf(check.row)
  const repeated = [check.row['standard'] ?? '', check.row['from'] ?? null, check.row['confidence'] ?? '']
  if (!same([check.standard, check.from, check.confidence], repeated)) throw new Error(`${check.title}：与行不一致`)
  const packed = [at, row, check.title, check.bound, check.holds, check.unit, check.unrounded]
  return check.rounded === check.unrounded ? packed : [...packed, check.rounded]
}

function packJudgement(told: Judgement, asked: readonly Rule[]): Packed {
  const checks = told.checks.map((c) => packCheck(c, asked))
  const explanation = told.explanation === firstSentence(told.checks) ? '' : told.explanation
  const all: Packed = { ...told, explanation, checks, facts: Object.fromEntries(told.facts) }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => !isEmpty(value)))
}

function packFinding(item: Item, finding: Finding, one: VectorCase): Packed {
  const texts = item.disposition.map((d) => d.text)
  const all: Packed = {
    ...finding,
    clauses: finding.clauses.map((c) => item.basis.indexOf(c)),
    dispositions: finding.dispositions.map((t) => texts.indexOf(t)),
    checks: finding.checks.map((c) => packCheck(c, item.checks.map((k) => k.rule))),
    limit: finding.limit && finding.checks.indexOf(finding.limit),
  }
  const usual = repeated(item, finding, one)
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => !(name in usual) || !same(value, usual[name])))
}

/** What a finding holds when nothing special happened; only what differs is written down. */
function repeated(item: Item, finding: Finding, one: VectorCase): Packed {
  return {
    item_code: item.code,
    liable: item.liable,
    confidence: item.confidence,
    fact_on: one.on ?? '2025-06-10',
    stated: one.answer.verdict ?? null,
    reason: one.answer.reason ?? '',
    explanation: `符合：${firstSentence(finding.checks)}`,
    severity: item.severity,
    severity_reason: one.answer.severity_reason ?? '',
    severity_proposed: null,
    judged: finding.outcome,
    disagreement: false,
    clauses: [...item.basis.keys()],
    dispositions: [...item.disposition.keys()],
    photos_required: item.min_photos,
    photos_given: 0,
    outcome: 'conforming',
    limit: finding.checks.length ? 0 : null,
    checks: [],
    missing: [],
    passed: null,
    facts: {},
  }
}

/** What a conforming answer is told; written down only where more is said. */
function firstSentence(checks: readonly RowCheck[]): string {
  return checks[0] ? checkSentence(checks[0]) : ''
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** At its usual value, so not written down. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === '' || value === false || value === 'conforming') return true
  return typeof value === 'object' && !Object.keys(value).length
}
