/** 打开的一次检查：作答、照片、人员、签名、封存。写一项存一项，存上才说存上。 */
import { reactive } from 'vue'
import type { Draft, Mark, Missing, OpenUnit, PhotoRow, PhotoSource, Signature } from '../facade'
import { device } from '../device'
import { StorageFull } from '../store/database'
import { fact } from '../store/packs'
import * as photoStore from '../store/photos'
import type { PhotoRecord, UnitRecord } from '../store/schema'
import * as unitStore from '../store/units'
import type { Answer, Representative } from '../wire'
import { buildBody, buildPart, faultsIn, missingIn, MOST_PHOTOS, sectionsFor, type Sheet } from './body'
import { recordOf, type Shot } from './capture'
import { facadeOf, FIX_WORDS, itemsOf, plain, type Inside } from './draft'
import { takeFix } from './place'
import { sealedOf } from './reports'
import { house } from './session'
import { notice } from './state'
import { Thumbs } from './thumbs'
import { instant } from '../sync/instants'
import { uuid7 } from '../sync/ids'
import { store, unsavedOf } from './unsaved'

export class NotReady extends Error {
  override readonly name = 'NotReady'
  constructor(readonly missing: Missing[]) {
    super(`还差 ${missing.length} 处，不能封存`)
  }
}

const nowText = instant

export async function openUnit(id: string): Promise<OpenUnit> {
  const opened = new Sheetwork(await load(id))
  opened.start()
  return opened
}

async function load(id: string): Promise<Inside> {
  const { database } = house()
  const unit = await database.get('units', id)
  const pack = unit?.checklist ? await database.get('checklists', [unit.checklist.code, unit.checklist.version]) : undefined
  if (!unit || !pack) throw new Error('本机没有这次检查')
  const task = unit.assignment ? ((await database.get('tasks', unit.assignment)) ?? null) : null
  const sections = task ? sectionsFor(pack.content, task.subject.frame, task.subject.region_code) : pack.content.sections
  return {
    ...{ unit, task, checklist: pack.content, sections },
    answers: await unitStore.answersOf(database, id),
    photos: await photoStore.photosOf(database, id),
    thumbs: {},
    saved: { state: 'idle', at: null, item: null, reason: null },
    unsaved: [],
    lostShot: unit.camera,
    receipt: (await database.get('receipts', id)) ?? null,
  }
}

class Sheetwork implements OpenUnit {
  readonly draft: Draft
  private readonly inside: Inside
  private readonly thumbs: Thumbs
  private readonly dirty = new Map<string, Answer | null>()
  private queue: Promise<unknown> = Promise.resolve()
  private unhear: (() => void) | null = null
  private unstir: (() => void) | null = null

  constructor(inside: Inside) {
    this.inside = reactive(inside) as Inside
    this.thumbs = new Thumbs(() => house().database)
    this.draft = facadeOf(this.inside)
  }

  start(): void {
    this.listUnsaved()
    for (const photo of this.inside.photos) void this.showThumb(photo)
    this.unhear = device().channel.hear((word) => {
      if (word === `unit:${this.draft.id}` || word === 'changed') void this.reread()
    })
    this.unstir = house().onStir(() => this.draft.sealed && void this.reread())
  }

  close(): void {
    this.unhear?.()
    this.unstir?.()
    this.thumbs.release()
  }

  // ---- answers

  answer(item: string, patch: Partial<Omit<Answer, 'item_code' | 'photos'>>): Promise<void> {
    const merged: Answer = { ...this.inside.answers[item], ...patch, item_code: item }
    for (const name of Object.keys(merged) as (keyof Answer)[]) if (merged[name] === undefined) delete merged[name]
    this.inside.answers[item] = merged
    return this.save(item, plain(merged))
  }

  clear(item: string): Promise<void> {
    delete this.inside.answers[item]
    return this.save(item, null)
  }

