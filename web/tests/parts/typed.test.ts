import { describe, expect, it } from 'vitest'
import { flipSign, numbersIn, readCount, typed } from '@/parts/typed'

describe('键入的数', () => {
  it.each([
    ['', 'empty'], ['  ', 'empty'], ['-', 'partial'], ['－', 'partial'], ['.', 'partial'], ['-。', 'partial'], ['abc', 'wrong'], ['1.2.3', 'wrong'], ['12 mm', 'wrong'],
  ])('%j 是 %s', (raw, state) => {
    expect(typed(raw).state).toBe(state)
    expect(typed(raw).text).toBeNull()
  })

  it.each([
    ['１２．５', '12.5'], ['12。5', '12.5'], ['－3', '-3'], ['−0.5', '-0.5'], ['＋4', '4'], [' 7 ', '7'], ['0.030', '0.030'],
  ])('%j 读成 %s', (raw, text) => {
    expect(typed(raw)).toEqual({ state: 'number', text })
  })

  it('没打完的不算数，也不丢别的', () => {
    expect(numbersIn(['2', '-', '', '１１', 'x', '-3'])).toEqual(['2', '11', '-3'])
  })

  it.each([['0', 0], ['１２', 12], ['1000000', 1_000_000], ['1000001', null], ['-1', null], ['1.5', null], ['', null]])('计数 %j 是 %j', (raw, count) => {
    expect(readCount(raw)).toBe(count)
  })

  it.each([['5', '-5'], ['-5', '5'], ['－5', '5'], ['', '-'], ['-', ''], ['+5', '-5']])('变号 %j 成 %j', (raw, flipped) => {
    expect(flipSign(raw)).toBe(flipped)
  })
})
