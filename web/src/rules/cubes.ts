/** 运算“试件代表值”“检验批评定”：GB/T 50107、GB/T 50081；常数都是规则的行，这里只有步骤。 */

import { add, atLeast, below, compare, divide, largest, multiply, plain, smallest, subtract, whole, type Decimal } from './decimal'
import { inputOf, review, type Case } from './case'
import { constant, constantRow } from './cover'
import { checkSentence, judgement, rowCheck, type Judgement, type RowCheck } from './findings'
import { asNumber, type Row } from './limits'
import { canonical, mean, roundTo, sampleDeviation } from './numbers'

const TENTH: Decimal = { c: 1n, e: -1 }
const HUNDREDTH: Decimal = { c: 1n, e: -2 }
const CUBES = 3

const sorted = (values: readonly Decimal[]): Decimal[] => [...values].sort(compare)
const missingNeeds = (the: Case): string[] => the.rule.needs.filter((n) => inputOf(the, n) === undefined)

// ------------------------------------------------------------------------------------------- groups

/** Strength of one group of three, to 0.1; null when both extremes are too far from the middle value. */
export function representative(strengths: readonly Decimal[], spread: Decimal, factor: Decimal): Decimal | null {
  const [low, middle, high] = sorted(strengths) as [Decimal, Decimal, Decimal]
  const allowed = multiply(middle, spread)
  const wide = Number(below(allowed, subtract(high, middle))) + Number(below(allowed, subtract(middle, low)))
  if (wide === 2) return null
  return roundTo(multiply(wide ? middle : mean([low, middle, high]), factor), TENTH)
}

/** The value of each group, null for an invalid one; null altogether when no size factor is laid down. */
export function representatives(the: Case, grade: Decimal): (Decimal | null)[] | null {
  const factor = constantRow(the, 'size_factor', { grade })?.value
  if (!factor) return null
  const spread = constant(the, 'spread')
  return the.answer.groups.map((g) => (g.values.length === CUBES ? representative(g.values, spread, factor) : null))
}

/** 试件代表值: a group below the certain-failure share fails by any method. */
export function judgeCubeGroups(the: Case): Judgement {
  const grade = asNumber(inputOf(the, 'grade'))
  const missing = missingNeeds(the)
  const { groups } = the.answer
  if (missing.length || !grade) return review(the, missing.length ? missing : ['grade'])
  const few = below(whole(groups.length), constant(the, 'min_groups'))
  if (few || groups.some((g) => g.values.length !== CUBES)) return review(the, ['groups'])
  const found = representatives(the, grade)
  if (!found) return judgement('needs_review', 'C60及以上非标准尺寸试件的换算系数须由试验确定')
  const facts = new Map(groups.map((g, n) => [g.sampleNo, found[n] ? plain(found[n]) : '无效']))
  return judgeRepresentatives(the, grade, found, facts)
}

function judgeRepresentatives(the: Case, grade: Decimal, found: (Decimal | null)[], facts: Map<string, string>): Judgement {
  const words = `代表值 ${[...facts].map(([no, v]) => `${no}：${v}`).join('、')}`
  const values = found.filter((v) => v !== null)
  const row = constantRow(the, 'certain_failure')
  if (row?.value && values.length) {
    const [lowest, bound] = [values.reduce(smallest), multiply(row.value, grade)]
    const at = [lowest, lowest] as const
    const check = rowCheck('最小代表值', row, `≥${canonical(bound)} MPa`, atLeast(lowest, bound), at, 'MPa')
    if (!check.holds) return judgement('failing', `${words}；${checkSentence(check)}`, { checks: [check], facts })
    if (values.length === found.length && atLeast(lowest, grade)) {
      return judgement('conforming', words, { checks: [check], facts })
    }
  }
  const text = values.length < found.length ? '有试件组无效，不作评定依据' : '并入检验批按 GB/T 50107 评定'
  return judgement('needs_review', `${words}；${text}`, { facts })
}

// ------------------------------------------------------------------------------------------- batch

/** One condition of a batch: the value met, rounded by its clause, and its lower bound. */
interface Requirement {
  name: string
  value: Decimal
  unrounded: Decimal
  bound: Decimal
}

