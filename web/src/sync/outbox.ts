/**
 * 把封存的单元送到服务器：先报摘要，再传照片，再交正文，再验回执。
 *
 * 一次 `deliver` 走完一遍；断在哪里都可以再走一遍，服务器对重复的一切给同样的回答。
 */
import type { Receipt } from '../facade'
import { device } from '../device'
import { write } from '../store/database'
import { fact } from '../store/packs'
import { advancePhoto, photosOf, purgePhotos } from '../store/photos'
import type { Database, PhotoRecord, SealedRecord, UnitRecord } from '../store/schema'
import { advance, WAITING } from '../store/units'
import type { Problem } from '../wire'
import { sha256Hex } from './digest'
import { instant } from './instants'
import { Later, NeedsSignIn, Rejected, type Http } from './http'
import { NotYet, readReceipt, ReceiptRefused, type SignedReceipt } from './receipts'
import { uploadPhoto } from './tus'

const SYNC = '/api/v1/field/sync'
/** 签收之后原件再留这么多天。 */
export const RETENTION_DAYS = 7
const MOST_ROUNDS = 3
const MOST_ANNOUNCED = 20

export interface Envelope {
  id: string
  status: number
  code?: string
  problem?: Problem
  receipt?: SignedReceipt
}

export interface Watch {
  /** 本机有变动，界面该重读。 */
  changed(unit: string | null): void
  /** 每块之前问：还传不传；抛错即停。 */
  still(): void
}

export class Outbox {
  constructor(
    private readonly database: Database,
    private readonly http: Http,
    private readonly watch: Watch,
  ) {}

  async waiting(): Promise<UnitRecord[]> {
    const units = (await this.database.getAll('units')).filter((unit) => WAITING.includes(unit.state))
    return units.sort((a, b) => ((a.sealed_at ?? '') < (b.sealed_at ?? '') ? -1 : 1))
  }

  /** 走一遍队列。没有网络、服务器忙、要登录时抛错；单个单元被拒绝只搁置它自己。 */
  async deliver(): Promise<void> {
    await this.announce(await this.waiting())
    for (const unit of await this.waiting()) await this.one(unit)
  }

  private async one(unit: UnitRecord): Promise<void> {
    this.watch.still()
    try {
      await this.send(unit)
    } catch (error) {
      const problem = problemIn(error)
      if (!problem) throw error
      const state = unit.quiet ? 'voided' : 'blocked'
      await this.step(unit.id, { state, problem }, state)
    }
  }

  private async send(unit: UnitRecord): Promise<void> {
    const sealed = await this.database.get('sealed', unit.id)
    if (!sealed) throw new Rejected(0, { code: 'record-lost', detail: '本机上没有这份封存的正文，请导出并联系科室。' })
    for (let round = 0; round < MOST_ROUNDS; round++) {
      await this.sendPhotos(unit)
      await this.step(unit.id, { state: 'posting' })
      const answer = await this.post(unit, sealed)
      if (unit.kind === 'report' && !answer.receipt) return this.taken(unit)
      if (await this.sign(unit, sealed, answer.receipt)) return
    }
    throw new Later(409)
  }

  // ---- announcements

  private async announce(units: UnitRecord[]): Promise<void> {
    const fresh = units.filter((unit) => unit.state === 'sealed' && unit.kind === 'check')
    for (let n = 0; n < fresh.length; n += MOST_ANNOUNCED) await this.announceSome(fresh.slice(n, n + MOST_ANNOUNCED))
  }

  private async announceSome(units: UnitRecord[]): Promise<void> {
    const announcements = await Promise.all(units.map((unit) => this.announcement(unit)))
    const { body } = await this.http.json<{ stamps: { check: string; arrived_at: string; stamp: unknown }[] }>(
      `${SYNC}/announcements`,
      { method: 'POST', body: JSON.stringify({ announcements }) },
    )
    for (const { check, arrived_at, stamp } of body.stamps) {
      await markAnnounced(this.database, check, { announced_at: arrived_at, announced_stamp: stamp }, this.now())
      this.watch.changed(check)
    }
  }

