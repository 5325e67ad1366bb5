/** 开着的家：当前这个人的数据库、说话的线、跑腿的。一次只开一家。 */
import { device } from '../device'
import { openDatabase } from '../store/database'
import type { DeviceRecord, KeptSession } from '../store/deviceRecord'
import { fact } from '../store/packs'
import type { Database } from '../store/schema'
import { beat } from '../sync/heartbeat'
import { httpWith, Later, NeedsSignIn, Rejected, type Http } from '../sync/http'
import { instant } from '../sync/instants'
import { Outbox } from '../sync/outbox'
import { pull } from '../sync/pull'
import { Runner, type RunnerState } from '../sync/runner'
import { reload } from './lists'
import { notice, state } from './state'

const PULL_EVERY_MS = 10 * 60_000
const BEAT_EVERY_MS = 5 * 60_000
/** 钟比服务器早说的时刻还早这么多，就是被往回拨过。 */
const MOVED_BACK_MS = 5 * 60_000

/** 打开着的单元；重新登录之后仍是它们。 */
const listeners = new Set<() => void>()

export class House {
  readonly http: Http
  readonly outbox: Outbox
  readonly runner: Runner
  private pulledAt = 0
  private beatAt = 0
  private purgedAt = 0

  private constructor(
    readonly database: Database,
    readonly record: DeviceRecord,
    private session: KeptSession,
    readonly deviceId: string,
  ) {
    this.http = httpWith(
      () => this.session.token,
      () => (state.sync.last_contact_at = instant()),
    )
    const watch = { changed: (unit: string | null) => this.changed(unit), still: () => this.still() }
    this.outbox = new Outbox(database, this.http, watch)
    this.runner = new Runner({ run: () => this.errands(), told: (told) => this.told(told) })
  }

  static async open(record: DeviceRecord, session: KeptSession, deviceId: string): Promise<House> {
    const database = await openDatabase(session.login, () => (state.update.waiting = true))
    return new House(database, record, session, deviceId)
  }

  get login(): string {
    return this.session.login
  }

  get kept(): KeptSession {
    return this.session
  }

  /** 改这个人在本机的记录（令牌、姓名、解锁码）。 */
  async keep(change: Partial<KeptSession>): Promise<void> {
    const known = (await this.record.get('sessions', this.login)) ?? this.session
    this.session = { ...known, ...change }
    await this.record.put('sessions', this.session)
  }

  async close(): Promise<void> {
    await this.runner.stop()
    this.database.close()
  }

  /** 拉取资料包：连得上就拉，返回是否拉到。 */
  async refresh(): Promise<boolean> {
    this.pulledAt = 0
    await this.runner.now()
    return this.pulledAt > 0
  }

  /** 本机有变动：自己重读，也告诉别的标签页。 */
  async stir(): Promise<void> {
    device().channel.say('changed')
    for (const call of listeners) call()
    await reload(this)
  }

  /** 打开的单元跟着重读；返回取消。 */
  onStir(call: () => void): () => void {
    listeners.add(call)
    return () => listeners.delete(call)
  }

  private changed(unit: string | null): void {
    state.sync.current = unit
    void this.stir()
  }

  /** 传到一半令牌被换掉或退出了，就停在这一块。 */
  private still(): void {
    if (!this.session.token) throw new NeedsSignIn('请重新登录')
  }

  private async errands(): Promise<void> {
    if (!this.session.token) throw new NeedsSignIn('请重新登录')
    const pulled = await this.pullIfDue().then(() => null, held)
    await this.outbox.deliver()
    await this.beatIfDue()
    await this.purgeIfDue()
    state.sync.current = null
    await this.stir()
    if (pulled) throw pulled
  }

  private async purgeIfDue(): Promise<void> {
    if (device().clock.ticks() - this.purgedAt < PULL_EVERY_MS && this.purgedAt > 0) return
    await this.outbox.purge()
    this.purgedAt = Math.max(1, device().clock.ticks())
  }

  private async pullIfDue(): Promise<void> {
    if (device().clock.ticks() - this.pulledAt < PULL_EVERY_MS && this.pulledAt > 0) return
    const { me } = await pull(this.database, this.http)
    if (me) await this.keep({ name: me.name, officer: me.officer, certificate_no: me.certificate })
    this.pulledAt = Math.max(1, device().clock.ticks())
  }

  private async beatIfDue(): Promise<void> {
    if (device().clock.ticks() - this.beatAt < BEAT_EVERY_MS && this.beatAt > 0) return
    await beat(this.database, this.http, __VERSION__)
    this.beatAt = Math.max(1, device().clock.ticks())
  }

  private told(told: RunnerState): void {
    const { running, waiting, next_try_at } = told
    Object.assign(state.sync, { running, waiting, next_try_at, online: waiting !== 'offline' && device().network.online() })
    if (!running) state.sync.current = null
    if (waiting === 'sign-in') void this.expire()
    void this.watchClock()
  }

  /** 令牌失效：只出现登录页，队列和资料一样不少。 */
  async expire(): Promise<void> {
    if (state.session.state !== 'signed-in') return
    await this.keep({ token: null })
    state.session.state = 'expired'
    notice('登录已过期，请重新登录后继续上传；本机资料都在。', 'warn')
  }

  private async watchClock(): Promise<void> {
    const server = await fact(this.database, 'server_at').catch(() => undefined)
    state.sync.clock_skew_s = (await fact(this.database, 'skew_s').catch(() => undefined)) ?? null
    state.sync.clock_moved_back = server !== undefined && device().clock.now() < Date.parse(server) - MOVED_BACK_MS
  }
}

/** 拉取没有成，不耽误上传：先记着。没有网络、要登录的例外，上传也一样不成。 */
function held(error: unknown): Error {
  if (error instanceof Later || error instanceof Rejected) return error
  throw error
}
