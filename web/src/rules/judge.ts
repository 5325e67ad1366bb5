/** 判定：把检查项的规则用到作答上，得出结论。缺什么就说缺什么，从不因缺条件而出错。 */

import type { Answer, ChecklistContent, Frame, Item, Section, Severity } from '@/wire'
import { counted, isEmpty, readAnswer, type Given } from './answers'
import { OWN_TITLES, review, type Case } from './case'
import { judgeBands, judgeQuota, judgeRequiredTests, judgeSamples } from './counting'
import { judgePassRate } from './cover'
import { judgeCubeAcceptance, judgeCubeGroups } from './cubes'
import { readDay } from './days'
import { judgement, OUTCOME_WORDS, type Finding, type Judgement, type Outcome } from './findings'
import { readRule, regionCovers, type Rule } from './limits'
import { judgeTable } from './table'
import { once, own, strip } from './words'

/** The day of the fact (`YYYY-MM-DD`, in Shanghai) and the region of the check (six digits). */
export interface Context {
  on: string
  region: string
}

const OPERATORS: Readonly<Record<string, (the: Case) => Judgement | null>> = {
  table: judgeTable,
  quota: judgeQuota,
  bands: judgeBands,
  pass_rate: judgePassRate,
  required_tests: judgeRequiredTests,
  cube_groups: judgeCubeGroups,
  cube_acceptance: judgeCubeAcceptance,
  samples: judgeSamples,
}
const RANKS: readonly Severity[] = ['minor', 'major', 'critical']

/** The finding for one item. Throws Error when the answer belongs to another item. */
export function judgeItem(item: Item, answer: Answer, context: Context): Finding {
  const given = readAnswer(answer)
  if (given.itemCode !== item.code) throw new Error(`作答属于 ${given.itemCode}，不是检查项 ${item.code}`)
  if (!regionCovers(item.region, context.region)) {
    return finding(item, given, context, 'not_applicable', [], '本检查项不在本地区适用')
  }
  if (given.verdict === 'not_applicable') return notApplicable(item, given, context)
  const parts = judgeChecks(item, given, context)
  parts.push(...judgeKinds(item, given, !parts.length))
  const [outcome, text] = decide(item, given, parts)
  return finding(item, given, context, outcome, parts, text)
}

// ------------------------------------------------------------------------------------------- parts

/** Each rule of the item, ready to be put to the answer; the date of an input replaces that of the fact. */
export function casesOf(item: Item, answer: Given, context: Context): Case[] {
  const chosen = item.choices.includes(answer.choice) ? answer : { ...answer, choice: '' }
  const asked = item.answer.some((kind) => kind === 'numeric' || kind === 'count' || kind === 'choice' || kind === 'date')
  return item.checks.map(({ rule, input }) => caseOf(readRule(rule), chosen, context, input, asked))
}

export function caseOf(rule: Rule, answer: Given, context: Context, subject = '', asked = true): Case {
  const on = rule.dateInput ? readDay(own(answer.inputs, rule.dateInput)) : null
  return { rule, answer, on: on ?? context.on, region: context.region, subject, asked }
}

/** One rule put to an answer; null when it has nothing to say in this region. */
export function applyRule(the: Case): Judgement | null {
  const { dateInput, operator } = the.rule
  if (dateInput && readDay(own(the.answer.inputs, dateInput)) === null) return review(the, [dateInput])
  const judge = own(OPERATORS, operator)
  if (!judge) throw new Error(`没有运算 ${operator}`)
  return judge(the)
}

function judgeChecks(item: Item, answer: Given, context: Context): Judgement[] {
  return casesOf(item, answer, context).map(applyRule).filter((j) => j !== null)
}