  /** 连同先前没存上的一起存。 */
  private save(item: string, answer: Answer | null): Promise<void> {
    this.dirty.set(item, answer)
    return this.writing(item, async () => {
      await this.voidSignatures()
      for (const [code, value] of [...this.dirty]) {
        const counted = { filled: this.draft.filled, changed_at: nowText() }
        await unitStore.putAnswer(house().database, this.draft.id, code, value, counted)
        if (this.dirty.get(code) === value) this.dirty.delete(code)
      }
    })
  }

  /** 依次写；写完才说存上，写不上就留着红条，等下一次一起再试。 */
  private writing<T>(item: string | null, work: () => Promise<T>): Promise<T> {
    this.inside.saved = { ...this.inside.saved, state: 'saving', item }
    const done = this.queue.then(work)
    this.queue = done.catch(() => undefined)
    return done.then(
      (result) => {
        if (!this.dirty.size) this.inside.saved = { state: 'saved', at: nowText(), item: null, reason: null }
        device().channel.say(`unit:${this.draft.id}`)
        return result
      },
      (error: unknown) => {
        const reason = error instanceof StorageFull ? '手机存储已满' : error instanceof Error ? error.message : '没有存上'
        this.inside.saved = { state: 'failed', at: this.inside.saved.at, item, reason }
        throw error
      },
    )
  }

  // ---- photos

  cameraOpening(item: string | null): Promise<void> {
    return this.change({ camera: { item, at: nowText() } })
  }

  async dismissLostShot(): Promise<void> {
    this.inside.lostShot = null
    await this.change({ camera: null })
  }

  async addPhoto(item: string | null, source: PhotoSource, file: Shot['file']): Promise<PhotoRow | null> {
    const bytes = await file.arrayBuffer()
    if (!bytes.byteLength) throw new Error('这张照片是空的，请再拍一张')
    await this.fits(bytes.byteLength)
    if (this.inside.photos.length >= MOST_PHOTOS) throw new Error(`一次检查最多 ${MOST_PHOTOS} 张照片`)
    this.inside.lostShot = null
    return this.keepPhoto({ unit: this.draft.id, item, source, purpose: 'evidence', file, bytes })
  }

  /** 服务器收不下的，拍的时候就说。 */
  private async fits(size: number): Promise<void> {
    const most = (await fact(house().database, 'limits'))?.max_photo_bytes
    if (most && size > most) throw new Error(`这张照片超过 ${Math.floor(most / 1_048_576)} MB，服务器收不下，请调低相机的分辨率`)
  }

  private async keepPhoto(shot: Shot): Promise<PhotoRow | null> {
    const photo = { ...(await recordOf(shot)), companions: [...this.inside.unit.officers] }
    const kept = await this.writing(shot.item, async () => {
      if (shot.purpose === 'evidence') await this.voidSignatures()
      return store({ photo, bytes: shot.bytes, saved: (saved) => this.saved(saved, shot.bytes) })
    })
    if (!kept) this.fail(shot.item)
    this.listUnsaved()
    return kept ? (this.draft.photos.find(({ id }) => id === photo.id) ?? null) : null
  }

  private saved(photo: PhotoRecord, bytes: ArrayBuffer): void {
    this.inside.photos.push(photo)
    this.listUnsaved()
    void this.showThumb(photo, bytes)
    if (photo.purpose === 'evidence' && photo.source !== 'album') void this.placePhoto(photo.id)
    void house().stir()
  }

  /** 先存照片，再补位置：等定位的那几秒里页面被关掉，照片也在。 */
  private async placePhoto(id: string): Promise<void> {
    const { fix, error } = await takeFix()
    try {
      this.replace(await photoStore.changePhoto(house().database, id, { fix, fix_error: error }))
    } catch {
      // Sealed, removed or signed out in the meantime: the photo stands without a place.
    }
  }