  private async announcement(unit: UnitRecord): Promise<object> {
    const photos = await photosOf(this.database, unit.id)
    return {
      check: unit.check,
      record_sha256: unit.record_sha256,
      sealed_at: unit.sealed_at,
      photos: photos.map(({ id, sha256, size, item }) => ({ uuid: id, sha256, size, item })),
    }
  }

  // ---- photos

  private async sendPhotos(unit: UnitRecord): Promise<void> {
    const left = (await photosOf(this.database, unit.id)).filter((photo) => photo.state !== 'verified')
    if (left.length) await this.step(unit.id, { state: 'uploading' })
    for (const photo of left) await this.sendPhoto(unit, photo)
  }

  private async sendPhoto(unit: UnitRecord, photo: PhotoRecord): Promise<void> {
    const bytes = await this.database.get('bytes', photo.id)
    if (bytes && (await sha256Hex(bytes)) !== photo.sha256) throw new Rejected(0, { code: 'photo-damaged', detail: '本机上这张照片的原件已损坏，请导出并联系科室。' })
    if (!bytes) throw new Rejected(0, { code: 'photo-lost', detail: '本机上没有这张照片的原件，请导出并联系科室。' })
    const claimed = { ...photo, unit: unit.check }
    await uploadPhoto(this.http, claimed, bytes, {
      keep: async (change) => {
        await advancePhoto(this.database, photo.id, { ...change, state: 'sending' })
        this.watch.changed(unit.id)
      },
      still: () => this.watch.still(),
    })
    await advancePhoto(this.database, photo.id, { state: 'verified', offset: photo.size })
    this.watch.changed(unit.id)
  }

  // ---- the record

  /** 交正文；返回服务器收下的回答。 */
  private async post(unit: UnitRecord, sealed: SealedRecord): Promise<Envelope> {
    const envelope = { id: unit.envelope, kind: sealed.kind, digest: sealed.sha256, body: sealed.body }
    const request = { sent_at: this.now(), envelopes: [envelope] }
    const call = { method: 'POST', body: JSON.stringify(request) }
    const { body } = await this.http.json<{ answers: Envelope[] }>(`${SYNC}/envelopes`, call)
    const answer = body.answers.find(({ id }) => id === unit.envelope)
    if (!answer) throw new Later(502)
    judge(answer)
    return answer
  }

  /** 从前收下的报告没有回执，收下就算办完；它的照片因此一直留着。 */
  private async taken(unit: UnitRecord): Promise<void> {
    await this.step(unit.id, { state: 'receipted', receipted_at: this.now(), problem: null }, 'receipted')
  }

  /** 取签字的回执；全部写明才算签收，还缺照片就把它们放回去，返回 false。 */
  private async sign(unit: UnitRecord, sealed: SealedRecord, signed?: SignedReceipt): Promise<boolean> {
    const receipt = await this.receiptOf(unit, sealed, signed).catch((error: unknown) => {
      throw error instanceof NotYet ? new Later(503) : error
    })
    if (receipt.missing.length) {
      for (const id of receipt.missing) await advancePhoto(this.database, id, { state: 'stored', offset: 0, address: null })
      await this.step(unit.id, { state: 'uploading' }, 'photos-missing')
      return false
    }
    await keepReceipt(this.database, unit.id, receipt, this.now())
    this.watch.changed(unit.id)
    return true
  }

  /** 随回答来的回执，没有就去取。 */
  private async receiptOf(unit: UnitRecord, sealed: SealedRecord, signed?: SignedReceipt): Promise<Receipt> {
    const photos = await photosOf(this.database, unit.id)
    const about = unit.kind === 'report' ? unit.id : unit.check
    const given = signed ?? (await this.http.json<SignedReceipt>(`/api/v1/field/checks/${about}/receipt`)).body
    const keys = (await fact(this.database, 'receipt_keys')) ?? []
    return await readReceipt(given, keys, { kind: unit.kind, id: unit.envelope, check: about, sha256: sealed.sha256, photos })
  }

