/** 再试的间隔：1 秒起逐次加倍到 5 分钟，一半随机；没有网络时不超过 15 秒。 */
import { Later, Offline } from './http'

export const LONGEST_MS = 300_000
export const LONGEST_OFFLINE_MS = 15_000

export class Backoff {
  private failures = 0

  constructor(private readonly random: () => number = Math.random) {}

  /** 又失败一次，等多少毫秒。 */
  next(error: unknown): number {
    const full = Math.min(LONGEST_MS, 1000 * 2 ** Math.min(this.failures, 20))
    this.failures++
    const asked = error instanceof Later && error.after_s ? error.after_s * 1000 : 0
    const cap = error instanceof Offline ? LONGEST_OFFLINE_MS : LONGEST_MS
    return Math.max(asked, Math.min(cap, full / 2 + this.random() * (full / 2)))
  }

  reset(): void {
    this.failures = 0
  }
}
