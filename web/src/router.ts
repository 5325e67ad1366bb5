/** 应用内的地址：/app/ 之下，浏览器的前进后退照常可用。 */
import { reactive, readonly } from 'vue'

export interface Place {
  /** 去掉 /app 的路径，以 / 开头。 */
  path: string
  query: Record<string, string>
}

export const BASE = '/app'
const now = reactive<Place>(read(location))

/** 当前地址，响应式。 */
export const place = readonly(now)

function read(from: { pathname: string; search: string }): Place {
  const path = from.pathname.startsWith(BASE) ? from.pathname.slice(BASE.length) : ''
  return { path: path || '/', query: Object.fromEntries(new URLSearchParams(from.search)) }
}

function update(): void {
  Object.assign(now, read(location))
}

addEventListener('popstate', update)

/** 去一个地址，例如 go('/units/0190…')。 */
export function go(to: string, options: { replace?: boolean } = {}): void {
  const change = options.replace ? history.replaceState : history.pushState
  const depth = Number(history.state?.depth ?? 0)
  change.call(history, { depth: options.replace ? depth : depth + 1 }, '', BASE + to)
  update()
  scrollTo(0, 0)
}

/** 退一步；从外面直接进来的就去 `fallback`。 */
export function back(fallback = '/'): void {
  if (Number(history.state?.depth ?? 0) > 0) history.back()
  else go(fallback, { replace: true })
}

/** 按 `/units/:id` 这样的样式取参数；不符为 null。 */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const found: Record<string, string> = {}
  for (const [n, word] of wanted.entries()) {
    if (word.startsWith(':')) found[word.slice(1)] = decodeURIComponent(given[n])
    else if (word !== given[n]) return null
  }
  return found
}
