/** 标签页之间的喇叭：一处改了，别处跟着重读。 */
export interface Channel {
  say(word: string): void
  hear(call: (word: string) => void): () => void
}

export function webChannel(name = 'zhijian'): Channel {
  if (typeof BroadcastChannel === 'undefined') return { say: () => undefined, hear: () => () => undefined }
  const channel = new BroadcastChannel(name)
  return {
    say: (word) => channel.postMessage(word),
    hear(call) {
      const listen = (event: MessageEvent) => call(String(event.data))
      channel.addEventListener('message', listen)
      return () => channel.removeEventListener('message', listen)
    },
  }
}
