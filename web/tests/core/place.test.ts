import { beforeEach, describe, expect, it } from 'vitest'
import { distanceTo, place } from '@/core/fence'
import { takeFix, watchLocation } from '@/core/place'
import { state } from '@/core/state'
import type { Fix, Ring } from '@/wire'
import { fakePhone, settle, type Phone } from '../helpers/device'
import { taskOf } from '../helpers/records'

const { subject } = taskOf('')
const fixAt = (longitude: number, latitude: number, accuracy_m: number | null = 6): Fix => ({ longitude, latitude, accuracy_m, datum: 'wgs84', age_s: 0 })
const square: Ring = [[114.4, 23.1], [114.401, 23.1], [114.401, 23.101], [114.4, 23.101], [114.4, 23.1]]
const hole: Ring = [[114.4004, 23.1004], [114.4006, 23.1004], [114.4006, 23.1006], [114.4004, 23.1006], [114.4004, 23.1004]]

describe('the fence', () => {
  const fenced = { ...subject, boundary: [square] }

  it.each([
    [fixAt(114.4005, 23.1005), 'inside', 0],
    [fixAt(114.4015, 23.1005, 6), 'outside', 51],
    [fixAt(114.4015, 23.1005, 60), 'edge', 51],
    [fixAt(114.4015, 23.1005, null), 'outside', 51],
    [fixAt(114.5, 23.1005, 6), 'outside', 10_137],
  ] as const)('%j is %s', (fix, fence, metres) => {
    const found = place(fenced, fix)
    expect(found.fence).toBe(fence)
    expect(Math.abs((found.distance_m ?? 0) - metres)).toBeLessThan(metres * 0.01 + 2)
  })

  it('a hole in the site is outside of it', () => {
    expect(distanceTo({ ...subject, boundary: [square, hole] }, fixAt(114.4005, 23.1005))).toBeGreaterThan(5)
  })

  it('a site without a boundary is a circle round its centre; without both nothing is known', () => {
    expect(place(subject, fixAt(114.401, 23.1))).toMatchObject({ fence: 'inside', distance_m: 102 })
    expect(place(subject, fixAt(114.41, 23.1)).fence).toBe('outside')
    expect(place({ ...subject, longitude: null }, fixAt(114.4, 23.1))).toEqual({ fence: 'unknown', distance_m: null })
  })
})

describe('taking a position', () => {
  let phone: Phone
  let hours = 1
  beforeEach(() => {
    phone = fakePhone(() => Promise.reject(new TypeError()))
    phone.clock.time += hours++ * 3_600_000
  })

  /** 等在定位上的时候，时间一秒一秒过去。 */
  async function taking(each: (second: number) => void): Promise<Awaited<ReturnType<typeof takeFix>> & { seconds: number }> {
    let done: Awaited<ReturnType<typeof takeFix>> | null = null
    void takeFix().then((taken) => (done = taken))
    for (let second = 0; second < 20; second++) {
      each(second)
      await settle(5)
      if (done) return { ...(done as Awaited<ReturnType<typeof takeFix>>), seconds: second }
      await phone.clock.pass(1000)
    }
    throw new Error('等了二十秒还没有结果')
  }

  it('a warm one is taken at once, with its age', async () => {
    const leave = watchLocation(null)
    phone.locator.at(114.4, 23.1, 8, phone.clock.time)
    await phone.clock.pass(10_000)
    const taken = await taking(() => undefined)
    expect(taken).toMatchObject({ seconds: 0, error: null, fix: { longitude: 114.4, accuracy_m: 8, age_s: 10 } })
    leave()
    expect(phone.locator.watching).toBe(0)
  })

  it('a blurred one is waited on for eight seconds and then taken as it is', async () => {
    const taken = await taking((second) => second === 1 && phone.locator.at(114.4, 23.1, 500, phone.clock.time))
    expect(taken).toMatchObject({ seconds: 8, fix: { accuracy_m: 500 }, error: null })
  })

  it('a sharp one ends the waiting', async () => {
    const taken = await taking((second) => second === 3 && phone.locator.at(114.4, 23.1, 30, phone.clock.time))
    expect(taken).toMatchObject({ seconds: 3, fix: { accuracy_m: 30 } })
  })

  it('an old one is none', async () => {
    const leave = watchLocation(null)
    phone.locator.at(114.4, 23.1, 5, phone.clock.time - 16_000)
    expect(await taking(() => undefined)).toMatchObject({ fix: null, error: 'timeout', seconds: 8 })
    leave()
  })

  it.each(['denied', 'unsupported'] as const)('%s: says so and does not wait', async (reason) => {
    const taken = await taking((second) => second === 0 && phone.locator.fail(reason))
    expect(taken).toMatchObject({ fix: null, error: reason, seconds: 0 })
  })

  it('unavailable in a basement: waits its eight seconds, then goes on without', async () => {
    const taken = await taking((second) => second === 2 && phone.locator.fail('unavailable'))
    expect(taken).toMatchObject({ fix: null, error: 'unavailable', seconds: 8 })
  })

  it('shows where one stands while a sheet is open, and stops with the last of them', () => {
    const [one, two] = [watchLocation(subject), watchLocation(null)]
    expect(state.location.state).toBe('seeking')
    phone.locator.at(114.4, 23.1, 6, phone.clock.time)
    expect(state.location).toMatchObject({ state: 'fixed', fence: 'inside', distance_m: 0 })
    one()
    one()
    expect(phone.locator.watching).toBe(1)
    two()
    expect(phone.locator.watching).toBe(0)
    expect(state.location.state).toBe('off')
  })
})
