import { describe, expect, it } from 'vitest'
import { drawing, LEFT, RIGHT } from '@/parts/gauge'
import { maySign, pointStates, wantsGroups, wantsPoints } from '@/parts/judging'
import { sketch } from '@/parts/sketch'
import type { Gauge } from '@/rules'
import type { Item } from '@/wire'

const gauge = (patch: Partial<Gauge>): Gauge => ({
  unit: 'mm', low: null, high: null, design: null, lowAt: null, highAt: null, designAt: null, points: [], ...patch,
})
const point = (at: number, holds: boolean, index: number, sample = 0) => ({ text: '1', at, holds, sample, index })

describe('标尺', () => {
  it('两头有限值：外、内、外三段，接得上', () => {
    const drawn = drawing(gauge({ low: '-5', high: '8', lowAt: 0.2, highAt: 0.8, points: [point(0.5, true, 0), point(1, false, 1)] }))
    expect(drawn?.segments).toEqual([
      { x: 10, width: 60, inside: false }, { x: 70, width: 180, inside: true }, { x: 250, width: 60, inside: false },
    ])
    expect(drawn?.ticks.map((t) => t.label)).toEqual(['−5', '8'])
    expect(drawn?.dots.map((d) => [d.x, d.holds])).toEqual([[160, true], [RIGHT, false]])
  })

  it('只有上限：左边一直在限内', () => {
    const drawn = drawing(gauge({ high: '0.3', highAt: 0.5 }))
    expect(drawn?.segments.map((s) => s.inside)).toEqual([true, false])
    expect(drawn?.segments[0].x).toBe(LEFT)
  })

  it('没有限值就没有标尺；限值相等只画一根', () => {
    expect(drawing(gauge({}))).toBeNull()
    expect(drawing(gauge({ low: '0', high: '0', lowAt: 0.5, highAt: 0.5 }))?.ticks).toHaveLength(1)
  })

  it('设计值挨着限值时让出字，线还在；出界的点贴边', () => {
    const drawn = drawing(gauge({ low: '15', high: '28', design: '20', lowAt: 0.1, highAt: 0.9, designAt: 0.15, points: [point(1.4, false, 0)] }))
    expect(drawn?.ticks.find((t) => t.dashed)).toMatchObject({ label: '', x: 55 })
    expect(drawn?.dots[0].x).toBe(RIGHT)
  })

  it('每格的判定按先后对上，别的样品不混进来', () => {
    const g = gauge({ points: [point(0.1, true, 0), point(0.9, false, 2), point(0.9, false, 1, 1)] })
    expect(pointStates(3, g)).toEqual([true, null, false])
    expect(pointStates(2, null)).toEqual([null, null])
  })
})

const item = (patch: object): Item => ({ answer: ['numeric'], unit: '', checks: [], ...patch }) as unknown as Item
const ruled = (operator: string, rows: object[]) => item({ checks: [{ rule: { operator, rows }, input: '', only: {} }] })

describe('卡片的样子', () => {
  it('合格点率和取统计值的要测点表', () => {
    expect(wantsPoints(ruled('pass_rate', []))).toBe(true)
    expect(wantsPoints(ruled('table', [{ of: 'mean' }]))).toBe(true)
    expect(wantsPoints(ruled('table', [{ op: '<=' }]))).toBe(false)
  })

  it('样品组和试件组要分组', () => {
    expect(wantsGroups(item({ answer: ['sample_group'] }))).toBe(true)
    expect(wantsGroups(ruled('cube_groups', []))).toBe(true)
    expect(wantsGroups(item({}))).toBe(false)
  })

  it('可能为负的才有 ± 键', () => {
    expect(maySign(ruled('table', [{ op: 'between', min: '-5', max: '10' }]))).toBe(true)
    expect(maySign(ruled('table', [{ op: 'abs<=', value: '8' }]))).toBe(true)
    expect(maySign(item({ unit: '℃' }))).toBe(true)
    expect(maySign(ruled('table', [{ op: '<=', value: '0.3' }]))).toBe(false)
  })
})

describe('围栏示意', () => {
  const boundary = [[[121.5486, 29.8738], [121.5506, 29.8738], [121.5506, 29.8752], [121.5486, 29.8752], [121.5486, 29.8738]]] as [number, number][][]
  const fix = { longitude: 121.5496, latitude: 29.8745, accuracy_m: 6, datum: 'wgs84' as const, age_s: 1 }

  it('北在上，人在围栏里，都在画板内', () => {
    const drawn = sketch({ boundary, longitude: 121.5496, latitude: 29.8745 }, fix)
    const numbers = [...(drawn?.land ?? '').matchAll(/([\d.]+) ([\d.]+)/g)].map((m) => [Number(m[1]), Number(m[2])])
    expect(numbers[0][1]).toBeGreaterThan(numbers[2][1])
    for (const [x, y] of numbers) {
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x).toBeLessThanOrEqual(320)
      expect(y).toBeGreaterThanOrEqual(0)
      expect(y).toBeLessThanOrEqual(180)
    }
    expect(drawn?.me).toMatchObject({ x: 160, y: 90 })
    expect(drawn?.scale.label).toMatch(/ m$/)
  })

  it('人在几公里外就不画人；什么都没有就不画图', () => {
    expect(sketch({ boundary, longitude: 121.5496, latitude: 29.8745 }, { ...fix, latitude: 29.95 })?.me).toBeNull()
    expect(sketch({ boundary: null, longitude: null, latitude: null }, fix)).toBeNull()
  })
})