/** What the kinds of answer themselves ask for; `free` when no rule has anything to say here. */
function judgeKinds(item: Item, answer: Given, free: boolean): Judgement[] {
  const missing: string[] = []
  const asks = (kind: string): boolean => (item.answer as string[]).includes(kind)
  if (asks('tri') && answer.verdict === null) missing.push('verdict')
  if (asks('text') && !strip(answer.text)) missing.push('text')
  if (asks('date') && answer.on === null) missing.push('on')
  if (asks('choice') && !item.choices.includes(answer.choice)) missing.push('choice')
  const parts = free ? judgeFree(asks, answer) : []
  if (!missing.length) return parts
  const words = missing.map((m) => OWN_TITLES[m]).join('、')
  return [...parts, judgement('needs_review', `还缺：${words}`, { missing })]
}

/** Items without a rule: a count of zero conforms, everything else is left to a person. */
function judgeFree(asks: (kind: string) => boolean, answer: Given): Judgement[] {
  if (asks('count')) return [judgeFreeCount(answer.count)]
  if (asks('numeric')) {
    const defers = answer.value !== null || answer.readings.length > 0
    const text = defers ? '没有统一限值，由检查员判定' : '还缺：实测数值'
    return [judgement('needs_review', text, { missing: defers ? [] : ['value'], defers })]
  }
  return asks('tri') ? [] : [judgement('needs_review', '由检查员判定', { defers: true })]
}

function judgeFreeCount(count: number | null): Judgement {
  if (count === null) return judgement('needs_review', '还缺：计数', { missing: ['count'] })
  if (count === 0) return judgement('conforming', '未发现问题')
  return judgement('needs_review', `发现 ${count} 处，由检查员判定`, { defers: true })
}

// ------------------------------------------------------------------------------------------- decision

function decide(item: Item, answer: Given, parts: Judgement[]): [Outcome, string] {
  const judged = combine(parts)
  const words = parts.filter((p) => judged === null || p.outcome === judged).map((p) => p.explanation).join('；')
  if (judged === 'failing') return ['failing', words]
  if (answer.verdict === 'failing') return statedFailing(item, judged, words)
  if (parts.some((p) => p.outcome === 'needs_review' && !p.defers)) return ['needs_review', words]
  if (parts.some((p) => p.defers) && answer.verdict === null) return ['needs_review', words]
  return ['conforming', words || '检查员判定符合']
}

/** The officer says failing: it stands, unless the item is pure numbers and the numbers conform. */
function statedFailing(item: Item, judged: Outcome | null, words: string): [Outcome, string] {
  if (judged === 'conforming' && !item.answer.includes('tri')) {
    return ['needs_review', `检查员判定不符合，而计算结果符合：${words}`]
  }
  return ['failing', `检查员判定不符合${words && `；${words}`}`]
}

/** What the rules say together: failing before review before conforming; null when there are none. */
export function combine(parts: readonly Judgement[]): Outcome | null {
  const order: Outcome[] = ['failing', 'needs_review', 'conforming']
  return order.find((outcome) => parts.some((p) => p.outcome === outcome)) ?? null
}

function notApplicable(item: Item, answer: Given, context: Context): Finding {
  const reason = strip(answer.reason)
  if (reason) return finding(item, answer, context, 'not_applicable', [], `不适用：${reason}`)
  const part = judgement('needs_review', '还缺：不适用的理由', { missing: ['reason'] })
  return finding(item, answer, context, 'needs_review', [part], part.explanation)
}

/** Raising takes effect at once; lowering is only proposed, for a reviewer to confirm. */
export function severityOf(item: Item, answer: Pick<Answer, 'severity'>): { severity: Severity; proposed: Severity | null } {
  const wanted = answer.severity ?? item.severity
  if (wanted === item.severity) return { severity: item.severity, proposed: null }
  const raised = RANKS.indexOf(wanted) > RANKS.indexOf(item.severity)
  return raised ? { severity: wanted, proposed: null } : { severity: item.severity, proposed: wanted }
}

