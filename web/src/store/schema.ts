/**
 * 本机数据库的结构。每人一个库，别人的库打不开也删不掉。
 *
 * 升级只加不减：`STEPS[n]` 把第 n 版变成第 n + 1 版，发布后不再改动。
 */
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb'
import type { FixError, Mark, PhotoSource, PhotoState, Question, Receipt, Signature, UnitState } from '../facade'
import type { Answer, ChecklistBrief, ChecklistContent, Fix, Problem, Representative, Source, Task } from '../wire'

export type UnitKind = 'check' | 'part' | 'report' | 'question_answer' | 'signature'

/** 一个单元：一次检查，或要交给服务器的另一件事。封存的正文另存于 sealed。 */
export interface UnitRecord {
  id: string
  kind: UnitKind
  state: UnitState
  /** 属于哪次检查；kind 为 check、part 时等于 id。 */
  check: string
  /** 信封的编号；kind 为 check 时等于 check，part 封存时另起。 */
  envelope: string
  assignment: string | null
  subject: string | null
  checklist: ChecklistBrief | null
  title: string
  subtitle: string
  source: Source
  officers: string[]
  representative: Representative
  remarks: string
  signatures: { role: Signature['role']; who: string; photo: string; strokes: Signature['strokes'] }[]
  started_at: string
  changed_at: string
  /** 开始时资料包里服务器签过的时刻：检查不早于它。 */
  stamp: string
  camera: { item: string | null; at: string } | null
  filled: number
  total: number
  sealed_at: string | null
  record_sha256: string | null
  /** 服务器给摘要盖的到达时间。 */
  announced_at: string | null
  announced_stamp: unknown
  receipted_at: string | null
  problem: Problem | null
  /** 不给人看的小事（例如“已开始”）：被拒绝就作罢，不算没发完。 */
  quiet: boolean
}

export interface AnswerRecord {
  unit: string
  item: string
  answer: Answer
  changed_at: string
}

export interface PhotoRecord {
  id: string
  unit: string
  item: string | null
  state: PhotoState
  source: PhotoSource
  purpose: 'evidence' | 'signature'
  sha256: string
  size: number
  mime: string
  file_name: string
  file_at: string | null
  taken_at: string
  skew_s: number | null
  fix: Fix | null
  fix_error: FixError | null
  exif_gps: boolean
  /** 缩小的副本才有：原件的摘要与大小。 */
  original: { sha256: string; size: number } | null
  offset: number
  /** 续传地址，第一个字节发出之前就存下。 */
  address: string | null
  note: string
  marks: Mark[]
  device: string
  agent: string
  app: string
  inspector: string
  companions: string[]
  stored_at: string
}

/** 封存的正文：只增，不改。 */
export interface SealedRecord {
  id: string
  kind: UnitKind
  body: Record<string, unknown>
  text: string
  sha256: string
  sealed_at: string
}

export interface LogRecord {
  n?: number
  at: string
  act: string
  unit: string | null
  facts: Record<string, unknown>
}

export interface UserSchema extends DBSchema {
  tasks: { key: string; value: Task & { gone: boolean } }
  checklists: { key: [string, string]; value: { code: string; version: string; digest: string; content: ChecklistContent } }
  facts: { key: string; value: unknown }
  units: { key: string; value: UnitRecord; indexes: { assignment: string } }
  answers: { key: [string, string]; value: AnswerRecord; indexes: { unit: string } }
  photos: { key: string; value: PhotoRecord; indexes: { unit: string } }
  bytes: { key: string; value: ArrayBuffer }
  thumbs: { key: string; value: ArrayBuffer }
  sealed: { key: string; value: SealedRecord }
  receipts: { key: string; value: Receipt }
  questions: { key: string; value: Question }
  log: { key: number; value: LogRecord; indexes: { unit: string } }
}

export type Database = IDBPDatabase<UserSchema>
type Upgrade = IDBPTransaction<UserSchema, StoreNames<UserSchema>[], 'versionchange'>
export type Step = (database: Database, upgrade: Upgrade) => void

function foundation(database: Database): void {
  database.createObjectStore('tasks', { keyPath: 'uuid' })
  database.createObjectStore('checklists', { keyPath: ['code', 'version'] })
  database.createObjectStore('facts')
  database.createObjectStore('units', { keyPath: 'id' }).createIndex('assignment', 'assignment')
  database.createObjectStore('answers', { keyPath: ['unit', 'item'] }).createIndex('unit', 'unit')
  database.createObjectStore('photos', { keyPath: 'id' }).createIndex('unit', 'unit')
  database.createObjectStore('bytes')
  database.createObjectStore('thumbs')
  database.createObjectStore('sealed', { keyPath: 'id' })
  database.createObjectStore('receipts')
  database.createObjectStore('log', { keyPath: 'n', autoIncrement: true })
}

function questionsAndLogByUnit(database: Database, upgrade: Upgrade): void {
  database.createObjectStore('questions', { keyPath: 'id' })
  upgrade.objectStore('log').createIndex('unit', 'unit')
}

export const STEPS: readonly Step[] = [foundation, questionsAndLogByUnit]
export const VERSION = STEPS.length
