/** 登录、解锁、退出。过期从不动队列；没发完就不让退出；别人的资料另在别人的库里。 */
import type { Phone, QueueRow, UnitBrief } from '../facade'
import { device } from '../device'
import { deviceId, openDeviceRecord, type DeviceRecord, type KeptSession } from '../store/deviceRecord'
import { UNSENT } from '../store/units'
import { httpWith, Later, NeedsSignIn, Offline, Rejected } from '../sync/http'
import { instant } from '../sync/instants'
import { uuid7 } from '../sync/ids'
import type { Problem } from '../wire'
import { House } from './house'
import { briefOf, isUnsent, reload } from './lists'
import { checkPin, makePin } from './pin'
import { NOBODY, notice, state } from './state'

let record: DeviceRecord | null = null
let open: House | null = null

/** 当前开着的家；没有登录时抛错。 */
export function house(): House {
  if (!open) throw new Error('还没有登录')
  return open
}

export async function resumeSession(): Promise<void> {
  record = await openDeviceRecord()
  const current = await record.get('facts', 'current')
  const kept = typeof current === 'string' ? await record.get('sessions', current) : undefined
  if (kept) await enter(kept)
}

async function enter(kept: KeptSession): Promise<void> {
  if (!record) throw new Error('本机记录没有打开')
  open = await House.open(record, kept, await deviceId(record, uuid7))
  show(kept)
  await reload(open)
  state.storage.persisted = await device().storage.persisted().catch(() => null)
  open.runner.start()
}

function show(kept: KeptSession): void {
  const { login, name, officer, certificate_no, expires_at } = kept
  const pin = kept.pin !== null
  state.session = { state: kept.token ? 'signed-in' : 'expired', login, name, officer, certificate_no, expires_at, locked: pin, pin }
}

interface Issued {
  uuid: string
  token: string
  expires_at: string
}

export const signIn: Phone['signIn'] = async (login, password) => {
  const name = login.trim().toLowerCase()
  const refused = await otherUnsent(name)
  if (refused) return { ok: false, problem: refused }
  try {
    const body = JSON.stringify({ login: name, password, device: deviceName() })
    const call = { method: 'POST', body, expects: [401, 403, 429] }
    const reply = await httpWith(() => null).json<Issued & Problem>('/api/v1/field/tokens', call)
    if (reply.status !== 201) return { ok: false, problem: reply.body }
    await begin(name, reply.body)
    return { ok: true }
  } catch (error) {
    return { ok: false, problem: wordsFor(error) }
  }
}

/** 别人还有没发完的东西时，不换人。 */
async function otherUnsent(login: string): Promise<Problem | null> {
  if (!open || open.login === login) return null
  const left = (await open.database.getAll('units')).some(isUnsent)
  const words = `本机还有 ${state.session.name || open.login} 没发完的检查，请由其本人登录上传之后再换人。`
  return left ? { code: 'other-person-unsent', detail: words } : null
}

async function begin(login: string, issued: Issued): Promise<void> {
  record ??= await openDeviceRecord()
  const known = await record.get('sessions', login)
  const kept: KeptSession = {
    ...{ login, name: known?.name ?? login, officer: known?.officer ?? null, certificate_no: known?.certificate_no ?? null, pin: known?.pin ?? null },
    token: issued.token,
    device: issued.uuid,
    expires_at: issued.expires_at,
    seen_at: instant(),
  }
  await record.put('sessions', kept)
  await record.put('facts', login, 'current')
  await open?.close()
  await enter(kept)
  state.session.locked = false
  await house().refresh()
  show(house().kept)
  state.session.locked = false
}

function deviceName(): string {
  const found = /\(([^)]*)\)/.exec(device().agent)?.[1] ?? '手机浏览器'
  return Array.from(found).slice(0, 80).join('')
}

function wordsFor(error: unknown): Problem {
  if (error instanceof Rejected) return error.problem
  if (error instanceof NeedsSignIn) return { code: 'login-failed', detail: '账号或口令不对。' }
  if (error instanceof Later) return { code: 'server-busy', detail: '服务器暂时不能受理，请稍后再试。' }
  if (error instanceof Offline) return { code: 'offline', detail: '没有连上服务器。第一次登录要有网络。' }
  throw error
}

export const signOut: Phone['signOut'] = async () => {
  const { database, kept } = house()
  const units = await database.getAll('units')
  const unsent: QueueRow[] = state.queue.filter((row) => UNSENT.includes(row.state))
  const drafts: UnitBrief[] = units.filter((unit) => unit.state === 'drafting').map((unit) => briefOf(unit, 0))
  if (units.some(isUnsent) || drafts.length) return { ok: false, unsent, drafts }
  const token = kept.token
  await leave()
  // The server forgets the token when it can be reached; this phone has forgotten it already.
  if (kept.device) await httpWith(() => token).send(`/api/v1/field/tokens/${kept.device}`, { method: 'DELETE' }).catch(() => undefined)
  return { ok: true }
}

async function leave(): Promise<void> {
  await house().keep({ token: null, pin: null })
  await record?.delete('facts', 'current')
  await open?.close()
  open = null
  state.session = { ...NOBODY }
  Object.assign(state, { tasks: [], queue: [], questions: [], people: [] })
}

export const setPin: Phone['setPin'] = async (pin) => {
  await house().keep({ pin: pin === null ? null : await makePin(pin) })
  state.session.pin = pin !== null
}

export const unlock: Phone['unlock'] = async (pin) => {
  const kept = house().kept.pin
  const right = kept === null || (await checkPin(kept, pin))
  if (right) state.session.locked = false
  else notice('解锁码不对。忘了可以联网重新登录。', 'warn')
  return right
}

export function lock(): void {
  state.session.locked = state.session.pin
}

export function isOpen(): boolean {
  return open !== null
}
