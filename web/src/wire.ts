/** 与服务器往来的形状。名称与服务器一致（下划线）；小数一律为文字，时刻一律为 RFC 3339。 */

export type Verdict = 'conforming' | 'failing' | 'not_applicable'
export type Severity = 'minor' | 'major' | 'critical'
export type Kind = 'tri' | 'numeric' | 'count' | 'text' | 'sample_group' | 'date' | 'choice'
export type Frame = 'project' | 'enterprise_site'
export type Attitude = 'signs' | 'disagrees' | 'refuses'
export type Source = 'double_random' | 'campaign' | 'individual' | 'reinspection' | 'unannounced'
export type Act = 'received' | 'started' | 'refused' | 'unreachable' | 'stopped'
export type Datum = 'wgs84' | 'cgcs2000' | 'gcj02' | 'bd09' | 'unknown'

/** 样品组：检样、备样、封条编号与各块数值。 */
export interface SampleGroup {
  sample_no: string
  spare_no?: string
  seal_no?: string
  values?: string[]
}

export type InputValue = string | boolean | string[]

/** 对一个检查项的作答；只写填过的项，小数为文字。 */
export interface Answer {
  item_code: string
  verdict?: Verdict | null
  reason?: string
  value?: string | null
  inputs?: Record<string, InputValue>
  count?: number | null
  text?: string
  on?: string | null
  choice?: string
  readings?: string[]
  groups?: SampleGroup[]
  photos?: string[]
  severity?: Severity | null
  severity_reason?: string
  note?: string
}

export interface Clause {
  text: string
  law: string
  law_title: string
  standard: string
  articles: string[]
  unverified: string[]
  region: string
}

/** 现场还要问的一个条件。 */
export interface InputSpec {
  name: string
  title: string
  kind: string
  unit?: string
  options?: string[]
}

/** 一条规则（空的成员不出现）；判定由 `src/rules` 负责，这里只搬运。 */
export interface Rule {
  operator: string
  rows: Record<string, unknown>[]
  specs?: InputSpec[]
  [member: string]: unknown
}

export interface Item {
  code: string
  text: string
  method: string
  answer: Kind[]
  unit: string
  limit_text: string
  choices: string[]
  checks: { rule: Rule; input: string; only: Record<string, string[]> }[]
  min_photos: number
  photo_rule: string
  photo_per: number
  severity: Severity
  basis: Clause[]
  liable: string[]
  disposition: { text: string; region: string }[]
  confidence: string
  region: string
}

export interface Section {
  no: string
  name: string
  name_en: string
  applies_to: string[]
  frames: Frame[]
  link: string
  strict: string
  items: Item[]
}

/** 检查单全文，即 `GET /field/checklists/<code>/<version>` 里的 `content`。 */
export interface ChecklistContent {
  code: string
  version: string
  title: string
  title_en: string
  scope: string
  sections: Section[]
}

export interface ChecklistBrief {
  code: string
  version: string
  title: string
  digest_sha256: string
}

export type Ring = [number, number][]

export interface TaskSubject {
  uuid: string
  code: string
  name: string
  frame: Frame
  kind: string
  region_code: string
  address: string
  stage: string | null
  status: string
  longitude: number | null
  latitude: number | null
  /** GeoJSON 多边形的环，WGS-84。 */
  boundary: Ring[] | null
  parties: { party: string; organisation: string }[]
  /** 区划名称。 */
  region?: string
}

export interface PastFinding {
  item: string
  title?: string
  outcome?: string
  severity: Severity
  state: string
  requirement: string
}

/** 派给本人的一项任务，与 `GET /field/assignments` 相同。 */
export interface Task {
  uuid: string
  state: string
  outcome: string | null
  revision: number
  starts_on: string
  due_on: string
  due_provisional: boolean
  changed_at: string
  draw: string | null
  title: string
  departments: { name: string; people: string[] }[]
  subject: TaskSubject
  checklists: ChecklistBrief[]
  officers: { uuid: string; name: string; lead: boolean; certificate_no?: string }[]
  last_check: { uuid: string; ended_on: string; checklist: string; findings: PastFinding[] } | null
}

export interface Person {
  uuid: string
  name: string
  certificate_no?: string | null
  unit?: string | null
}

/** 一个位置；坐标原样保留，注明坐标系。精度 0 为模拟或手工放置。 */
export interface Fix {
  longitude: number
  latitude: number
  accuracy_m: number | null
  datum: Datum
  age_s: number | null
  provider?: string
}

export interface Representative {
  name: string
  attitude: Attitude
  opinion?: string
  witness?: string
}

/** 封存的检查记录：`PUT /field/checks/<uuid>` 的正文。 */
/** 照片上的一笔标注；点是画面的几分之几。 */
export interface Mark {
  shape: 'circle' | 'arrow' | 'line'
  points: [number, number][]
}

export interface CheckBody {
  subject: string
  checklist: { code: string; version: string }
  source: Source
  assignment: string | null
  officers: string[]
  started_at: string
  ended_at: string
  device_at: string
  fix: Fix | null
  fix_error: string
  answers: Answer[]
  photos: { uuid: string; item: string | null; sha256: string; marks?: Mark[] }[]
  representative: Representative
  remarks: string
  /** 资料包里服务器签过的时刻：检查不早于它。 */
  stamp: string
}

/** 一名执法人员自己那部分：信封 `part` 的正文。 */
export interface PartBody {
  check: string
  checklist: { code: string; version: string }
  sealed_at: string
  answers: Answer[]
  photos: CheckBody['photos']
  stamp: string
  note: string
}

/** RFC 9457 的问题说明。 */
export interface Problem {
  code: string
  title?: string
  detail: string
  status?: number
  facts?: Record<string, unknown>
  errors?: { pointer: string; reason: string; code?: string }[]
}
