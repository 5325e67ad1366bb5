/**
 * 条件限值：一行限值、一条规则、一个条件；从检查单的 JSON 读出，读过的留着。
 *
 * Conditions are three-valued: an input that was not given makes a row neither applicable nor not.
 */

import type { InputSpec, InputValue, Rule as RuleJson } from '@/wire'
import { add, below, compare, divide, largest, multiply, smallest, whole, ZERO, type Decimal } from './decimal'
import { canonical, needed, parseDecimal } from './numbers'
import { once, own, strip } from './words'

export type Inputs = Readonly<Record<string, InputValue>>
/** A row as the checklist carries it. */
export type RowJson = Readonly<Record<string, unknown>>

export interface Condition {
  input: string
  words: readonly string[]
  min: Decimal | null
  max: Decimal | null
  above: Decimal | null
  below: Decimal | null
}

/** `input` × `times` ÷ `divide` + `plus`, kept between `atLeast` and `atMost`. */
export interface Formula {
  input: string
  times: Decimal
  divide: Decimal
  plus: Decimal
  atLeast: Decimal | null
  atMost: Decimal | null
}

/** One limit; `json` is the row itself, told in the finding. */
export interface Row {
  json: RowJson
  op: string
  value: Decimal | null
  min: Decimal | null
  max: Decimal | null
  values: readonly string[]
  unit: string
  input: string
  of: string
  than: Decimal | null
  reference: string
  relativeTo: string
  formula: Formula | null
  per: Decimal | null
  when: readonly Condition[]
  unless: readonly Condition[]
  standard: string
  from: string | null
  until: string | null
  region: string
  confidence: string
  label: string
  outcome: string
  title: string
}

export interface Rule {
  name: string
  title: string
  operator: string
  rows: readonly Row[]
  unit: string
  interval: Decimal | null
  dateInput: string
  screening: string
  advice: Decimal | null
  needs: readonly string[]
  specs: readonly InputSpec[]
}

// ------------------------------------------------------------------------------------------- reading

type Json = Readonly<Record<string, unknown>>
const text = (json: Json, key: string): string => (json[key] as string | undefined) ?? ''
const list = <T>(json: Json, key: string): readonly T[] => (json[key] as T[] | undefined) ?? []
const number = (json: Json, key: string): Decimal | null => (json[key] == null ? null : needed(String(json[key])))

function readCondition(json: Json): Condition {
  return {
    input: text(json, 'input'),
    words: list(json, 'words'),
    min: number(json, 'min'),
    max: number(json, 'max'),
    above: number(json, 'above'),
    below: number(json, 'below'),
  }
}

function readFormula(json: Json): Formula {
  return {
    input: text(json, 'input'),
    times: number(json, 'times') ?? whole(1),
    divide: number(json, 'divide') ?? whole(1),
    plus: number(json, 'plus') ?? ZERO,
    atLeast: number(json, 'at_least'),
    atMost: number(json, 'at_most'),
  }
}

function readRow(json: Json): Row {
  const formula = json['formula'] as Json | undefined
  return {
    json,
    op: text(json, 'op') || '<=',
    value: number(json, 'value'),
    min: number(json, 'min'),
    max: number(json, 'max'),
    values: list(json, 'values'),
    unit: text(json, 'unit'),
    input: text(json, 'input'),
    of: text(json, 'of'),
    than: number(json, 'than'),
    reference: text(json, 'reference'),
    relativeTo: text(json, 'relative_to'),
    formula: formula ? readFormula(formula) : null,
    per: number(json, 'per'),
    when: list<Json>(json, 'when').map(readCondition),
    unless: list<Json>(json, 'unless').map(readCondition),
    standard: text(json, 'standard'),
    from: text(json, 'from') || null,
    until: text(json, 'until') || null,
    region: text(json, 'region'),
    confidence: text(json, 'confidence'),
    label: text(json, 'label'),
    outcome: text(json, 'outcome'),
    title: text(json, 'title'),
  }
}

const READ = new WeakMap<object, Rule>()

/** The rule in the JSON, with its numbers read; the same JSON is read once. */
export function readRule(json: RuleJson): Rule {
  const known = READ.get(json)
  if (known) return known
  const rule: Rule = {
    name: text(json, 'name'),
    title: text(json, 'title'),
    operator: json.operator,
    rows: json.rows?.map(readRow) ?? [],
    unit: text(json, 'unit'),
    interval: number(json, 'interval'),
    dateInput: text(json, 'date_input'),
    screening: text(json, 'screening'),
    advice: number(json, 'advice'),
    needs: list(json, 'needs'),
    specs: json.specs ?? [],
  }
  READ.set(json, rule)
  return rule
}