  async removePhoto(id: string): Promise<void> {
    await this.writing(null, async () => {
      await this.voidSignatures(id)
      await photoStore.removePhoto(house().database, id, nowText())
    })
    this.inside.photos = this.inside.photos.filter((photo) => photo.id !== id)
    await house().stir()
  }

  async movePhoto(id: string, item: string | null): Promise<void> {
    await this.changePhoto(id, { item })
  }

  async describePhoto(id: string, note: string, marks: Mark[]): Promise<void> {
    await this.changePhoto(id, { note, marks: plain(marks) })
  }

  private async changePhoto(id: string, change: Parameters<typeof photoStore.changePhoto>[2]): Promise<void> {
    await this.writing(change.item ?? null, async () => {
      await this.voidSignatures()
      this.replace(await photoStore.changePhoto(house().database, id, change))
    })
  }

  async photoUrl(id: string): Promise<string | null> {
    const { database } = house()
    const [photo, bytes] = [await database.get('photos', id), await database.get('bytes', id)]
    return photo && bytes ? URL.createObjectURL(new Blob([bytes], { type: photo.mime })) : null
  }

  // ---- people

  async setOfficers(officers: string[]): Promise<void> {
    await this.change({ officers: [...new Set(officers)] }, true)
  }

  async setRepresentative(who: Representative): Promise<void> {
    await this.change({ representative: plain(who) }, true)
  }

  async setRemarks(text: string): Promise<void> {
    await this.change({ remarks: text }, true)
  }

  /** `content`：改的是签名所覆盖的内容；其实没有变的不算改。 */
  private async change(change: Partial<UnitRecord>, content = false): Promise<void> {
    const before = Object.fromEntries(Object.keys(change).map((name) => [name, this.inside.unit[name as keyof UnitRecord]]))
    if (content && JSON.stringify(before) === JSON.stringify(change)) return
    await this.writing(null, async () => {
      if (content) await this.voidSignatures()
      this.inside.unit = await unitStore.changeDraft(house().database, this.draft.id, () => ({ ...change, changed_at: nowText() }))
    })
  }

  // ---- signatures

  async sign({ role, who, strokes, png }: Signature): Promise<void> {
    await this.unsign(role, who)
    const bytes = await png.arrayBuffer()
    const file = new File([bytes], `signature-${role}.png`, { type: 'image/png' })
    const row = await this.keepPhoto({ unit: this.draft.id, item: null, source: 'in_page', purpose: 'signature', file, bytes })
    if (!row) throw new StorageFull('签名没有存上')
    const one = { role, who, photo: row.id, strokes: plain(strokes) }
    await this.change({ signatures: [...plain(this.inside.unit.signatures), one] })
  }

  async unsign(role: Signature['role'], who: string): Promise<void> {
    const gone = this.inside.unit.signatures.filter((one) => one.role === role && one.who === who)
    if (gone.length) await this.writing(null, () => this.dropSignatures(gone.map(({ photo }) => photo)))
  }

  /** 内容变了，先前的签名就不再算数。 */
  private async voidSignatures(except = ''): Promise<void> {
    const photos = this.inside.unit.signatures.map(({ photo }) => photo).filter((photo) => photo !== except)
    if (!photos.length) return
    await this.dropSignatures(photos)
    notice('内容有改动，先前的签名已作废，请重新签名。', 'warn')
  }

  private async dropSignatures(photos: string[]): Promise<void> {
    const left = plain(this.inside.unit.signatures.filter(({ photo }) => !photos.includes(photo)))
    this.inside.unit = await unitStore.changeDraft(house().database, this.draft.id, () => ({ signatures: left }))
    for (const photo of photos) await photoStore.removePhoto(house().database, photo, nowText())
    this.inside.photos = this.inside.photos.filter(({ id }) => !photos.includes(id))
  }

  // ---- sealing

  missing(): Missing[] {
    const waiting = this.inside.unsaved.map(({ item }) => ({ item, what: 'photos' as const, words: '有照片还没有存上', blocks: true }))
    return [...waiting, ...missingIn(this.sheet())]
  }

