/** 判定与卡片之间：规则的结论怎样变成颜色、格子和要问的话。 */
import type { Finding, Gauge } from '@/rules'
import type { Item } from '@/wire'

/** 卡片的颜色：没有作答是 none。 */
export type Look = Finding['outcome'] | 'none'

export function lookOf(finding: Finding | null): Look {
  return finding ? finding.outcome : 'none'
}

const OF_MANY = new Set(['pass_rate', 'cube_acceptance'])
const OF_GROUPS = new Set(['cube_groups', 'cube_acceptance'])

/** 这一项天生要一组测点。 */
export function wantsPoints(item: Item): boolean {
  return item.checks.some((c) => OF_MANY.has(c.rule.operator) || c.rule.rows.some((r) => Boolean(r.of)))
}

/** 这一项要分组记（样品组、试件组）。 */
export function wantsGroups(item: Item): boolean {
  return item.answer.includes('sample_group') || item.checks.some((c) => OF_GROUPS.has(c.rule.operator))
}

/** 数值可不可能是负的：温度、偏差、带负下限的。 */
export function maySign(item: Item): boolean {
  if (item.unit === '℃') return true
  const rows = item.checks.flatMap((c) => c.rule.rows)
  return rows.some((r) => String(r.op).startsWith('abs') || [r.min, r.max, r.value].some((v) => String(v ?? '').startsWith('-')))
}

/** 每个读数过不过限值，按读数的先后；说不清的为 null。 */
export function pointStates(count: number, gauge: Gauge | null, sample = 0): (boolean | null)[] {
  const states: (boolean | null)[] = Array.from({ length: count }, () => null)
  for (const p of gauge?.points ?? []) if (p.sample === sample && p.index < count) states[p.index] = p.holds
  return states
}
