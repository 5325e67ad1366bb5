/** 定位：检查单打开期间一直开着；拍照、封存时从这里取一个位置，取不到就说明原因，从不挡路。 */
import type { FixError, Location } from '../facade'
import { device } from '../device'
import { asOf, isFresh, isSharp, PATIENCE_MS, type Reading } from '../device/location'
import type { Fix, TaskSubject } from '../wire'
import { place } from './fence'
import { state } from './state'

export interface Taken {
  fix: Fix | null
  error: FixError | null
}

let watchers = 0
let stop: (() => void) | null = null
let last: Reading | null = null
let failed: FixError | null = null
let subject: TaskSubject | null = null
const waiting: (() => void)[] = []

/** 开始定位；最后一个离开时停。 */
export function watchLocation(about: TaskSubject | null): () => void {
  watchers++
  subject = about ?? subject
  if (!stop) begin()
  else show()
  let left = false
  return () => {
    if (left) return
    left = true
    watchers--
    if (watchers === 0) end()
  }
}

function begin(): void {
  failed = null
  state.location.state = 'seeking'
  stop = device().locator.watch(
    (reading) => {
      last = reading
      failed = null
      show()
      for (const wake of waiting.splice(0)) wake()
    },
    (error) => {
      failed = error
      if (error === 'denied' || !last) state.location.state = error
      for (const wake of waiting.splice(0)) wake()
    },
  )
}

function end(): void {
  stop?.()
  stop = null
  subject = null
  Object.assign(state.location, { state: 'off', fence: 'unknown', distance_m: null } satisfies Partial<Location>)
}

function show(): void {
  if (!last || !isFresh(last, device().clock.now())) return
  const judged = subject ? place(subject, last.fix) : { fence: 'unknown' as const, distance_m: null }
  Object.assign(state.location, { state: 'fixed', fix: last.fix, at: last.at, ...judged } satisfies Location)
}

/** 现在的位置：15 秒内、30 米以内的直接用；否则再等 8 秒，有什么用什么；没有就给原因。 */
export async function takeFix(): Promise<Taken> {
  const leave = watchLocation(null)
  try {
    const until = device().clock.now() + PATIENCE_MS
    while (!good(device().clock.now()) && failed !== 'denied' && failed !== 'unsupported') {
      const left = until - device().clock.now()
      if (left <= 0) break
      await next(left)
    }
    return taken(device().clock.now())
  } finally {
    leave()
  }
}

function good(now: number): boolean {
  return last !== null && isFresh(last, now) && isSharp(last)
}

function taken(now: number): Taken {
  if (last && isFresh(last, now)) return { fix: asOf(last, now), error: null }
  return { fix: null, error: failed ?? 'timeout' }
}

/** 等下一次定位或失败，至多这么多毫秒。 */
function next(ms: number): Promise<void> {
  return new Promise((wake) => {
    const cancel = device().clock.after(ms, wake)
    waiting.push(() => {
      cancel()
      wake()
    })
  })
}
