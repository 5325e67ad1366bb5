/** 网络：只是线索，真假以请求为准。 */
export interface Network {
  online(): boolean
  /** 网络恢复、页面回到前台时叫；返回取消。 */
  onWake(call: (why: 'online' | 'offline' | 'visible') => void): () => void
  fetch(input: string, init: RequestInit): Promise<Response>
}

export const webNetwork: Network = {
  online: () => navigator.onLine,
  onWake(call) {
    const online = () => call('online')
    const offline = () => call('offline')
    const visible = () => document.visibilityState === 'visible' && call('visible')
    addEventListener('online', online)
    addEventListener('offline', offline)
    document.addEventListener('visibilitychange', visible)
    return () => {
      removeEventListener('online', online)
      removeEventListener('offline', offline)
      document.removeEventListener('visibilitychange', visible)
    }
  },
  fetch: (input, init) => fetch(input, init),
}
