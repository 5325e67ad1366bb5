/**
 * 跑腿的：同一部手机同一时刻只有一个在传（Web Locks `outbox`）。
 *
 * 有事就 `ring`；网络恢复、回到前台、按了按钮都清零等待。失败按退避再来，要登录就停下等人。
 */
import type { Waiting } from '../facade'
import { device } from '../device'
import { Backoff } from './backoff'
import { NeedsSignIn, Offline } from './http'

const LOCK = 'outbox'
const OTHER_TAB_MS = 15_000
const IDLE_MS = 60_000

export interface Errand {
  /** 做完一遍；抛 Offline、Later、NeedsSignIn 表示没有做完。 */
  run(): Promise<void>
  /** 状态有变，界面重读。 */
  told(state: RunnerState): void
}

export interface RunnerState {
  running: boolean
  waiting: Waiting | null
  next_try_at: number | null
  error: unknown
}

export class Runner {
  private readonly backoff: Backoff
  private cancel: (() => void) | null = null
  private unhook: (() => void) | null = null
  private going: Promise<void> | null = null
  private again = false
  private stopped = true

  constructor(
    private readonly errand: Errand,
    random: () => number = Math.random,
  ) {
    this.backoff = new Backoff(random)
  }

  start(): void {
    this.stopped = false
    this.unhook = device().network.onWake((why) => {
      if (why === 'offline') return this.tell({ waiting: 'offline' })
      this.backoff.reset()
      void this.ring()
    })
    void this.ring()
  }

  /** 停下来；返回的 Promise 在手头这一遍结束后兑现。 */
  async stop(): Promise<void> {
    this.stopped = true
    this.unhook?.()
    this.cancel?.()
    await this.going
  }

  /** 有事要办。正在办就办完再看一遍。 */
  ring(): Promise<void> {
    if (this.stopped) return Promise.resolve()
    if (this.going) {
      this.again = true
      return this.going
    }
    this.going = this.go().finally(() => {
      this.going = null
      if (this.again && !this.stopped) {
        this.again = false
        void this.ring()
      }
    })
    return this.going
  }

  /** 人按了按钮：不等了。 */
  now(): Promise<void> {
    this.backoff.reset()
    return this.ring()
  }

  private async go(): Promise<void> {
    this.cancel?.()
    this.tell({ running: true, waiting: null })
    try {
      const mine = await device().locks.attempt(LOCK, () => this.errand.run())
      if (mine) this.backoff.reset()
      this.later(mine ? IDLE_MS : OTHER_TAB_MS, mine ? null : 'other-tab')
    } catch (error) {
      if (error instanceof NeedsSignIn) return this.tell({ waiting: 'sign-in', error })
      const reason = error instanceof Offline ? 'offline' : 'server'
      this.later(this.backoff.next(error), reason, error)
    }
  }

  private later(ms: number, waiting: Waiting | null, error: unknown = null): void {
    if (this.stopped) return this.tell({})
    this.cancel = device().clock.after(ms, () => void this.ring())
    this.tell({ waiting, next_try_at: waiting ? device().clock.now() + ms : null, error })
  }

  private tell(state: Partial<RunnerState>): void {
    this.errand.told({ running: false, waiting: null, next_try_at: null, error: null, ...state })
  }
}