interface Batch {
  method: string
  deviation?: Decimal
  used?: Decimal
  requirements: Requirement[]
}

function pair(values: readonly Decimal[], meanBound: Decimal, minBound: Decimal): [Requirement, Requirement] {
  const [average, lowest] = [mean(values), values.reduce(smallest)]
  return [
    { name: '平均值', value: roundTo(average, TENTH), unrounded: average, bound: meanBound },
    { name: '最小值', value: roundTo(lowest, TENTH), unrounded: lowest, bound: minBound },
  ]
}

/** 检验批评定: the method follows from what is known and from the number of groups. */
export function judgeCubeAcceptance(the: Case): Judgement {
  const grade = asNumber(inputOf(the, 'grade'))
  const missing = missingNeeds(the)
  let values = [...the.answer.readings]
  if (missing.length || !grade || !values.length) {
    const lacking = missing.length ? missing : grade?.c ? [] : ['grade']
    return review(the, values.length ? lacking : [...lacking, 'readings'])
  }
  if (inputOf(the, 'curing') === '同条件养护') {
    const share = constant(the, 'same_condition')
    values = values.map((v) => divide(v, share))
  }
  const batch = evaluate(the, values, grade)
  return 'outcome' in batch ? batch : concludeBatch(the, batch, values.length)
}

function evaluate(the: Case, values: Decimal[], grade: Decimal): Batch | Judgement {
  const n = whole(values.length)
  if (inputOf(the, 'assessment') === '标准差已知') return knownSigma(the, values, grade)
  if (below(n, constant(the, 'n_statistical'))) {
    const [third, fourth] = [constant(the, 'lambda_3', { grade }), constant(the, 'lambda_4')]
    return { method: '非统计方法', requirements: pair(values, multiply(third, grade), multiply(fourth, grade)) }
  }
  const [first, second] = [constant(the, 'lambda_1', { n }), constant(the, 'lambda_2', { n })]
  const deviation = roundTo(sampleDeviation(values), HUNDREDTH)
  const used = largest(deviation, constant(the, 'sigma_floor'))
  const requirements = pair(values, add(grade, multiply(first, used)), multiply(second, grade))
  return { method: '统计方法（标准差未知）', deviation, used, requirements }
}

function knownSigma(the: Case, values: Decimal[], grade: Decimal): Batch | Judgement {
  const sigma = asNumber(inputOf(the, 'sigma0'))
  if (!sigma) return review(the, ['sigma0'])
  if (compare(whole(values.length), constant(the, 'known_groups')) !== 0) {
    return judgement('needs_review', '标准差已知方法以连续3组为一批')
  }
  const share = constant(the, 'known_min', { grade })
  const used = largest(sigma, constant(the, 'sigma_floor'))
  const margin = multiply(constant(the, 'known_sigma'), used)
  const [average, lowest] = pair(values, add(grade, margin), subtract(grade, margin))
  const third = { ...lowest, name: '最小值占设计', bound: multiply(share, grade) }
  return { method: '统计方法（标准差已知）', used, requirements: [average, lowest, third] }
}

function concludeBatch(the: Case, batch: Batch, size: number): Judgement {
  const row = the.rule.rows.find((r) => r.label.startsWith('lambda')) as Row
  const checks = batch.requirements.map((need) => requirementCheck(row, need))
  const accepted = checks.every((c) => c.holds)
  const facts = new Map([['method', batch.method], ['groups', `${size}`]])
  if (batch.deviation) facts.set('deviation', plain(batch.deviation))
  if (batch.used) facts.set('deviation_used', plain(batch.used))
  const words = checks.map(checkSentence).join('；')
  return judgement(accepted ? 'conforming' : 'failing', `${batch.method}，${size} 组；${words}`, { checks, facts })
}

function requirementCheck(row: Row, need: Requirement): RowCheck {
  const bound = `≥${canonical(need.bound)} MPa`
  return rowCheck(need.name, row, bound, atLeast(need.value, need.bound), [need.unrounded, need.value], 'MPa')
}
