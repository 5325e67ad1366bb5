/** 作答：把线上的形状读成判定所用的样子；读不出的当作没有填。 */

import type { Answer, InputValue, SampleGroup, Severity, Verdict } from '@/wire'
import type { Decimal } from './decimal'
import { isoDay } from './days'
import type { Inputs } from './limits'
import { canonical, parseDecimal } from './numbers'
import { once, strip } from './words'

export interface Group {
  sampleNo: string
  spareNo: string
  values: readonly Decimal[]
}

/** An answer with its numbers read. */
export interface Given {
  itemCode: string
  verdict: Verdict | null
  reason: string
  value: Decimal | null
  inputs: Inputs
  count: number | null
  text: string
  on: string | null
  choice: string
  readings: readonly Decimal[]
  groups: readonly Group[]
  photos: number
  severity: Severity | null
  severityReason: string
}

function numbers(texts: readonly string[] | undefined): Decimal[] {
  return (texts ?? []).map(parseDecimal).filter((d) => d !== null)
}

function readInput(value: InputValue | number): InputValue {
  if (typeof value === 'string') return strip(value)
  if (typeof value !== 'number') return value
  const found = parseDecimal(String(value))
  return found ? canonical(found) : ''
}

function readInputs(inputs: Answer['inputs']): Inputs {
  const pairs = Object.entries(inputs ?? {}).filter(([, value]) => value != null)
  return Object.fromEntries(pairs.map(([name, value]) => [name, readInput(value)]))
}

function readGroup(group: SampleGroup): Group {
  return { sampleNo: group.sample_no, spareNo: group.spare_no ?? '', values: numbers(group.values) }
}

/** The answer as it is judged. */
export function readAnswer(answer: Answer): Given {
  const on = answer.on?.length === 10 ? isoDay(answer.on) : null
  return {
    itemCode: answer.item_code,
    verdict: answer.verdict ?? null,
    reason: answer.reason ?? '',
    value: answer.value == null ? null : parseDecimal(answer.value),
    inputs: readInputs(answer.inputs),
    count: answer.count ?? null,
    text: answer.text ?? '',
    on,
    choice: answer.choice ?? '',
    readings: numbers(answer.readings),
    groups: (answer.groups ?? []).map(readGroup),
    photos: once(answer.photos ?? []).length,
    severity: answer.severity ?? null,
    severityReason: answer.severity_reason ?? '',
  }
}

/** How many places, groups or points there are, for photographs demanded per place. */
export function counted(answer: Given): number {
  return answer.count ?? (answer.groups.length || answer.readings.length)
}

/** No fact in it at all. */
export function isEmpty(answer: Answer): boolean {
  const given = readAnswer(answer)
  const facts = [given.verdict, given.value, given.count, given.on]
  const parts = [given.text, given.choice, given.readings.length, given.groups.length, Object.keys(given.inputs).length]
  return facts.every((f) => f === null) && !parts.some(Boolean)
}

/** JSON pointers of numbers and days in the answer that cannot be read: clean them before sealing. */
export function badNumbers(answer: Answer): string[] {
  const texts: [string, string | null | undefined][] = [['/value', answer.value]]
  answer.readings?.forEach((text, n) => texts.push([`/readings/${n}`, text]))
  answer.groups?.forEach((g, n) => g.values?.forEach((text, m) => texts.push([`/groups/${n}/values/${m}`, text])))
  const bad = texts.filter(([, text]) => text != null && parseDecimal(text) === null).map(([at]) => at)
  return answer.on != null && readAnswer(answer).on === null ? [...bad, '/on'] : bad
}
