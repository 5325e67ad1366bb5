import { describe, expect, it } from 'vitest'
import { canonical, type Json } from '@/sync/canonical'
import { digestOf } from '@/sync/digest'

describe('RFC 8785', () => {
  it('sorts members by UTF-16 code units, as the example of the RFC does', () => {
    const given = { '\u20ac': 'Euro', '\r': 'CR', '\ufb33': 'Hebrew', '1': 'One', '\ud83d\ude00': 'Smiley', '\u0080': 'C', '\u00f6': 'o' }
    expect(Object.keys(JSON.parse(canonical(given)) as object).length).toBe(7)
    expect(canonical(given)).toBe('{"\\r":"CR","1":"One","\u0080":"C","\u00f6":"o","\u20ac":"Euro","\ud83d\ude00":"Smiley","\ufb33":"Hebrew"}')
  })

  it.each([
    [0, '0'],
    [-0, '0'],
    [1e21, '1e+21'],
    [0.000001, '0.000001'],
    [1e-7, '1e-7'],
    [333333333.3333333, '333333333.3333333'],
    [9007199254740991, '9007199254740991'],
    [114.416382, '114.416382'],
  ])('writes the number %s in its shortest form', (value, text) => {
    expect(canonical(value)).toBe(text)
  })

  it('escapes exactly what JSON must escape', () => {
    expect(canonical('"\\\b\f\n\r\t\u000f/ <>&\u2028\u007f')).toBe('"\\"\\\\\\b\\f\\n\\r\\t\\u000f/ <>&\u2028\u007f"')
  })

  it('is the same for the same content in another order, and leaves out what is undefined', () => {
    const one = { b: [1, { y: null, x: true }], a: '中文', gone: undefined }
    const two = { a: '中文', b: [1, { x: true, y: null }] }
    expect(canonical(one)).toBe(canonical(two))
    expect(canonical(one)).toBe('{"a":"中文","b":[1,{"x":true,"y":null}]}')
  })

  it.each([NaN, Infinity, -Infinity])('refuses %s', (value) => {
    expect(() => canonical(value)).toThrow(TypeError)
  })

  it.each(['\ud800', 'a\udc00', '\udc00\ud800', '\ud83d'])('refuses a lone surrogate', (text) => {
    expect(() => canonical(text)).toThrow(TypeError)
    expect(() => canonical({ [text]: 1 })).toThrow(TypeError)
  })

  it('refuses what is not JSON', () => {
    expect(() => canonical((() => 1) as unknown as Json)).toThrow(TypeError)
  })

  it('gives the digest that any other SHA-256 gives', async () => {
    expect(await digestOf({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
  })
})
