/**
 * 界面与核心之间的约定：界面只从 `phone.state` 读，只经 `phone` 的方法写。
 *
 * `state` 是只读的响应式对象；每个返回 Promise 的写方法都在本机事务完成之后才兑现，
 * 所以“已存本机”只能写在 `await` 之后，或跟着 `saved.state === 'saved'`。
 */
import type {
  Act,
  Answer,
  ChecklistContent,
  Fix,
  Mark,
  Person,
  Problem,
  Representative,
  Section,
  Source,
  Task,
} from './wire'

export type { Mark }

/** 检查（单元）在本机的状态；见 web/README.md 的状态图。 */
export type UnitState =
  | 'drafting'
  | 'sealed'
  | 'announced'
  | 'uploading'
  | 'posting'
  | 'receipted'
  | 'purged'
  | 'blocked'
  | 'voided'
export type PhotoState = 'stored' | 'announced' | 'sending' | 'verified' | 'purged'
export type PhotoSource = 'camera' | 'album' | 'in_page'

export type SessionState = 'signed-out' | 'signed-in' | 'expired'

export interface Session {
  /** expired：令牌失效，资料和队列都在，只是上传前要重新登录。 */
  state: SessionState
  login: string
  name: string
  officer: string | null
  certificate_no: string | null
  expires_at: string | null
  /** 本机解锁码：只锁屏幕，不加密资料。 */
  locked: boolean
  pin: boolean
}

/** 这个浏览器能不能离线检查；有一项为 false 就只能在线看，不让开始检查。 */
export interface Fitness {
  secure: boolean
  worker: boolean
  database: boolean
  locks: boolean
  crypto: boolean
  fit: boolean
}

export interface TaskRow extends Task {
  /** 离我多远，米；没有定位或没有坐标为 null。 */
  distance_m: number | null
  /** 服务器已不再列出（换人、作废、办结）。 */
  gone: boolean
  /** 本机上这项任务的各次检查，按检查单排列。 */
  units: UnitBrief[]
}

export interface UnitBrief {
  id: string
  assignment: string | null
  checklist: { code: string; version: string; title: string }
  state: UnitState
  filled: number
  total: number
  photos: number
  changed_at: string
}

export interface PhotoRow {
  id: string
  unit: string
  item: string | null
  state: PhotoState
  source: PhotoSource
  /** signature：签名图，封存时自动生成。 */
  purpose: 'evidence' | 'signature'
  sha256: string
  size: number
  mime: string
  file_name: string
  taken_at: string
  fix: Fix | null
  fix_error: FixError | null
  exif_gps: boolean
  reduced: boolean
  /** 已被服务器收下的字节数。 */
  offset: number
  /** 缩略图地址（blob:），没有为 null；随单元关闭而释放。 */
  thumb: string | null
  note: string
  /** 矢量标注层，0～1 的相对坐标；从不画进文件。 */
  marks: Mark[]
}

export type FixError = 'denied' | 'unavailable' | 'timeout' | 'unsupported'
export type Fence = 'inside' | 'edge' | 'outside' | 'unknown'

export interface Location {
  state: 'off' | 'seeking' | 'fixed' | FixError
  fix: Fix | null
  /** 定位的时刻（毫秒），用来显示“几秒前”。 */
  at: number | null
  fence: Fence
  distance_m: number | null
}

export interface Saved {
  state: 'idle' | 'saving' | 'saved' | 'failed'
  at: string | null
  /** 没有存上的是哪一项；failed 时才有。 */
  item: string | null
  reason: string | null
}

/** 一份签名：谁、笔画（相对坐标），由界面画好的 PNG。 */
export interface Signature {
  role: 'officer' | 'representative' | 'witness'
  /** 执法人员的 uuid；其他人为姓名。 */
  who: string
  strokes: [number, number][][]
  png: Blob
}

export interface Missing {
  item: string | null
  what: 'answer' | 'photos' | 'officers' | 'representative' | 'opinion' | 'signature' | 'pack'
  words: string
  /** true：不补就不能封存；false：只是提醒（例如照片不够）。 */
  blocks: boolean
}

