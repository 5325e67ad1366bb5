/** 边填边看：限值、刻度、合格点率、还要问什么，逐条用真的检查项。 */

import { describe, expect, test } from 'vitest'
import type { Answer } from '@/wire'
import {
  askedInputs, badNumbers, canonicalText, checkSentence, compareNumbers, gauge, isEmpty, itemsFor, judgeChecklist, judgeItem,
  limitLines, limitText, passRate, photosRequired, readTyped, requiredInputs, sectionsFor, severityOf, shanghaiDay, stillMissing,
  unanswered,
} from '@/rules'
import { CASES, checklists, items, read, type VectorCase } from './vectors'

const CONTEXT = { on: '2025-06-10', region: '441300' }
const SAND = 'RMC-02-06'
const SLUMP = 'RMC-06-03'
const COVER = 'CQI-02-02'

const item = (code: string) => items.get(code)!
const answer = (item_code: string, facts: Partial<Answer> = {}): Answer => ({ item_code, ...facts })
const names = (specs: { name: string }[]): string[] => specs.map((s) => s.name)

describe('人输入的数', () => {
  test.each([
    ['１２．５', '12.5'], ['12。5', '12.5'], ['３｡０', '3.0'], ['－3', '-3'], ['−3', '-3'], ['+4', '4'], [' 7 ', '7'], ['0.030', '0.030'],
    ['.5', '0.5'], ['5.', '5'], ['-', null], ['', null], ['1,000', null], ['1.2.3', null], ['1。2。3', null], ['十', null],
  ])('%s', (typed, read) => expect(readTyped(typed)).toBe(read))

  test('比较与写法不经浮点', () => {
    expect(compareNumbers('0.1', '0.10')).toBe(0)
    expect(compareNumbers('0.300000000000001', '0.3')).toBe(1)
    expect(compareNumbers('-1', '0')).toBe(-1)
    expect(canonicalText('0.030')).toBe('0.03')
    expect(() => canonicalText('甲')).toThrow(RangeError)
  })

  test('没有填完的数当作没有填，并说出在哪里', () => {
    const half = answer(SAND, { value: '-', readings: ['1', '1.'], groups: [{ sample_no: '1', values: ['x'] }], on: '2025-6-1' })
    expect(badNumbers(half)).toEqual(['/value', '/groups/0/values/0', '/on'])
    expect(judgeItem(item(SAND), half, CONTEXT).outcome).toBe('needs_review')
    expect(isEmpty(answer(SAND, { value: '', inputs: {} }))).toBe(true)
    expect(isEmpty(answer(SAND, { count: 0 }))).toBe(false)
  })
})

describe('限值', () => {
  test('条件没有填，先列出可能的；填了只留适用而最严的', () => {
    expect(limitText(item(SAND), null, CONTEXT)).toBe('')
    expect(limitLines(item(SAND), null, CONTEXT).every((line) => line.applies === null)).toBe(true)
    const given = answer(SAND, { inputs: { use: '钢筋混凝土', sand_kind: '河砂' } })
    expect(limitText(item(SAND), given, CONTEXT)).toBe('≤0.03 %')
    expect(limitLines(item(SAND), given, CONTEXT)[0]).toMatchObject({ standard: 'GB 55008-2021', applies: true })
    expect(limitText(item(SAND), given, { ...CONTEXT, on: '2022-03-31' })).toBe('≤0.06 %')
  })

  test('随另一条件推算的，条件来了才有数', () => {
    const code = 'RES-05-10'
    const bound = (inputs: Answer['inputs']) => limitLines(item(code), answer(code, { inputs }), CONTEXT).map((l) => `${l.title} ${l.bound}`)
    expect(bound({})).toContain('试验压力 ≥按工作压力推算')
    expect(bound({ working_pressure: '0.3' })).toContain('试验压力 ≥0.6 MPa')
    expect(bound({ working_pressure: '0.5' })).toContain('试验压力 ≥0.75 MPa')
  })

  test('应有数量取最大的一行', () => {
    const code = 'RMC-08-01'
    const inputs = { volume_m3: '450', batches: '201', shifts: '2', floors: '1', continuous: false, mix_id: 'M1' }
    expect(limitText(item(code), answer(code, { inputs }), CONTEXT)).toBe('≥5 组')
  })

  test('保护层写出范围和合格点率', () => {
    expect(limitText(item(COVER), answer(COVER, { inputs: { member: '板类' } }), CONTEXT)).toBe('-5~8 mm；合格点率 ≥90%')
  })
})