  async seal(): Promise<{ record_sha256: string; sealed_at: string }> {
    await this.settled(() => this.missing().filter(({ blocks }) => blocks))
    const { fix, error } = await takeFix()
    const moment = { now: device().clock.now(), fix, fix_error: error ? FIX_WORDS[error] : '' }
    return this.finish('check', this.draft.id, (sheet) => buildBody(sheet, moment))
  }

  async handIn(note = ''): Promise<void> {
    await this.settled(() => faultsIn(this.sheet()))
    if (!this.draft.filled && !this.inside.photos.length) throw new Error('还没有可交的内容')
    const now = device().clock.now()
    await this.finish('part', uuid7(now), (sheet) => buildPart(sheet, now, note))
  }

  /** 等手头的写完；还有没存上的、还有缺的，就不能封。 */
  private async settled(gaps: () => Missing[]): Promise<void> {
    await this.queue
    const found = gaps()
    if (found.length || this.dirty.size || this.inside.unsaved.length) throw new NotReady(found)
  }

  private async finish(kind: 'check' | 'part', envelope: string, build: (sheet: Sheet) => object): Promise<{ record_sha256: string; sealed_at: string }> {
    const sealed = await this.writing(null, async () => {
      await this.dropStrays()
      const sheet = this.sheet()
      const made = await sealedOf(this.draft.id, kind, build(sheet))
      await unitStore.keepSealed(house().database, made, sheet.photos.map(({ id }) => id), envelope)
      return made
    })
    await this.reread()
    await house().stir()
    void house().runner.now()
    return { record_sha256: sealed.sha256, sealed_at: sealed.sealed_at }
  }

  /** 签名图存上了、签名没记上（中间被关掉）的，封存前去掉。 */
  private async dropStrays(): Promise<void> {
    const kept = new Set(this.inside.unit.signatures.map(({ photo }) => photo))
    const stray = this.inside.photos.filter((photo) => photo.purpose === 'signature' && !kept.has(photo.id))
    if (stray.length) await this.dropSignatures(stray.map(({ id }) => id))
    this.inside.photos = await photoStore.photosOf(house().database, this.draft.id)
  }

  async discard(): Promise<void> {
    await this.queue
    await unitStore.discardDraft(house().database, this.draft.id, nowText())
    this.close()
    await house().stir()
  }

  // ---- inside

  private sheet(): Sheet {
    const { unit, answers, photos, sections } = this.inside
    return { unit: plain(unit), answers: plain(answers), photos: plain(photos), items: itemsOf(sections) }
  }

  private replace(photo: PhotoRecord): void {
    this.inside.photos = this.inside.photos.map((one) => (one.id === photo.id ? photo : one))
  }

  private async showThumb(photo: PhotoRecord, bytes: ArrayBuffer | null = null): Promise<void> {
    const address = await this.thumbs.of(photo, bytes).catch(() => null)
    if (address) this.inside.thumbs[photo.id] = address
  }

  private listUnsaved(): void {
    this.inside.unsaved = unsavedOf(this.draft.id).map(({ id, item, size }) => ({ id, item, size, reason: 'quota' }))
  }

  private fail(item: string | null): void {
    this.inside.saved = { state: 'failed', at: this.inside.saved.at, item, reason: '手机存储已满' }
  }

  /** 别的标签页改了，或上传有进展：重读，没存上的以手头的为准。 */
  private async reread(): Promise<void> {
    const { database } = house()
    const unit = await database.get('units', this.draft.id)
    if (!unit) return
    this.inside.unit = unit
    this.inside.photos = await photoStore.photosOf(database, unit.id)
    this.inside.receipt = (await database.get('receipts', unit.id)) ?? null
    const answers = await unitStore.answersOf(database, unit.id)
    for (const [item, answer] of this.dirty) {
      if (answer) answers[item] = answer
      else delete answers[item]
    }
    this.inside.answers = answers
  }
}