// ------------------------------------------------------------------------------------------- inputs

/** The word an input is compared by. */
export function asText(value: InputValue): string {
  if (typeof value === 'boolean') return value ? '是' : '否'
  return typeof value === 'string' ? value : value.join('、')
}

/** The number in an input, a strength grade such as `C35` read as 35; null when there is none. */
export function asNumber(value: InputValue | Decimal | undefined): Decimal | null {
  if (typeof value === 'string') return parseDecimal(strip(value).replace(/^[CcＣｃ]+/, ''))
  return typeof value === 'object' && 'c' in value ? value : null
}

/** Numbers known beside the inputs of the answer, such as the number of groups. */
export type Facts = Readonly<Record<string, Decimal>>

function test(condition: Condition, inputs: Inputs, facts?: Facts): boolean | null {
  const value = (facts && own(facts, condition.input)) ?? own(inputs, condition.input)
  if (value === undefined) return null
  const found = asNumber(value)
  if (condition.words.length) {
    const word = typeof value === 'object' && 'c' in value ? canonical(value) : asText(value)
    return condition.words.includes(word) || (found !== null && condition.words.includes(canonical(found)))
  }
  return found && within(condition, found)
}

function within(c: Condition, found: Decimal): boolean {
  return (
    (c.min === null || compare(found, c.min) >= 0) &&
    (c.max === null || compare(found, c.max) <= 0) &&
    (c.above === null || compare(found, c.above) > 0) &&
    (c.below === null || below(found, c.below))
  )
}

// ------------------------------------------------------------------------------------------- rows

/** Whether a basis of one region (six digits, '' = everywhere) holds in another: 440000 covers 441322. */
export function regionCovers(basis: string, region: string): boolean {
  return region.startsWith(basis.replace(/(?:00)+$/, ''))
}

/** Whether the row holds on that day in that region; `until` is the first day it no longer does. */
export function inForce(row: Row, on: string, region: string): boolean {
  const started = row.from === null || on >= row.from
  const ended = row.until !== null && on >= row.until
  return started && !ended && regionCovers(row.region, region)
}

/** False as soon as one condition is known to fail, null while one is unknown. */
export function applies(row: Row, inputs: Inputs, facts?: Facts): boolean | null {
  const wanted = row.when.map((c) => test(c, inputs, facts))
  if (wanted.includes(false)) return false
  if (row.unless.length) {
    const barred = row.unless.map((c) => test(c, inputs, facts))
    if (!barred.includes(false)) return barred.includes(null) ? null : false
  }
  return wanted.includes(null) ? null : true
}

/** All its `unless` conditions are known to hold: exempt, not overlooked. */
export function exempted(row: Row, inputs: Inputs): boolean {
  return row.unless.length > 0 && row.unless.every((c) => test(c, inputs))
}

/** Inputs that would have to be given to know whether the row applies. */
export function unknown(row: Row, inputs: Inputs): string[] {
  return [...row.when, ...row.unless].filter((c) => test(c, inputs) === null).map((c) => c.input)
}

/** Inputs this row may ask for, in the order a person would fill them in. */
export function rowNeeds(row: Row): string[] {
  const names = [...row.when, ...row.unless].map((c) => c.input)
  names.push(row.reference, row.relativeTo, row.input, row.formula?.input ?? '')
  return once(names.filter(Boolean))
}

/** The bound that follows another input; null while that is not given. */
export function formulaBound(formula: Formula, inputs: Inputs): Decimal | null {
  const found = asNumber(own(inputs, formula.input))
  if (!found) return null
  let value = add(divide(multiply(found, formula.times), formula.divide), formula.plus)
  if (formula.atLeast) value = largest(value, formula.atLeast)
  return formula.atMost ? smallest(value, formula.atMost) : value
}

/** Inputs the rule may ask for; `n` is counted, never asked. */
export function inputsNeeded(rule: Rule, rows: readonly Row[] = rule.rows): string[] {
  const names = [rule.dateInput, ...rule.needs, ...rows.flatMap(rowNeeds)]
  return once(names.filter((n) => n && n !== 'n'))
}
