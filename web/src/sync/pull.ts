/** 拉取资料包：按游标接着拉，没有变就是 304；检查单按摘要补齐。 */
import type { Merge, Question } from '../facade'
import { device } from '../device'
import { fact, keepChecklist, keepPage, setFacts, type Facts } from '../store/packs'
import type { Database } from '../store/schema'
import type { ChecklistBrief, ChecklistContent, Person, Task } from '../wire'
import { digestOf } from './digest'
import { instant } from './instants'
import { Later, type Http } from './http'

export const PACKAGE = '/api/v1/field/sync/package'
const PAGE = 100
const MOST_PAGES = 50

export interface Me {
  user: { name: string; login?: string } | string
  officer: string | null
  name: string
  certificate: string | null
}

interface Package {
  now: string
  next: string
  more: boolean
  stamp: string
  me: Me
  tasks: Task[]
  open?: { uuid: string }[]
  checklists: ChecklistBrief[]
  people: Person[]
  questions: Question[]
  merges?: Merge[]
  limits: Facts['limits']
  receipt_keys: Facts['receipt_keys']
}

/** 一次拉取的结果；没有变时 `me` 为 null。 */
export interface Pulled {
  me: Me | null
}

export async function pull(database: Database, http: Http): Promise<Pulled> {
  let me: Me | null = null
  for (let page = 0; page < MOST_PAGES; page++) {
    const found = await pullPage(database, http)
    if (!found) break
    me = found.me
    if (!found.more) break
  }
  await fetchChecklists(database, http)
  await setFacts(database, { pulled_at: instant() })
  return { me }
}

async function pullPage(database: Database, http: Http): Promise<Package | null> {
  const after = (await fact(database, 'cursor')) ?? ''
  const etag = await fact(database, 'etag')
  const headers: Record<string, string> = etag ? { 'If-None-Match': etag } : {}
  const path = `${PACKAGE}?limit=${PAGE}${after ? `&after=${encodeURIComponent(after)}` : ''}`
  const asked = device().clock.now()
  const reply = await http.json<Package>(path, { headers, expects: [304] })
  if (reply.status === 304) return null
  const found = reply.body
  const skew = skewOf(asked, device().clock.now(), found.now)
  // The tag is one of content alone: the same tag at a later cursor means there is nothing but what we kept already.
  const tag = reply.headers.get('ETag') ?? ''
  await keepPage(database, {
    tasks: found.tasks,
    questions: found.questions ?? [],
    open: found.open ? found.open.map(({ uuid }) => uuid) : null,
    facts: { cursor: found.next, etag: tag, server_at: found.now, skew_s: skew, ...pieces(found) },
  })
  return found
}

function pieces(found: Package): Partial<Facts> {
  const { stamp, people, merges, limits, receipt_keys } = found
  return { stamp, people: people ?? [], merges: merges ?? [], limits: limits ?? {}, receipt_keys: receipt_keys ?? [] }
}

/** 手机钟减服务器钟，秒；服务器的时刻算在来回的正中。 */
export function skewOf(asked: number, answered: number, server: string): number {
  return Math.round(((asked + answered) / 2 - Date.parse(server)) / 1000)
}

/** 任务要用而本机没有（或摘要变了）的检查单，一份一份取；摘要不对的不要。 */
async function fetchChecklists(database: Database, http: Http): Promise<void> {
  const wanted = new Map<string, ChecklistBrief>()
  for (const task of await database.getAll('tasks')) {
    if (!task.gone) for (const brief of task.checklists) wanted.set(`${brief.code}/${brief.version}`, brief)
  }
  for (const brief of wanted.values()) {
    const known = await database.get('checklists', [brief.code, brief.version])
    if (known?.digest !== brief.digest_sha256) await fetchChecklist(database, http, brief)
  }
}

async function fetchChecklist(database: Database, http: Http, brief: ChecklistBrief): Promise<void> {
  const { code, version, digest_sha256: digest } = brief
  const path = `/api/v1/field/checklists/${encodeURIComponent(code)}/${encodeURIComponent(version)}`
  const { body } = await http.json<{ content: ChecklistContent }>(path)
  if ((await digestOf(body.content)) !== digest) throw new Later(502)
  await keepChecklist(database, body.content, digest)
}
