/** 边填边看：限值怎么写、还要问什么、还缺什么、合格点率。 */

import type { Answer, InputSpec, Item } from '@/wire'
import { below, ceiling, multiply, truncate, whole, ZERO, type Decimal } from './decimal'
import { readAnswer } from './answers'
import { boundText, inputOf, OWN_TITLES, rowsOf, titleOf, type Case } from './case'
import { constant, constantRow } from './cover'
import { applyRule, casesOf, judgeItem, type Context } from './judge'
import { applies, asNumber, formulaBound, inputsNeeded, readRule, rowNeeds, type Row } from './limits'
import { canonical } from './numbers'
import { strictness } from './table'
import { once, own } from './words'

/** A limit that applies, or (`applies` null) would, if a condition not yet given says so. */
export interface LimitLine {
  title: string
  bound: string
  unit: string
  standard: string
  applies: true | null
}

/** The rules of an item as they stand for what has been filled in so far. */
export function liveCases(item: Item, answer: Answer | null, context: Context): Case[] {
  return casesOf(item, readAnswer(answer ?? { item_code: item.code }), context)
}

/** Limits in force for the conditions given so far; the stricter first, the looser ones of the same kind left out. */
export function limitLines(item: Item, answer: Answer | null, context: Context): LimitLine[] {
  return liveCases(item, answer, context).flatMap((the) => (LINES[the.rule.operator] ?? tableLines)(the))
}

/** One line to stand under the field; '' when no limit applies yet. */
export function limitText(item: Item, answer: Answer | null, context: Context): string {
  const lines = limitLines(item, answer, context).filter((line) => line.applies)
  return once(lines.map(({ title, bound }) => (title ? `${title} ${bound}` : bound))).join('；')
}

// ------------------------------------------------------------------------------------------- lines

const LINES: Readonly<Record<string, (the: Case) => LimitLine[]>> = {
  quota: quotaLines,
  pass_rate: coverLines,
  cube_groups: cubeLines,
  cube_acceptance: () => [],
  samples: sampleLines,
}

/** Rows that apply or may, strictest first. */
function openRows(the: Case): [Row, true | null][] {
  const rows = rowsOf(the).map((row): [Row, boolean | null] => [row, applies(row, the.answer.inputs)])
  const open = rows.filter((pair): pair is [Row, true | null] => pair[1] !== false)
  return open.sort(([a], [b]) => strictness(a, b))
}

function line(the: Case, row: Row, title: string, bound: string, applicable: true | null): LimitLine {
  return { title, bound, unit: row.unit || the.rule.unit, standard: row.standard, applies: applicable }
}

function tableLines(the: Case): LimitLine[] {
  const shown = new Set<string>()
  return openRows(the).flatMap(([row, applicable]) => {
    const quantity = [applicable, row.input, row.of, row.op, row.title].join('|')
    const looser = row.op !== 'between' && row.op !== 'in' && shown.has(quantity)
    shown.add(quantity)
    return looser ? [] : [line(the, row, quantityTitle(the, row), liveBound(the, row), applicable)]
  })
}

/** '' for the answer's own value: its field has a name already. */
function quantityTitle(the: Case, row: Row): string {
  if (row.op === 'prohibited') return row.title
  return row.title || row.label || titleOf(the, row.input || the.subject)
}

function liveBound(the: Case, row: Row): string {
  if (row.op === 'not_after' || row.op === 'within_days') {
    const days = row.op === 'within_days' ? `起 ${canonical(row.value ?? ZERO)} 天内` : ''
    return `不晚于${titleOf(the, row.reference)}${days}`
  }
  const bound = row.formula ? formulaBound(row.formula, the.answer.inputs) : row.value
  const text = boundText(row, bound, row.unit || the.rule.unit)
  return row.formula && !bound ? `${boundText(row, null, '')}按${titleOf(the, row.formula.input)}推算` : text
}

function quotaLines(the: Case): LimitLine[] {
  const demands = openRows(the).flatMap(([row, applicable]): [bigint, Row][] => {
    const amount = row.per && asNumber(inputOf(the, row.input))
    if (!applicable || (row.per && (!amount || below(amount, ZERO)))) return []
    return [[row.per && amount ? ceiling(amount, row.per) : truncate(row.value ?? ZERO), row]]
  })
  const most = demands.reduce<[bigint, Row] | null>((a, b) => (a && a[0] >= b[0] ? a : b), null)
  return most ? [line(the, most[1], '', `≥${most[0]}${the.rule.unit && ` ${the.rule.unit}`}`, true)] : []
}