export interface Draft {
  readonly id: string
  readonly state: UnitState
  /** 封存之后一切只读。 */
  readonly sealed: boolean
  readonly task: Task | null
  readonly checklist: ChecklistContent
  /** 适用于这个对象（抽样框、区划）的节，题目已按区划筛过。 */
  readonly sections: Section[]
  readonly answers: Readonly<Record<string, Answer>>
  readonly photos: readonly PhotoRow[]
  readonly officers: readonly string[]
  readonly representative: Representative
  readonly remarks: string
  readonly source: Source
  readonly started_at: string
  readonly signatures: readonly { role: Signature['role']; who: string; photo: string }[]
  readonly filled: number
  readonly total: number
  readonly saved: Saved
  /** 照片存不下时仍在内存里的，见 phone.retryUnsaved。 */
  readonly unsaved: readonly UnsavedPhoto[]
  /** 上次打开相机后没有照片回来（手机可能关掉了页面）。 */
  readonly lostShot: { item: string | null; at: string } | null
  readonly record_sha256: string | null
  readonly receipt: Receipt | null
}

/** 打开的一次检查。所有写方法在事务完成后才兑现；失败时 reject，并置 draft.saved。 */
export interface OpenUnit {
  readonly draft: Draft
  /** 合并进这一项的作答；值为 undefined 的成员被去掉。 */
  answer(item: string, patch: Partial<Omit<Answer, 'item_code' | 'photos'>>): Promise<void>
  clear(item: string): Promise<void>
  /** 打开相机之前调用，写下“相机为某项打开”的记号。 */
  cameraOpening(item: string | null): Promise<void>
  /** 选了文件就调用；第一步就把字节读进内存。存满时不 reject：照片进 draft.unsaved。 */
  addPhoto(item: string | null, source: PhotoSource, file: Blob & { name?: string; lastModified?: number }): Promise<PhotoRow | null>
  /** 只在封存前；字节一并删除，记入日志。 */
  removePhoto(photo: string): Promise<void>
  movePhoto(photo: string, item: string | null): Promise<void>
  describePhoto(photo: string, note: string, marks: Mark[]): Promise<void>
  /** 原件的 blob: 地址，用完请 URL.revokeObjectURL。 */
  photoUrl(photo: string): Promise<string | null>
  dismissLostShot(): Promise<void>
  setOfficers(officers: string[]): Promise<void>
  setRepresentative(who: Representative): Promise<void>
  setRemarks(text: string): Promise<void>
  sign(signature: Signature): Promise<void>
  unsign(role: Signature['role'], who: string): Promise<void>
  /** 内容一改，先前的签名就作废（draft.signatures 变空），要重新签。
   *  封存前还缺什么；没有 `blocks` 的才可封存。 */
  missing(): Missing[]
  /** 封存：正文定稿、算摘要、进队列。之后不能改。 */
  seal(): Promise<{ record_sha256: string; sealed_at: string }>
  /** 只交自己的部分，由同伴封存整份记录：至少一项作答或一张照片；服务器来合并，说法不一的成为疑问。 */
  handIn(note?: string): Promise<void>
  /** 删去一份草稿（连同照片），只在封存前。 */
  discard(): Promise<void>
  close(): void
}

export interface Receipt {
  /** 回执号，给人看的。 */
  number: string
  /** signature：Ed25519 验过；digest：只比了摘要（这个浏览器没有 Ed25519）。 */
  proof: 'signature' | 'digest'
  server_at: string
  record_sha256: string
  photos: { uuid: string; sha256: string; size: number; arrived_at: string }[]
  missing: string[]
  key_id: string
  /** 原文与签名，供导出。 */
  text: string
  signature: string
}

export type Waiting = 'offline' | 'server' | 'busy' | 'sign-in' | 'other-tab' | 'update'

export interface QueueRow {
  id: string
  kind: 'check' | 'part' | 'report' | 'question_answer' | 'signature'
  title: string
  /** 检查单名或报告的一步。 */
  subtitle: string
  state: UnitState
  photos_done: number
  photos_total: number
  bytes_done: number
  bytes_total: number
  changed_at: string
  /** blocked 时说明为什么要人来处理。 */
  problem: Problem | null
  receipt: Receipt | null
  /** 原件何时可从本机清除；null 为还不能。 */
  purge_on: string | null
}

export interface SyncState {
  online: boolean
  running: boolean
  /** 现在传的是哪个单元。 */
  current: string | null
  waiting: Waiting | null
  /** 下次自动再试的时刻（毫秒）。 */
  next_try_at: number | null
  last_contact_at: string | null
  last_pull_at: string | null
  /** 手机钟减服务器钟，秒；null 为还没有联系过。 */
  clock_skew_s: number | null
  /** 钟比资料包的服务器时刻还早：手机的钟被往回拨过。 */
  clock_moved_back: boolean
  unsent: number
  problem: Problem | null
}

export interface UnsavedPhoto {
  id: string
  item: string | null
  size: number
  reason: 'quota' | 'failed'
}