describe('刻度', () => {
  test('坍落度以控制目标值为中，界外的点看得出', () => {
    const drawn = gauge(item(SLUMP), answer(SLUMP, { readings: ['150', '211'], inputs: { consistency: '坍落度', target: '180' } }), CONTEXT)!
    expect(drawn).toMatchObject({ unit: 'mm', low: '150', high: '210', design: '180' })
    expect(drawn.points.map((p) => [p.text, p.holds, p.sample, p.index])).toEqual([['150', true, 0, 0], ['211', false, 0, 1]])
    const places = [drawn.lowAt!, drawn.designAt!, drawn.highAt!, drawn.points[1]!.at]
    expect([...places].sort((a, b) => a - b)).toEqual(places)
    expect(places.every((p) => p > 0 && p < 1)).toBe(true)
  })

  test('条件没有填就没有刻度', () => {
    expect(gauge(item(SLUMP), answer(SLUMP, { value: '150', inputs: { consistency: '坍落度' } }), CONTEXT)).toBeNull()
    expect(gauge(item('CQI-01-01'), answer('CQI-01-01', { count: 0 }), CONTEXT)).toBeNull()
  })

  test('只有一头的限值也画得出', () => {
    const given = answer(SAND, { value: '0.0305', inputs: { use: '钢筋混凝土', sand_kind: '河砂', method: '标准方法' } })
    const drawn = gauge(item(SAND), given, CONTEXT)!
    expect(drawn).toMatchObject({ low: null, lowAt: null, high: '0.03', design: null })
    expect(drawn.points[0]!.holds).toBe(true)
  })

  test('两次抽样的点分开', () => {
    const given = answer(COVER, { readings: ['1', '9'], groups: [{ sample_no: '1', values: ['-6'] }], inputs: { member: '板类' } })
    const drawn = gauge(item(COVER), given, CONTEXT)!
    expect(drawn).toMatchObject({ low: '-5', high: '8', design: '0' })
    expect(drawn.points.map((p) => [p.sample, p.index, p.holds])).toEqual([[0, 0, true], [0, 1, false], [1, 0, false]])
  })

  test('芯样按设计厚度换算，试块画代表值', () => {
    const core = gauge(item('RES-05-11'), answer('RES-05-11', { readings: ['46', '44'], inputs: { design_thickness: '50' } }), CONTEXT)!
    expect(core).toMatchObject({ unit: 'mm', low: '45', design: '50' })
    expect(core.points.map((p) => p.holds)).toEqual([true, false])
    const groups = [1, 2, 3].map((n) => ({ sample_no: 'Y', values: ['30', '30', `${n * 10}`] }))
    const cubes = gauge(item('RMC-09-02'), answer('RMC-09-02', { groups, inputs: { cube_size: '150', grade: 'C30' } }), CONTEXT)!
    expect(cubes).toMatchObject({ low: '25.5', design: '30' })
    expect(cubes.points.map((p) => [p.text, p.sample])).toEqual([['30.0', 1], ['30.0', 2], ['30.0', 3]])
  })
})

describe('合格点率', () => {
  const rate = (readings: string[], more: Partial<Answer> = {}) =>
    passRate(item(COVER), answer(COVER, { readings, inputs: { member: '板类' }, ...more }), CONTEXT)

  test('六点五合格', () => {
    expect(rate(['0', '1', '2', '3', '4', '9'])).toEqual({
      passed: 5, taken: 6, percent: '83.3%', required: '≥90%', text: '5 / 6 点合格，83.3%，应 ≥90%', holds: null,
    })
  })

  test('达到、不达到；不四舍五入到线上', () => {
    expect(rate(Array(10).fill('0'))).toMatchObject({ percent: '100%', holds: true })
    expect(rate(['9', '9', '0'])).toMatchObject({ percent: '33.3%', holds: false })
    expect(rate([...Array(179).fill('0'), ...Array(20).fill('9')])).toMatchObject({ percent: '89.9%', holds: null })
    expect(rate([])).toBeNull()
  })

  test('限值表的几个读数也数点', () => {
    const given = answer(SLUMP, { readings: ['150', '211'], inputs: { consistency: '坍落度', target: '180' } })
    expect(passRate(item(SLUMP), given, CONTEXT)).toMatchObject({ passed: 1, taken: 2, text: '1 / 2 点合格，50%', holds: false })
  })
})

describe('要问什么、缺什么', () => {
  test('已不可能适用的行不再问', () => {
    const code = 'RES-05-10'
    expect(names(requiredInputs(item(code)))).toContain('second_drop')
    const metal = names(askedInputs(item(code), answer(code, { inputs: { pipe: '金属或复合管' } }), CONTEXT))
    expect(metal).toEqual(expect.arrayContaining(['pipe', 'working_pressure', 'hold_minutes']))
    expect(metal).not.toContain('second_drop')
    expect(names(askedInputs(item(code), answer(code, { inputs: { pipe: '铸铁管' } }), CONTEXT))).toContain('pipe')
  })

  test('缺的说出名称，分清作答本身和条件', () => {
    const missing = stillMissing(item(SAND), answer(SAND, { inputs: { use: '钢筋混凝土' } }), CONTEXT)
    expect(missing.find((m) => m.name === 'value')).toEqual({ name: 'value', title: '实测数值', own: true, spec: null })
    expect(missing.find((m) => m.name === 'sand_kind')).toMatchObject({ title: '砂种', own: false, spec: { kind: 'choice' } })
  })

  test('程度上调即时生效，下调只是建议', () => {
    const { severity } = item(SAND)
    expect(severity).toBe('critical')
    expect(severityOf(item(SAND), answer(SAND, { severity: 'minor' }))).toEqual({ severity: 'critical', proposed: 'minor' })
    expect(severityOf(item('RMC-07-06'), answer('RMC-07-06', { severity: 'major' }))).toEqual({ severity: 'major', proposed: null })
    expect(photosRequired(item(SAND), answer(SAND))).toBeGreaterThanOrEqual(1)
  })
})

