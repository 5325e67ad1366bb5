/** 一部假手机：钟、网络、锁、定位都听测试的。 */
import { webChannel } from '@/device/channel'
import { useDevice } from '@/device'
import type { FixError } from '@/facade'
import type { Reading } from '@/device/location'

export class FakeClock {
  private timers: { at: number; call: () => void }[] = []

  constructor(public time = Date.parse('2026-11-21T02:00:00Z')) {}

  now = (): number => this.time
  ticks = (): number => this.time

  after = (ms: number, call: () => void): (() => void) => {
    const timer = { at: this.time + ms, call }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((one) => one !== timer)
    }
  }

  /** 下一个到点的还有多少毫秒；时限不算。 */
  get waits(): number[] {
    return this.timers.map(({ at }) => at - this.time).sort((a, b) => a - b)
  }

  /** 时间往前走，到点的都叫。 */
  async pass(ms: number): Promise<void> {
    this.time += ms
    const due = this.timers.filter(({ at }) => at <= this.time)
    this.timers = this.timers.filter(({ at }) => at > this.time)
    for (const { call } of due) call()
    await settle()
  }
}

/** 让排着的都跑完。 */
export async function settle(turns = 30): Promise<void> {
  for (let n = 0; n < turns; n++) await new Promise((done) => setImmediate(done))
}

export class FakeLocator {
  private found: ((reading: Reading) => void) | null = null
  private failed: ((error: FixError) => void) | null = null
  watching = 0

  available = (): boolean => true

  watch = (found: (reading: Reading) => void, failed: (error: FixError) => void): (() => void) => {
    this.watching++
    this.found = found
    this.failed = failed
    return () => {
      this.watching--
      this.found = null
    }
  }

  at(longitude: number, latitude: number, accuracy_m: number, at: number): void {
    this.found?.({ fix: { longitude, latitude, accuracy_m, datum: 'wgs84', age_s: 0, provider: 'browser' }, at })
  }

  fail(error: FixError): void {
    this.failed?.(error)
  }
}

export interface Phone {
  clock: FakeClock
  locator: FakeLocator
  wake(why: 'online' | 'offline' | 'visible'): void
  held: Set<string>
}

/** 换上假手机；`fetch` 是假服务器。 */
export function fakePhone(fetch: (address: string, init: RequestInit) => Promise<Response>): Phone {
  const clock = new FakeClock()
  const locator = new FakeLocator()
  const held = new Set<string>()
  const wakers = new Set<(why: 'online' | 'offline' | 'visible') => void>()
  useDevice({
    clock,
    locator,
    network: {
      online: () => true,
      onWake(call) {
        wakers.add(call)
        return () => wakers.delete(call)
      },
      fetch,
    },
    locks: {
      available: () => true,
      async attempt(name, work) {
        if (held.has(name)) return false
        held.add(name)
        try {
          await work()
        } finally {
          held.delete(name)
        }
        return true
      },
    },
    battery: { level: () => Promise.resolve(80) },
    storage: { persisted: () => Promise.resolve(true), persist: () => Promise.resolve(true), usage: () => Promise.resolve(1000) },
    pictures: { thumb: () => Promise.resolve(null), reduced: () => Promise.resolve(new Uint8Array([1, 2]).buffer) },
    channel: webChannel(`test-${Math.random()}`),
    agent: 'Mozilla/5.0 (Linux; Android 12; Test)',
  })
  return { clock, locator, held, wake: (why) => wakers.forEach((call) => call(why)) }
}
