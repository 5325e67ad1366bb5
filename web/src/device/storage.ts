/** 存储保护与用量。`estimate().quota` 不可信，只看已用多少。 */
export interface Storage {
  persisted(): Promise<boolean | null>
  persist(): Promise<boolean>
  usage(): Promise<number | null>
}

export const webStorage: Storage = {
  async persisted() {
    return (await navigator.storage?.persisted?.()) ?? null
  },
  async persist() {
    return (await navigator.storage?.persist?.()) ?? false
  },
  async usage() {
    return (await navigator.storage?.estimate?.())?.usage ?? null
  },
}
