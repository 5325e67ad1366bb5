/** 与服务器说话：令牌、时限、钟差；把失败分成几类，别处只认类。 */
import { device } from '../device'
import type { Problem } from '../wire'

/** 没有连上：断网、超时、被打断。 */
export class Offline extends Error {
  override readonly name = 'Offline'
}

/** 服务器现在办不了，过一会儿再试；`after_s` 是它自己说的。 */
export class Later extends Error {
  override readonly name = 'Later'
  constructor(
    readonly status: number,
    readonly after_s: number | null = null,
  ) {
    super(`服务器暂时不能受理（${status}）`)
  }
}

/** 令牌失效或被吊销：要重新登录，队列不动。 */
export class NeedsSignIn extends Error {
  override readonly name = 'NeedsSignIn'
}

/** 服务器拒绝这一件，再试也一样。 */
export class Rejected extends Error {
  override readonly name = 'Rejected'
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail)
  }
}

export const LATER: readonly number[] = [408, 423, 425, 429, 460, 500, 502, 503, 504]
const TIMEOUT_MS = 60_000

export interface Call {
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array<ArrayBuffer> | null
  /** 除 2xx 外，调用者自己处理的状态。 */
  expects?: readonly number[]
  timeout_ms?: number
}

export interface Http {
  send(path: string, call?: Call): Promise<Response>
  json<T>(path: string, call?: Call): Promise<{ status: number; headers: Headers; body: T }>
}

/** 以这个令牌说话；`onContact` 在每次联系上时得到服务器的时刻（取自 Date）。 */
export function httpWith(token: () => string | null, onContact: (server: number) => void = () => undefined): Http {
  async function send(path: string, call: Call = {}): Promise<Response> {
    const reply = await attempt(path, call, token())
    const date = Date.parse(reply.headers.get('Date') ?? '')
    if (Number.isFinite(date)) onContact(date)
    if (reply.ok || call.expects?.includes(reply.status)) return reply
    throw await failure(reply)
  }
  return {
    send,
    async json<T>(path: string, call: Call = {}) {
      const headers = { Accept: 'application/json', ...json(call), ...call.headers }
      const reply = await send(path, { ...call, headers })
      const text = await read(reply)
      return { status: reply.status, headers: reply.headers, body: parse<T>(text) }
    },
  }
}

function json(call: Call): Record<string, string> {
  return typeof call.body === 'string' ? { 'Content-Type': 'application/json' } : {}
}

async function attempt(path: string, call: Call, token: string | null): Promise<Response> {
  const stop = new AbortController()
  const cancel = device().clock.after(call.timeout_ms ?? TIMEOUT_MS, () => stop.abort())
  const headers = { ...call.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) }
  try {
    return await device().network.fetch(path, {
      method: call.method ?? 'GET',
      headers,
      body: call.body ?? null,
      signal: stop.signal,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    })
  } catch (error) {
    throw new Offline('没有连上服务器', { cause: error })
  } finally {
    cancel()
  }
}

async function read(reply: Response): Promise<string> {
  try {
    return await reply.text()
  } catch (error) {
    throw new Offline('回答没有收完', { cause: error })
  }
}

function parse<T>(text: string): T {
  try {
    return (text ? JSON.parse(text) : null) as T
  } catch (error) {
    // A captive portal or a proxy page under status 200: nothing of ours was said.
    throw new Offline('回答不是质鉴服务器的', { cause: error })
  }
}

async function failure(reply: Response): Promise<Error> {
  if (LATER.includes(reply.status)) return new Later(reply.status, retryAfter(reply))
  if (reply.status === 401 || reply.status === 403) return new NeedsSignIn('请重新登录')
  return new Rejected(reply.status, await problemOf(reply))
}

function retryAfter(reply: Response): number | null {
  const seconds = Number(reply.headers.get('Retry-After'))
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) : null
}

/** 回答里的问题说明；不是我们的格式就按状态写一份。 */
export async function problemOf(reply: Response): Promise<Problem> {
  try {
    const found = (await reply.json()) as Problem
    if (typeof found.code === 'string' && typeof found.detail === 'string') return found
  } catch {
    // No body of ours.
  }
  return { code: 'unexpected-answer', detail: `服务器拒绝了这一步（${reply.status}）。`, status: reply.status }
}