function worstPair(parts: readonly Judgement[]): readonly [number, number] | null {
  const pairs = parts.map((p) => p.passed).filter((p) => p !== null)
  return pairs.length ? pairs.reduce((a, b) => (b[0] * a[1] < a[0] * b[1] ? b : a)) : null
}

function photosFor(item: Item, places: number): number {
  return item.photo_per ? Math.max(item.min_photos, item.photo_per * Math.max(1, places)) : item.min_photos
}

/** How many photographs the answer demands. */
export function photosRequired(item: Item, answer: Answer): number {
  return photosFor(item, counted(readAnswer(answer)))
}

function finding(
  item: Item, answer: Given, context: Context, outcome: Outcome, parts: readonly Judgement[], text: string,
): Finding {
  const { severity, proposed } = severityOf(item, answer)
  const checks = parts.flatMap((p) => p.checks)
  const judged = combine(parts)
  const stated = answer.verdict
  return {
    item_code: item.code,
    outcome,
    judged,
    stated,
    disagreement: stated !== null && judged !== null && judged !== 'needs_review' && stated !== judged,
    explanation: text ? `${OUTCOME_WORDS[outcome]}：${text}` : OUTCOME_WORDS[outcome],
    severity,
    severity_proposed: proposed,
    severity_reason: answer.severityReason,
    clauses: item.basis.filter((c) => regionCovers(c.region, context.region)),
    liable: item.liable,
    dispositions: item.disposition.filter((d) => regionCovers(d.region, context.region)).map((d) => d.text),
    confidence: item.confidence,
    fact_on: context.on,
    limit: checks.find((c) => !c.holds) ?? checks[0] ?? null,
    checks,
    missing: once(parts.flatMap((p) => p.missing)),
    passed: worstPair(parts),
    reason: answer.reason,
    photos_required: outcome === 'not_applicable' ? 0 : photosFor(item, counted(answer)),
    photos_given: answer.photos,
    facts: Object.fromEntries(parts.flatMap((p) => [...p.facts])),
  }
}

// ------------------------------------------------------------------------------------------- checklist

/** Sections put to this kind of subject; with a region, items of other regions are left out. */
export function sectionsFor(content: ChecklistContent, frame: Frame, region = ''): Section[] {
  const mine = content.sections.filter((s) => s.frames.includes(frame))
  if (!region) return mine
  const kept = mine.map((s) => ({ ...s, items: s.items.filter((i) => regionCovers(i.region, region)) }))
  return kept.filter((s) => s.items.length)
}

export function itemsFor(content: ChecklistContent, frame: Frame, region = ''): Item[] {
  return sectionsFor(content, frame, region).flatMap((s) => s.items)
}

export interface CheckContext extends Context {
  frame: Frame
  /** Own dates of the fact by item code. */
  dates?: Readonly<Record<string, string>>
}

/** Findings for every answer, in the order of the checklist. Throws Error for two answers to one item or a foreign one. */
export function judgeChecklist(content: ChecklistContent, answers: readonly Answer[], context: CheckContext): Finding[] {
  const given = new Map(answers.map((a) => [a.item_code, a]))
  if (given.size < answers.length) throw new Error('同一检查项有两份作答')
  const items = itemsFor(content, context.frame)
  const outside = [...given.keys()].filter((code) => !items.some((i) => i.code === code)).sort()
  if (outside.length) throw new Error(`检查项 ${outside.join('、')} 不适用于这类检查对象`)
  return items.flatMap((item) => {
    const answer = given.get(item.code)
    const on = own(context.dates ?? {}, item.code) ?? context.on
    return answer ? [judgeItem(item, answer, { on, region: context.region })] : []
  })
}

/** Codes of items put to this kind of subject that carry no answer, or an empty one. */
export function unanswered(content: ChecklistContent, answers: readonly Answer[], frame: Frame, region = ''): string[] {
  const given = new Set(answers.filter((a) => !isEmpty(a)).map((a) => a.item_code))
  return itemsFor(content, frame, region).map((i) => i.code).filter((code) => !given.has(code))
}
