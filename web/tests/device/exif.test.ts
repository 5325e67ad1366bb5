import { describe, expect, it } from 'vitest'
import { exifSegment, hasGps, upright, withSegment } from '@/device/exif'

type Octets = Uint8Array<ArrayBuffer>
const GPS = 0x8825
const ORIENTATION = 0x0112

/** 一个 TIFF：第一目录里的 [标记, 类型, 值]，GPS 目录里有没有纬度。 */
function tiff(entries: [number, number, number][], little: boolean, latitude: boolean): number[] {
  const view = new DataView(new ArrayBuffer(8 + 2 + entries.length * 12 + 4 + 2 + 12 + 4))
  const first = 8
  const gps = first + 2 + entries.length * 12 + 4
  view.setUint16(0, little ? 0x4949 : 0x4d4d)
  view.setUint16(2, 42, little)
  view.setUint32(4, first, little)
  view.setUint16(first, entries.length, little)
  entries.forEach(([tag, kind, value], n) => {
    const at = first + 2 + 12 * n
    view.setUint16(at, tag, little)
    view.setUint16(at + 2, kind, little)
    view.setUint32(at + 4, 1, little)
    if (kind === 3) view.setUint16(at + 8, value, little)
    else view.setUint32(at + 8, tag === GPS ? gps : value, little)
  })
  view.setUint16(gps, 1, little)
  view.setUint16(gps + 2, latitude ? 2 : 0, little)
  return [...new Uint8Array(view.buffer)]
}

function jpeg(content: number[] | null, before: number[] = []): Octets {
  const exif = content ? [0xff, 0xe1, ...size(content.length + 8), 0x45, 0x78, 0x69, 0x66, 0, 0, ...content] : []
  return new Uint8Array([0xff, 0xd8, ...before, ...exif, 0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9])
}

const size = (count: number) => [count >> 8, count & 0xff]
const APP0 = [0xff, 0xe0, 0, 4, 0x4a, 0x46]

describe('EXIF', () => {
  it.each([true, false])('finds a latitude, little-endian %s, also behind another segment', (little) => {
    expect(hasGps(jpeg(tiff([[GPS, 4, 0]], little, true), APP0))).toBe(true)
    expect(hasGps(jpeg(tiff([[GPS, 4, 0]], little, false)))).toBe(false)
    expect(hasGps(jpeg(tiff([[ORIENTATION, 3, 6]], little, false)))).toBe(false)
  })

  it('no EXIF, no JPEG, nothing at all', () => {
    expect([hasGps(jpeg(null)), hasGps(new Uint8Array([137, 80, 78, 71])), hasGps(new Uint8Array())]).toEqual([false, false, false])
  })

  it('survives every truncation and every broken byte', () => {
    const whole = jpeg(tiff([[ORIENTATION, 3, 6], [GPS, 4, 0]], true, true), APP0)
    for (let n = 0; n < whole.length; n++) {
      expect(typeof hasGps(whole.slice(0, n))).toBe('boolean')
      const broken = whole.slice()
      broken[n] ^= 0xff
      expect(typeof hasGps(broken)).toBe('boolean')
    }
  })

  it.each([true, false])('puts the segment into a copy, turned upright, everything else as it was', (little) => {
    const original = jpeg(tiff([[ORIENTATION, 3, 6], [GPS, 4, 0]], little, true))
    const segment = exifSegment(original) as Octets
    const turned = upright(segment)
    expect(segment.filter((byte, n) => byte !== turned[n]).length).toBe(1)
    const copy = new Uint8Array(withSegment(jpeg(null), turned))
    expect(hasGps(copy)).toBe(true)
    expect([...copy.slice(0, 2)]).toEqual([0xff, 0xd8])
    expect([...copy.slice(2 + turned.length)]).toEqual([...jpeg(null).slice(2)])
    expect(upright(turned)).toEqual(turned)
  })
})
