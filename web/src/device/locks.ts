/** 锁：同一部手机的几个标签页里，同一时刻只有一个在做。 */
export interface Locks {
  available(): boolean
  /** 拿得到就做完 `work` 并返回 true；别处拿着就返回 false，不等。 */
  attempt(name: string, work: () => Promise<void>): Promise<boolean>
}

export const webLocks: Locks = {
  available: () => 'locks' in navigator,
  attempt: (name, work) =>
    navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (!lock) return false
      await work()
      return true
    }),
}
