/** 判定与服务器一致：同一份例子，每个成员都比。 */

import { describe, expect, test } from 'vitest'
import { ceiling, fromPlain, plain } from '@/rules/decimal'
import { canonicalText, mean, parseDecimal, roundTo, sampleDeviation, shown } from '@/rules/numbers'
import { requiredInputs } from '@/rules'
import { CASES, found, items, read, said, type VectorCase } from './vectors'

interface NumberRow {
  do: string
  with: string[]
  gives: string | null
}

const ARITHMETIC: Record<string, (texts: string[]) => string | null> = {
  parse: ([text]) => {
    const number = parseDecimal(text!)
    return number && plain(number)
  },
  round: ([value, interval]) => plain(roundTo(fromPlain(value!), fromPlain(interval!))),
  mean: (texts) => plain(mean(texts.map(fromPlain))),
  deviation: (texts) => plain(sampleDeviation(texts.map(fromPlain))),
  portions: ([value, per]) => `${ceiling(fromPlain(value!), fromPlain(per!))}`,
  canonical: ([text]) => canonicalText(text!),
  shown: ([text]) => shown(fromPlain(text!)),
}

describe('与服务器同一份例子', () => {
  for (const name of CASES) {
    test(name, () => {
      const cases = read<VectorCase[]>(name)
      const wrong = cases.map((one) => ({ one, mine: found(one) })).filter(({ one, mine }) => !equal(mine, one.found))
      expect(wrong.slice(0, 3)).toEqual([])
      expect(cases.length).toBeGreaterThan(500)
    })
  }

  test('numbers.json', () => {
    const rows = read<NumberRow[]>('numbers.json')
    const wrong = rows.map((row) => ({ ...row, mine: ARITHMETIC[row.do]!(row.with) })).filter((r) => r.mine !== r.gives)
    expect(wrong.slice(0, 5)).toEqual([])
    expect(rows.length).toBeGreaterThan(400)
  })

  test('questions.json', () => {
    const asked = Object.entries(read<Record<string, string[]>>('questions.json'))
    const mine = asked.map(([code]) => [code, requiredInputs(items.get(code)!).map((spec) => spec.name)])
    expect(mine).toEqual(asked)
    expect(asked.length).toBeGreaterThan(150)
  })

  test('工作示例的结论是人写的', () => {
    const cases = read<VectorCase[]>('examples.json')
    const wrong = cases.filter((one) => !meets(one)).map((one) => one.place)
    expect(wrong).toEqual([])
    expect(cases.every((one) => one.expect && one.place)).toBe(true)
  })
})

/** What a person wrote down: each member it names. */
function meets(one: VectorCase): boolean {
  const told = said(one) as Record<string, any>
  const wanted = one.expect as Record<string, any>
  const limit = told['limit'] ?? null
  return (
    told['outcome'] === wanted['outcome'] &&
    (wanted['standard'] === undefined || limit?.standard === wanted['standard']) &&
    (wanted['missing'] === undefined || equal(told['missing'], wanted['missing'])) &&
    (wanted['passed'] === undefined || equal(told['passed'] ?? [], wanted['passed'])) &&
    (wanted['explanation'] === undefined || told['explanation'].includes(wanted['explanation'])) &&
    Object.entries(wanted['facts'] ?? {}).every(([name, value]) => told['facts'][name] === value)
  )
}

/** Equal as JSON, whatever the order of members. */
function equal(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, v) =>
    v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort(([x], [y]) => (x < y ? -1 : 1))) : v,
  )
}

