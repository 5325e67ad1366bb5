/** 限值标尺的画法：规则给出 0～1 的位置，这里摆线、字和点。 */
import type { Gauge } from '@/rules'
import { minus } from './said'

export interface Drawing {
  segments: { x: number; width: number; inside: boolean }[]
  ticks: { x: number; label: string; dashed: boolean; anchor: 'start' | 'middle' | 'end' }[]
  dots: { x: number; holds: boolean; key: string }[]
}

/** 标尺两头的横坐标，画板宽 320。 */
export const LEFT = 10
export const RIGHT = 310
/** 两处字的中心至少隔这么远，才不会叠在一起。 */
const APART = 48

const place = (at: number) => Math.round((LEFT + Math.min(1, Math.max(0, at)) * (RIGHT - LEFT)) * 10) / 10

/** 一边都没有限值就没有标尺。 */
export function drawing(gauge: Gauge): Drawing | null {
  const low = gauge.lowAt === null ? null : place(gauge.lowAt)
  const high = gauge.highAt === null ? null : place(gauge.highAt)
  if (low === null && high === null) return null
  const dots = gauge.points.map((p) => ({ x: place(p.at), holds: p.holds, key: `${p.sample}-${p.index}` }))
  return { segments: segments(low ?? LEFT, high ?? RIGHT), ticks: ticksOf(gauge, low, high), dots }
}

function segments(low: number, high: number): Drawing['segments'] {
  const parts = [
    { x: LEFT, width: low - LEFT, inside: false },
    { x: low, width: high - low, inside: true },
    { x: high, width: RIGHT - high, inside: false },
  ]
  return parts.filter((p) => p.width > 0)
}

function ticksOf(gauge: Gauge, low: number | null, high: number | null): Drawing['ticks'] {
  const ticks: Drawing['ticks'] = []
  const add = (x: number, label: string, dashed = false) => ticks.push({ x, label, dashed, anchor: anchor(x) })
  if (low !== null) add(low, minus(gauge.low ?? ''))
  if (high !== null && high !== low) add(high, minus(gauge.high ?? ''))
  if (gauge.designAt !== null) {
    const x = place(gauge.designAt)
    add(x, ticks.some((t) => Math.abs(t.x - x) < APART) ? '' : `设计 ${minus(gauge.design ?? '')}`, true)
  }
  return ticks
}

function anchor(x: number): 'start' | 'middle' | 'end' {
  if (x < LEFT + 14) return 'start'
  return x > RIGHT - 14 ? 'end' : 'middle'
}
