import { describe, expect, it } from 'vitest'
import {
  accuracy, basisLine, clock, covers, dayOf, digestGroups, digestWords, distance, dueWords, grouped, limitWords, longDay, megabytes, minus, photosWanted,
  progressBytes, shortCode, shortTime, unitWords,
} from '@/parts/said'
import { words } from '@/words'
import { rare } from '@/wordsRare'

describe('措辞', () => {
  it('时间一律按上海', () => {
    const instant = '2026-11-20T16:05:09Z'
    expect([clock(instant), shortTime(instant), dayOf(instant)]).toEqual(['00:05:09', '11-21 00:05', '2026-11-21'])
    expect(longDay('2026-01-05')).toBe('2026 年 1 月 5 日')
  })

  it.each([['2026-11-21', '今天到期'], ['2026-11-22', '明天到期'], ['2026-11-25', '11-25 到期'], ['2026-11-19', '已逾期 2 天']])('%s 是 %s', (due, said) => {
    expect(dueWords(due, '2026-11-21')).toBe(said)
  })

  it.each([[0, '0 m'], [84, '80 m'], [996, '1000 m'], [1240, '1.2 km'], [36_400, '36 km']])('%d 米写作 %s', (metres, said) => {
    expect(distance(metres)).toBe(said)
  })

  it('精度只往大里说', () => {
    expect([accuracy(5.2), accuracy(0), accuracy(null)]).toEqual(['±6 m', '±0 m', '精度不明'])
  })

  it('没传完的字节不会写成传完', () => {
    expect(progressBytes(1_245_184, 3_102_518)).toBe('1.2 / 3.1 MB')
    expect(progressBytes(3_099_999, 3_102_518)).toBe('3.0 / 3.1 MB')
    expect(progressBytes(1_543_333, 1_543_333)).toBe('1.5 / 1.5 MB')
    expect([megabytes(0), megabytes(1), megabytes(80_000), megabytes(6_204_000)]).toEqual(['0.0 MB', '1 KB', '80 KB', '6.2 MB'])
    expect(grouped(3_145_728)).toBe('3,145,728')
  })

  it('校验值分组', () => {
    expect(digestWords('a81c6d0f'.padEnd(60, '0') + '77e2')).toBe('a81c 6d0f … 77e2')
    expect(digestGroups('a81c6d0f')).toBe('a81c 6d0f')
  })

  it('编号、负号、单位、限值', () => {
    expect([shortCode('RMC-02-11'), shortCode('X')]).toEqual(['2.11', 'X'])
    expect([minus('-3'), unitWords('kg/m3')]).toEqual(['−3', 'kg/m³'])
    expect([limitWords('<=0.3 mm；设计另有规定从严'), limitWords('[-5,10] mm'), limitWords('渗漏点=0'), limitWords('=0')]).toEqual([
      '≤0.3 mm；设计另有规定从严', '−5～10 mm', '渗漏点=0', '＝0',
    ])
  })

  it('外地的法规不引', () => {
    const clause = { law: '', law_title: '', standard: '', articles: [], unverified: [] }
    const basis = [{ ...clause, text: '粤质条14', region: '440000' }, { ...clause, text: 'GB 50204-2015', region: '' }]
    expect(basisLine(basis, '330206')).toBe('GB 50204-2015')
    expect(basisLine(basis, '440305')).toBe('粤质条14；GB 50204-2015')
    expect([covers('330200', '330206'), covers('330206', '330200'), covers('', '110101')]).toEqual([true, false, true])
  })

  it('影像还差几张', () => {
    expect(photosWanted(2, '', 1)).toBe('影像要求 2 张，还差 1 张')
    expect(photosWanted(1, '每点1', 2)).toBe('影像要求 每点1，已有 2 张')
  })

  it('界面上的话没有感叹号和客套', () => {
    const texts = (node: unknown): string[] => (typeof node === 'string' ? [node] : typeof node === 'function' ? [String(node)] : Object.values(node as object).flatMap(texts))
    const all = [...texts(words), ...texts(rare)]
    expect(all.length).toBeGreaterThan(250)
    expect(all.filter((t) => /[！]|[一-鿿]!|您|亲爱/.test(t))).toEqual([])
  })
})
