/** 后台脚本：登记、换版。新的等着；表单打开时不打扰；换上之后只重新载入一次。 */
import { state } from './state'

const ADDRESS = '/app/sw.js'
let formsOpen = 0
let ready = false
let owed = false
let reloaded = false
let waiting: ServiceWorker | null = null

/** 只认这一个地址，别的脚本一概不许当后台脚本。 */
function trusted(address: string): string {
  const factory = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes
  if (!factory) return address
  policy ??= factory.createPolicy('sw-url', {
    createScriptURL(given) {
      if (given === ADDRESS) return given
      throw new TypeError('只许登记自己的后台脚本')
    },
  })
  return policy.createScriptURL(address) as unknown as string
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(given: string): string }): { createScriptURL(given: string): unknown }
}
let policy: ReturnType<TrustedTypes['createPolicy']> | null = null

export async function registerWorker(): Promise<void> {
  const registration = await navigator.serviceWorker.register(trusted(ADDRESS), { scope: '/app/', updateViaCache: 'none' })
  // The first worker of this phone takes over without a reload; every later one replaces code that is running.
  let had = navigator.serviceWorker.controller !== null
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (had) replaced()
    had = true
  })
  if (registration.waiting && had) found(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const coming = registration.installing
    coming?.addEventListener('statechange', () => {
      if (coming.state === 'installed' && navigator.serviceWorker.controller) found(coming)
    })
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void registration.update().catch(() => undefined)
  })
}

function found(worker: ServiceWorker): void {
  waiting = worker
  ready = true
  show()
}

/** 新的后台脚本上岗了：重新载入一次；表单还开着（别的标签页点了更新）就等它关上。 */
function replaced(): void {
  if (formsOpen > 0) {
    owed = true
    return
  }
  if (reloaded) return
  reloaded = true
  location.reload()
}

function show(): void {
  state.update.waiting = ready && formsOpen === 0
}

export function formOpen(open: boolean): void {
  formsOpen = Math.max(0, formsOpen + (open ? 1 : -1))
  if (owed && formsOpen === 0) replaced()
  show()
}

/** 换上新版：请等着的那个上岗，页面随 controllerchange 重新载入。 */
export function applyUpdate(): void {
  if (waiting) waiting.postMessage('take-over')
  else location.reload()
}
