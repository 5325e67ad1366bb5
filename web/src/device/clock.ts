/** 时钟：手机自己的钟，从不改它；与服务器的差另记。 */
export interface Clock {
  now(): number
  /** 只增不减的毫秒，不受改钟影响。 */
  ticks(): number
  /** 过这么多毫秒再叫；返回取消。 */
  after(ms: number, call: () => void): () => void
}

export const webClock: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}