export interface StorageState {
  /** 浏览器答应不自动清理；null 为没问过。 */
  persisted: boolean | null
  usage_bytes: number | null
  /** 本机上未签收的原件。 */
  unsent_bytes: number
  receipted_bytes: number
  full: boolean
  /** 未发的东西已放了一天以上，每天提醒一次。 */
  nag: boolean
}

export interface Question {
  id: string
  check: string
  title: string
  item: string
  requirement: string
  /** 双方各自的说法。 */
  sides: { officer: string; name: string; answer: Answer; replied: boolean }[]
  asked_at: string
  answered: boolean
}

/** 两人合并过的检查：双方都要签同一个合并摘要。 */
export interface Merge {
  check: string
  title: string
  merged_sha256: string
  /** 还没有一致的疑问数；为 0 才能签。 */
  questions: number
  signed: boolean
}

export interface SearchHit {
  kind: 'task' | 'unit' | 'subject'
  id: string
  title: string
  subtitle: string
  subject: string | null
}

export interface SubjectHistory {
  subject: Task['subject']
  last_check: Task['last_check']
  units: UnitBrief[]
}

export interface PhoneState {
  boot: 'starting' | 'ready' | 'unfit' | 'broken'
  fitness: Fitness
  session: Session
  tasks: TaskRow[]
  people: Person[]
  checklists: { code: string; version: string; title: string }[]
  queue: QueueRow[]
  sync: SyncState
  storage: StorageState
  location: Location
  questions: Question[]
  merges: Merge[]
  update: { waiting: boolean; version: string }
  /** 一句给人看的话，出错时；界面显示后调用 dismissNotice。 */
  notice: { words: string; level: 'info' | 'warn' | 'error' } | null
}

export interface Phone {
  readonly state: PhoneState
  start(): Promise<void>
  signIn(login: string, password: string): Promise<{ ok: true } | { ok: false; problem: Problem }>
  /** 有没发完的东西就拒绝，并列出来。 */
  signOut(): Promise<{ ok: true } | { ok: false; unsent: QueueRow[]; drafts: UnitBrief[] }>
  setPin(pin: string | null): Promise<void>
  unlock(pin: string): Promise<boolean>
  lock(): void
  /** 拉取资料包；离线时只返回 false，不报错。 */
  refresh(): Promise<boolean>
  /** 给任务开一次检查（已有草稿就打开它）。 */
  begin(assignment: string, checklist: string): Promise<OpenUnit>
  open(unit: string): Promise<OpenUnit>
  /** 结束任务的几种情形或“已收到”；附说明、署名、照片。 */
  report(assignment: string, told: { act: Act; note?: string; signers?: string[]; photos?: Blob[] }): Promise<void>
  answerQuestion(question: string, answer: Answer): Promise<void>
  /** 签合并摘要（`state.merges` 里 questions 为 0 的）。 */
  signMerge(check: string): Promise<void>
  /** 现在就传；也用来清零等待。 */
  syncNow(): Promise<void>
  /** 搁置的单元（blocked）事情已了结，再交一次。 */
  retryUnit(unit: string): Promise<void>
  /** 把一个单元连同照片、回执打成一个 zip，给需要人工处理的情形。 */
  exportUnit(unit: string): Promise<File>
  /** 再存一次；reduced 为缩小的副本（2560 像素，带原件的 EXIF，如实标明）。 */
  retryUnsaved(photo: string, how?: 'original' | 'reduced'): Promise<boolean>
  /** 把存不下的照片另存到手机相册或分享出去。 */
  rescueUnsaved(photo: string): Promise<void>
  askPersist(): Promise<boolean>
  /** 清掉已签收、过了保留期且服务器仍确认的原件；返回清掉的字节数。 */
  purge(): Promise<number>
  search(text: string): Promise<SearchHit[]>
  history(subject: string): Promise<SubjectHistory | null>
  /** 开始定位；离开检查单时调用返回的函数。 */
  watchLocation(subject?: string): () => void
  /** 表单打开期间不出现更新条。 */
  formOpen(open: boolean): void
  applyUpdate(): void
  /** 给 `<input type="file">` 的属性；页内相机可不可用。 */
  readonly camera: { accept: string; capture: 'environment'; inPage: boolean }
  /** 打开页内相机，画面放进 `video`；拍下的图以 in_page 交给 addPhoto。 */
  openCamera(video: HTMLVideoElement): Promise<{ shoot(): Promise<Blob>; close(): void }>
  dismissNotice(): void
}