  // ---- afterwards

  /** 清掉过了保留期的原件：先问服务器现在是否仍然确认。返回清掉的字节数。 */
  async purge(): Promise<number> {
    let freed = 0
    for (const unit of await this.database.getAll('units')) {
      if (unit.state !== 'receipted' || device().clock.now() < purgeAt(unit)) continue
      if (unit.kind === 'report' && !(await this.database.get('receipts', unit.id))) continue
      freed += await this.purgeOne(unit).catch((error: unknown) => {
        // The server no longer confirms it: the originals stay, and so does everything else.
        if (problemIn(error) || error instanceof NotYet) return 0
        throw error
      })
    }
    return freed
  }

  private async purgeOne(unit: UnitRecord): Promise<number> {
    const sealed = await this.database.get('sealed', unit.id)
    if (!sealed) return 0
    const receipt = await this.receiptOf(unit, sealed)
    if (receipt.missing.length) return 0
    const freed = await purgePhotos(this.database, unit.id, receipt, this.now())
    this.watch.changed(unit.id)
    return freed
  }

  private async step(id: string, change: Partial<UnitRecord>, act = ''): Promise<void> {
    await advance(this.database, id, change, this.now(), act)
    this.watch.changed(id)
  }

  private now(): string {
    return instant()
  }
}

/** 这个单元的原件最早何时可清。 */
export function purgeAt(unit: UnitRecord): number {
  return unit.receipted_at ? Date.parse(unit.receipted_at) + RETENTION_DAYS * 86_400_000 : Infinity
}

/** 一个信封的回答：收下就返回；要再试、要登录、被拒绝各抛各的错。 */
export function judge(answer: Envelope): void {
  if (answer.status >= 200 && answer.status < 300) return
  if (answer.status === 401) throw new NeedsSignIn('请重新登录')
  if ([408, 423, 425, 429].includes(answer.status) || answer.status >= 500) throw new Later(answer.status)
  const fallback = { code: answer.code ?? 'unexpected-answer', detail: `服务器没有收下（${answer.status}）。` }
  throw new Rejected(answer.status, answer.problem ?? fallback)
}

/** 这个错误只关乎一个单元时，给人看的说明；别的错误为 null。 */
function problemIn(error: unknown): Problem | null {
  if (error instanceof Rejected) return error.problem
  if (error instanceof ReceiptRefused) return { code: 'receipt-refused', detail: `${error.message}，原件都还在本机。` }
  return null
}

async function markAnnounced(
  database: Database,
  check: string,
  change: Pick<UnitRecord, 'announced_at' | 'announced_stamp'>,
  at: string,
): Promise<void> {
  await write(database, ['units', 'photos'], async (transaction) => {
    const unit = await transaction.objectStore('units').get(check)
    if (unit?.state !== 'sealed') return
    await transaction.objectStore('units').put({ ...unit, ...change, state: 'announced', changed_at: at })
    for (const photo of await transaction.objectStore('photos').index('unit').getAll(check)) {
      if (photo.state === 'stored') await transaction.objectStore('photos').put({ ...photo, state: 'announced' })
    }
  })
}

/** 回执与状态一个事务：有回执才有“已签收”。 */
async function keepReceipt(database: Database, id: string, receipt: Receipt, at: string): Promise<void> {
  await write(database, ['units', 'receipts', 'log'], async (transaction) => {
    const unit = await transaction.objectStore('units').get(id)
    if (!unit) return
    await transaction.objectStore('receipts').put(receipt, id)
    const change = { state: 'receipted', receipted_at: at, changed_at: at, problem: null } as const
    await transaction.objectStore('units').put({ ...unit, ...change })
    await transaction.objectStore('log').add({ at, act: 'receipted', unit: id, facts: { number: receipt.number, proof: receipt.proof } })
  })
}
