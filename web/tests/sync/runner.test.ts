import { beforeEach, describe, expect, it } from 'vitest'
import { Backoff, LONGEST_MS, LONGEST_OFFLINE_MS } from '@/sync/backoff'
import { Later, NeedsSignIn, Offline } from '@/sync/http'
import { Runner, type RunnerState } from '@/sync/runner'
import { fakePhone, settle, type Phone } from '../helpers/device'

let phone: Phone
let outcome: (() => Promise<void>) | null
let runs: number
let told: RunnerState[]
let runner: Runner

beforeEach(() => {
  phone = fakePhone(() => Promise.reject(new TypeError('network')))
  outcome = null
  runs = 0
  told = []
  runner = make()
})

function make(): Runner {
  const errand = {
    async run() {
      runs++
      await outcome?.()
    },
    told: (state: RunnerState) => told.push(state),
  }
  return new Runner(errand, () => 1)
}

const fails = (error: Error) => () => Promise.reject(error)

describe('the runner', () => {
  it('runs at once, then once a minute', async () => {
    runner.start()
    await settle()
    expect(runs).toBe(1)
    await phone.clock.pass(59_000)
    expect(runs).toBe(1)
    await phone.clock.pass(2000)
    expect(runs).toBe(2)
    await runner.stop()
  })

  it('doubles its wait up to five minutes while the server is ill', async () => {
    outcome = fails(new Later(503))
    runner.start()
    await settle()
    const waits = []
    for (let n = 0; n < 11; n++) {
      waits.push(phone.clock.waits[0])
      await phone.clock.pass(phone.clock.waits[0])
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000])
    expect(told.at(-1)).toMatchObject({ waiting: 'server', running: false })
    await runner.stop()
  })

  it('waits at most fifteen seconds when there was no network', async () => {
    outcome = fails(new Offline('no'))
    runner.start()
    await settle()
    for (let n = 0; n < 8; n++) await phone.clock.pass(phone.clock.waits[0])
    expect(phone.clock.waits[0]).toBe(LONGEST_OFFLINE_MS)
    expect(told.at(-1)).toMatchObject({ waiting: 'offline' })
    await runner.stop()
  })

  it.each(['online', 'visible'] as const)('%s: tries now and begins its waits anew', async (why) => {
    outcome = fails(new Later(503))
    runner.start()
    await settle()
    for (let n = 0; n < 6; n++) await phone.clock.pass(phone.clock.waits[0])
    const before = runs
    phone.wake(why)
    await settle()
    expect(runs).toBe(before + 1)
    expect(phone.clock.waits[0]).toBe(1000)
    await runner.stop()
  })

  it('the button tries now', async () => {
    outcome = fails(new Later(503))
    runner.start()
    await settle()
    await runner.now()
    expect(runs).toBe(2)
    await runner.stop()
  })

  it('stops for a sign-in and starts again when rung', async () => {
    outcome = fails(new NeedsSignIn('x'))
    runner.start()
    await settle()
    expect(told.at(-1)).toMatchObject({ waiting: 'sign-in', running: false })
    expect(phone.clock.waits).toEqual([])
    outcome = null
    await runner.now()
    expect(told.at(-1)).toMatchObject({ waiting: null })
    await runner.stop()
  })

  it('rung while it runs: looks once more afterwards, never twice at a time', async () => {
    let release: () => void = () => undefined
    let most = 0
    let inside = 0
    outcome = async () => {
      most = Math.max(most, ++inside)
      await new Promise<void>((done) => (release = done))
      inside--
    }
    runner.start()
    await settle()
    void runner.ring()
    void runner.ring()
    release()
    await settle()
    expect(runs).toBe(2)
    release()
    await settle()
    expect([runs, most]).toEqual([2, 1])
    await runner.stop()
  })

  it('two tabs: only one works, the other says so and looks again', async () => {
    let release: () => void = () => undefined
    outcome = () => new Promise<void>((done) => (release = done))
    runner.start()
    await settle()
    const other = make()
    other.start()
    await settle()
    expect(runs).toBe(1)
    expect(told.at(-1)).toMatchObject({ waiting: 'other-tab' })
    outcome = null
    release()
    await settle()
    await phone.clock.pass(15_000)
    expect(runs).toBe(2)
    await runner.stop()
    await other.stop()
  })

  it('stopped: nothing runs any more', async () => {
    runner.start()
    await settle()
    await runner.stop()
    await phone.clock.pass(600_000)
    phone.wake('online')
    await settle()
    expect(runs).toBe(1)
    expect(phone.held.size).toBe(0)
  })

  it('an error of our own is told and tried again, not swallowed', async () => {
    const error = new Error('bug')
    outcome = fails(error)
    runner.start()
    await settle()
    expect(told.at(-1)).toMatchObject({ waiting: 'server', error })
    await runner.stop()
  })
})

describe('the waits', () => {
  it('are half random', () => {
    const spread = (random: number) => new Backoff(() => random).next(new Later(503))
    expect([spread(0), spread(0.5), spread(1)]).toEqual([500, 750, 1000])
  })

  it('obey Retry-After, and are never longer than five minutes by themselves', () => {
    const backoff = new Backoff(() => 1)
    expect(backoff.next(new Later(429, 90))).toBe(90_000)
    for (let n = 0; n < 50; n++) expect(backoff.next(new Later(500))).toBeLessThanOrEqual(LONGEST_MS)
  })
})