function coverLines(the: Case): LimitLine[] {
  const ranges = openRows(the).filter(([row]) => !row.label)
  const lines = ranges.map(([row, applicable]) => line(the, row, '', boundText(row, null, the.rule.unit), applicable))
  const rate = constantRow(the, 'pass_rate')
  return rate?.value ? [...lines, line(the, rate, '合格点率', `≥${percent(rate.value)}`, true)] : lines
}

function cubeLines(the: Case): LimitLine[] {
  const grade = asNumber(inputOf(the, 'grade'))
  const row = constantRow(the, 'certain_failure')
  if (!grade || !row?.value) return []
  return [line(the, row, '最小代表值', `≥${canonical(multiply(row.value, grade))} MPa`, true)]
}

function sampleLines(the: Case): LimitLine[] {
  const number = (label: string): Decimal => the.rule.rows.find((r) => r.label === label)?.value ?? ZERO
  const row = the.rule.rows[0]
  const spare = number('spare').c ? '，含备样' : ''
  return row ? [line(the, row, '样品组', `≥${canonical(number('groups'))} 组${spare}`, true)] : []
}

const percent = (share: Decimal): string => `${canonical(multiply(share, whole(100)))}%`

// ------------------------------------------------------------------------------------------- questions

/** Everything that may ever have to be asked besides the answer itself, each once, in order. */
export function requiredInputs(item: Item): InputSpec[] {
  const found = new Map<string, InputSpec>()
  for (const { rule, input } of item.checks) {
    const names = [...inputsNeeded(readRule(rule)), ...(input ? [input] : [])]
    for (const name of names) {
      const spec = rule.specs?.find((s) => s.name === name)
      if (spec && !found.has(name)) found.set(name, spec)
    }
  }
  return [...found.values()]
}

/** What to ask now: rows that cannot apply any more ask nothing, what has been given stays. */
export function askedInputs(item: Item, answer: Answer | null, context: Context): InputSpec[] {
  const wanted = new Set(liveCases(item, answer, context).flatMap(asked))
  return requiredInputs(item).filter((spec) => wanted.has(spec.name))
}

function asked(the: Case): string[] {
  const { inputs } = the.answer
  const names = rowsOf(the).flatMap((row) => {
    if (applies(row, inputs) !== false) return rowNeeds(row)
    return [...row.when, ...row.unless].map((c) => c.input).filter((name) => own(inputs, name) !== undefined)
  })
  return [the.rule.dateInput, ...the.rule.needs, ...names, the.subject]
}

/** `own`: a part of the answer itself (value, readings, verdict ...); else one of the asked inputs. */
export interface Missing {
  name: string
  title: string
  own: boolean
  spec: InputSpec | null
}

/** What the verdict still waits for; empty when it waits for nothing. */
export function stillMissing(item: Item, answer: Answer, context: Context): Missing[] {
  const specs = requiredInputs(item)
  return judgeItem(item, answer, context).missing.map((name) => {
    const title = own(OWN_TITLES, name)
    const spec = title === undefined ? (specs.find((s) => s.name === name) ?? null) : null
    return { name, title: title ?? spec?.title ?? name, own: title !== undefined, spec }
  })
}

// ------------------------------------------------------------------------------------------- points

/** 合格点率: `holds` is null while another sample is to be taken. */
export interface PassRate {
  passed: number
  taken: number
  percent: string
  required: string
  text: string
  holds: boolean | null
}

/** Points that passed of points taken; null for answers with fewer than two points. */
export function passRate(item: Item, answer: Answer, context: Context): PassRate | null {
  for (const the of liveCases(item, answer, context)) {
    const said = applyRule(the)
    if (!said?.passed) continue
    const [passed, taken] = said.passed
    const required = the.rule.operator === 'pass_rate' ? `≥${percent(constant(the, 'pass_rate'))}` : ''
    const reached = percentText(passed, taken)
    const text = `${passed} / ${taken} 点合格，${reached}${required && `，应 ${required}`}`
    const holds = said.outcome === 'needs_review' ? null : said.outcome === 'conforming'
    return { passed, taken, percent: reached, required, text, holds }
  }
  return null
}

/** To one decimal, cut off: 89.96 % must not read as 90. */
function percentText(passed: number, taken: number): string {
  const tenths = Math.floor((passed * 1000) / taken)
  return `${Math.floor(tenths / 10)}${tenths % 10 ? `.${tenths % 10}` : ''}%`
}
