/** 对比度：从样式表取色，逐对重算；深色的两处要一致。 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

type Tokens = Record<string, string>
const sheet = readFileSync(new URL('../../src/style/tokens.css', import.meta.url), 'utf-8')

function block(head: string): Tokens {
  const start = sheet.indexOf(head)
  expect(start, head).toBeGreaterThanOrEqual(0)
  const body = sheet.slice(sheet.indexOf('{', start) + 1, sheet.indexOf('}', start))
  return Object.fromEntries([...body.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map((m) => [m[1], m[2].trim()]))
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

const light = block(':root {')
const dark = block(':root:not([data-look]) {')
const chosenDark = block(":root[data-look='dark'] {")
const sun = block(":root[data-look='sun'] {")
const looks: Record<string, Tokens> = { 浅色: light, 深色: { ...light, ...dark }, 强光: { ...light, ...sun } }

/** 字和它的底。 */
const TEXT: [string, string][] = [
  ['ink-900', 'paper'], ['ink-900', 'surface'], ['ink-900', 'sunken'], ['ink-700', 'surface'], ['ink-700', 'sunken'],
  ['ink-500', 'surface'], ['ink-500', 'paper'], ['ink-500', 'sunken'],
  ['brand-600', 'surface'], ['brand-600', 'paper'], ['brand-600', 'brand-50'], ['brand-700', 'brand-50'], ['brand-700', 'surface'],
  ['pass-600', 'surface'], ['pass-600', 'paper'], ['pass-700', 'pass-50'], ['pass-600', 'pass-50'],
  ['seal-600', 'surface'], ['seal-600', 'paper'], ['seal-700', 'seal-50'], ['seal-700', 'seal-100'], ['seal-600', 'seal-50'],
  ['warn-700', 'surface'], ['warn-700', 'paper'], ['warn-700', 'warn-50'], ['warn-700', 'warn-100'],
  ['na-600', 'na-50'], ['on-gold', 'gold-300'],
  ['on-fill', 'fill-brand'], ['on-fill', 'fill-pass'], ['on-fill', 'fill-seal'], ['on-fill', 'fill-na'],
  ['bar-ink', 'bar'], ['bar-soft', 'bar'], ['bar-fail', 'bar'], ['bar-pass', 'strip'], ['bar-soft', 'strip'], ['gold-300', 'strip'], ['gold-300', 'bar'],
]
/** 线、图标、刻度：三比一。 */
const SHAPES: [string, string][] = [
  ['line-strong', 'surface'], ['brand-600', 'surface'], ['seal-600', 'seal-50'], ['pass-600', 'pass-50'],
  ['tick-pass', 'bar'], ['tick-fail', 'bar'], ['tick-na', 'bar'], ['tick-ask', 'bar'], ['progress', 'sunken'],
]

describe('对比度', () => {
  for (const [name, tokens] of Object.entries(looks)) {
    const least = name === '强光' ? 7 : 4.5
    it.each(TEXT)(`${name}：%s 在 %s 上够清楚`, (ink, ground) => {
      expect(contrast(tokens[`--${ink}`], tokens[`--${ground}`])).toBeGreaterThanOrEqual(least)
    })
    it.each(SHAPES)(`${name}：%s 在 %s 上看得出`, (shape, ground) => {
      expect(contrast(tokens[`--${shape}`], tokens[`--${ground}`])).toBeGreaterThanOrEqual(3)
    })
  }

  it('算法与通用的例子相符', () => {
    expect(contrast('#ffffff', '#000000')).toBeCloseTo(21, 5)
    expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2)
  })

  it('随系统的深色和自选的深色是同一套', () => {
    expect(chosenDark).toEqual(dark)
  })

  it('每套只改浅色里有的名字', () => {
    expect(Object.keys({ ...dark, ...sun }).filter((n) => !(n in light))).toEqual([])
  })

  it('样式里用到的名字都在', () => {
    const used = ['base', 'layout', 'parts', 'checklist', 'photos', 'screens'].flatMap((name) => {
      const text = readFileSync(new URL(`../../src/style/${name}.css`, import.meta.url), 'utf-8')
      return [...text.matchAll(/var\((--[\w-]+)/g)].map((m) => m[1])
    })
    expect([...new Set(used)].filter((n) => !(n in light))).toEqual([])
  })
})