describe('整张检查单', () => {
  const content = checklists['RMC/2025.1']!

  test('按检查单的次序，只判答了的', () => {
    const all = itemsFor(content, 'enterprise_site', CONTEXT.region)
    const answers = all.slice(0, 5).map((i) => answer(i.code, { verdict: 'failing' })).reverse()
    const found = judgeChecklist(content, answers, { ...CONTEXT, frame: 'enterprise_site' })
    expect(found.map((f) => f.item_code)).toEqual(all.slice(0, 5).map((i) => i.code))
    expect(unanswered(content, answers, 'enterprise_site', CONTEXT.region)).toHaveLength(all.length - 5)
  })

  test('重复的、不属于这类对象的不判', () => {
    const one = answer(itemsFor(content, 'enterprise_site')[0]!.code)
    const frame = 'enterprise_site' as const
    expect(() => judgeChecklist(content, [one, one], { ...CONTEXT, frame })).toThrow('两份作答')
    expect(() => judgeChecklist(content, [answer('XX-01-01')], { ...CONTEXT, frame })).toThrow('不适用')
    expect(() => judgeItem(item(SAND), one, CONTEXT)).toThrow('作答属于')
  })

  test('各条可以有自己的事实日期', () => {
    const given = answer(SAND, { value: '0.05', inputs: { use: '钢筋混凝土', sand_kind: '河砂', method: '标准方法' } })
    const judged = (dates: Record<string, string>) =>
      judgeChecklist(content, [given], { ...CONTEXT, frame: 'enterprise_site', dates })[0]!
    expect(judged({})).toMatchObject({ outcome: 'failing', fact_on: '2025-06-10' })
    expect(judged({ [SAND]: '2022-03-31' })).toMatchObject({ outcome: 'conforming', fact_on: '2022-03-31' })
  })

  test.each<[string, Partial<Answer>, boolean]>([
    ['什么都没有', { reason: '无', note: '记', photos: [], severity: 'minor' }, true], ['判定', { verdict: 'failing' }, false],
    ['数值', { value: '0' }, false], ['日期', { on: '2025-06-01' }, false], ['文字', { text: '有' }, false], ['选项', { choice: '甲' }, false],
    ['读数', { readings: ['1'] }, false], ['样品组', { groups: [{ sample_no: '1' }] }, false], ['条件', { inputs: { use: '' } }, false],
  ])('空不空：%s', (_, facts, empty) => expect(isEmpty(answer(SAND, facts))).toBe(empty))

  test('别的地区的条目不列', () => {
    const local = items.get('MD-01-01')!
    const section = { ...content.sections[0]!, frames: ['project' as const], items: [local] }
    const own = { ...content, sections: [section] }
    expect(itemsFor(own, 'project', '330211')).toEqual([local])
    expect(sectionsFor(own, 'project', '441300')).toEqual([])
    expect(itemsFor(own, 'enterprise_site')).toEqual([])
  })

  test('判定的日子是上海的日子', () => {
    expect(shanghaiDay('2025-06-09T16:00:00Z')).toBe('2025-06-10')
    expect(shanghaiDay('2025-06-09T15:59:59.999Z')).toBe('2025-06-09')
  })

  test('二百条一起判不到一百毫秒，一条不到两毫秒', () => {
    const cases = CASES.flatMap((name) => read<VectorCase[]>(name)).filter((one) => one.item)
    const asked = [...new Map(cases.map((one) => [one.item!, one])).values()].slice(0, 200)
    const start = performance.now()
    for (const one of asked) judgeItem(item(one.item!), answer(one.item!, one.answer), CONTEXT)
    const spent = performance.now() - start
    expect(asked).toHaveLength(200)
    expect(spent).toBeLessThan(100)
    expect(spent / asked.length).toBeLessThan(2)
  })

  test('句子与结论里的一致', () => {
    const given = answer(SAND, { value: '0.0305', inputs: { use: '钢筋混凝土', sand_kind: '河砂', method: '标准方法' } })
    const found = judgeItem(item(SAND), given, CONTEXT)
    expect(found.explanation).toBe(`符合：${checkSentence(found.limit!)}`)
    expect(checkSentence(found.limit!)).toContain('0.030 %（修约前 0.0305），限值 ≤0.03 %（GB 55008-2021），符合')
  })
})
