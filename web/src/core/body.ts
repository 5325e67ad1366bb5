/** 封存的正文：由草稿写成服务器要的样子，并在封存之前查出服务器会拒收的地方。 */
import type { Missing } from '../facade'
import type { PhotoRecord, UnitRecord } from '../store/schema'
import type { Answer, CheckBody, ChecklistContent, Fix, Frame, Item, PartBody, SampleGroup, Section, TaskSubject } from '../wire'
import { instant } from '../sync/instants'
import { clean, decimal, isDay } from './text'

const LONG = 2000
const WORD = 200
const MOST = { photos: 50, readings: 200, groups: 40, values: 40, inputs: 40, count: 1_000_000 }
/** 一次检查的照片总数上限（含签名）。 */
export const MOST_PHOTOS = 600
const LONGEST_CHECK_MS = 7 * 86_400_000

/** 一个地方的规定管不管另一个地方：440000 管 441322，空的管全国。 */
export function covers(region: string, at: string): boolean {
  return at.startsWith(region.replace(/(00)+$/, ''))
}

/** 适用于这类对象、这个区划的节；没有题目的节不出现。 */
export function sectionsFor(checklist: ChecklistContent, frame: Frame, region: string): Section[] {
  return checklist.sections
    .filter((section) => section.frames.includes(frame))
    .map((section) => ({ ...section, items: section.items.filter((item) => covers(item.region, region)) }))
    .filter((section) => section.items.length > 0)
}

export function itemsFor(checklist: ChecklistContent, subject: TaskSubject): Item[] {
  return sectionsFor(checklist, subject.frame, subject.region_code).flatMap((section) => section.items)
}

/** 什么都没填；照片、备注不算作答。 */
export function isEmpty(answer: Answer | undefined): boolean {
  if (!answer) return true
  const facts = [answer.verdict, answer.value || null, answer.count, answer.on]
  const lists = [answer.readings, answer.groups, Object.keys(answer.inputs ?? {})]
  return facts.every((fact) => fact === null || fact === undefined) && !answer.text && !answer.choice && lists.every((list) => !list?.length)
}

/** 一份作答的定稿：去掉空的，文字收拾干净，数字写成规范的。 */
export function finalAnswer(answer: Answer, photos: string[]): Answer {
  const final: Answer = { item_code: answer.item_code }
  if (answer.verdict) final.verdict = answer.verdict
  if (answer.severity) final.severity = answer.severity
  for (const name of ['reason', 'text', 'severity_reason', 'note'] as const) {
    const text = clean(answer[name] ?? '', LONG)
    if (text) final[name] = text
  }
  const choice = clean(answer.choice ?? '', WORD)
  if (choice) final.choice = choice
  if (answer.value) final.value = decimal(answer.value)
  if (typeof answer.count === 'number') final.count = answer.count
  if (answer.on) final.on = answer.on
  const inputs = finalInputs(answer.inputs ?? {})
  if (Object.keys(inputs).length) final.inputs = inputs
  if (answer.readings?.length) final.readings = numbers(answer.readings).slice(0, MOST.readings)
  if (answer.groups?.length) final.groups = answer.groups.slice(0, MOST.groups).map(finalGroup)
  if (photos.length) final.photos = photos.slice(0, MOST.photos)
  return final
}

function numbers(texts: string[]): string[] {
  return texts.map(decimal).filter((text): text is string => text !== null)
}

function finalGroup(group: SampleGroup): SampleGroup {
  const final: SampleGroup = { sample_no: clean(group.sample_no, 60) }
  const spare = clean(group.spare_no ?? '', 60)
  const seal = clean(group.seal_no ?? '', 60)
  if (spare) final.spare_no = spare
  if (seal) final.seal_no = seal
  if (group.values?.length) final.values = numbers(group.values).slice(0, MOST.values)
  return final
}

function finalInputs(inputs: NonNullable<Answer['inputs']>): NonNullable<Answer['inputs']> {
  const final: NonNullable<Answer['inputs']> = {}
  for (const [name, value] of Object.entries(inputs).slice(0, MOST.inputs)) {
    if (typeof value === 'boolean') final[name] = value
    else if (Array.isArray(value)) final[name] = value.map((word) => clean(word, WORD)).filter(Boolean)
    else if (clean(value, WORD)) final[name] = clean(value, WORD)
  }
  return final
}

// ---- what stands in the way of sealing

function faultIn(answer: Answer): string | null {
  const texts = [...(answer.value ? [answer.value] : []), ...(answer.readings ?? []), ...(answer.groups ?? []).flatMap((g) => g.values ?? [])]
  if (texts.some((text) => text.trim() !== '' && decimal(text) === null)) return '有一个数值不是数字'
  if (typeof answer.count === 'number' && !(Number.isInteger(answer.count) && answer.count >= 0 && answer.count <= MOST.count)) return '计数应为 0 到 1000000 的整数'
  if (answer.on && !isDay(answer.on)) return '日期不对'
  if (answer.groups?.some((group) => !clean(group.sample_no, 60))) return '样品组缺检样编号'
  return null
}

export interface Sheet {
  unit: UnitRecord
  items: Item[]
  answers: Record<string, Answer>
  photos: PhotoRecord[]
}

export function missingIn(sheet: Sheet): Missing[] {
  return [...sheet.items.flatMap((item) => missingOfItem(item, sheet)), ...missingPeople(sheet.unit), ...missingSignatures(sheet.unit)]
}

/** 只交自己的部分时，已有的作答里写错的地方。 */
export function faultsIn({ items, answers }: Sheet): Missing[] {
  const given = items.filter((item) => !isEmpty(answers[item.code]))
  return given.flatMap((item) => {
    const fault = faultIn(answers[item.code])
    return fault ? [gap(item.code, 'answer', fault)] : []
  })
}

function missingOfItem(item: Item, { answers, photos }: Sheet): Missing[] {
  const answer = answers[item.code]
  if (isEmpty(answer)) return [gap(item.code, 'answer', '还没有作答')]
  const fault = faultIn(answer)
  if (fault) return [gap(item.code, 'answer', fault)]
  if (answer.verdict === 'not_applicable') {
    return answer.reason?.trim() ? [] : [gap(item.code, 'answer', '不适用的理由没有写', false)]
  }
  const taken = photos.filter((photo) => photo.item === item.code).length
  const wanted = photosWanted(item, answer)
  return taken < wanted ? [gap(item.code, 'photos', `照片 ${taken}/${wanted}`, false)] : []
}

/** 这一项应有几张照片：至少几张，按处、组、点计的再乘。 */
export function photosWanted(item: Item, answer: Answer): number {
  const counted = answer.count ?? (answer.groups?.length || answer.readings?.length || 0)
  return item.photo_per ? Math.max(item.min_photos, item.photo_per * Math.max(1, counted)) : item.min_photos
}

function missingPeople({ officers, representative: who }: UnitRecord): Missing[] {
  const found: Missing[] = []
  if (new Set(officers).size < 2) found.push(gap(null, 'officers', '现场检查至少两名执法人员'))
  if (who.attitude !== 'refuses' && !clean(who.name, 64)) found.push(gap(null, 'representative', '被检单位代表的姓名没有写'))
  if (who.attitude !== 'signs' && !clean(who.opinion ?? '', 1000)) {
    found.push(gap(null, 'opinion', who.attitude === 'refuses' ? '拒签的请注明情况' : '不同意见没有写'))
  }
  return found
}

function missingSignatures({ officers, representative, signatures }: UnitRecord): Missing[] {
  const signed = new Set(signatures.map(({ role, who }) => `${role} ${role === 'officer' ? who : ''}`))
  const found = officers.filter((who) => !signed.has(`officer ${who}`)).map(() => gap(null, 'signature', '有执法人员没有签名'))
  if (representative.attitude !== 'refuses' && !signed.has('representative ')) {
    found.push(gap(null, 'signature', '被检单位代表没有签名'))
  }
  return found
}

function gap(item: string | null, what: Missing['what'], words: string, blocks = true): Missing {
  return { item, what, words, blocks }
}

// ---- the body

export interface Moment {
  now: number
  fix: Fix | null
  fix_error: string
}

export function buildBody(sheet: Sheet, moment: Moment): CheckBody {
  const { unit } = sheet
  const times = timesOf(unit, moment.now)
  return {
    subject: unit.subject ?? '',
    checklist: checklistOf(unit),
    source: unit.source,
    assignment: unit.assignment,
    officers: unit.officers,
    started_at: times.started_at,
    ended_at: times.ended_at,
    device_at: times.ended_at,
    fix: moment.fix,
    fix_error: moment.fix_error,
    ...statementsOf(sheet),
    representative: finalRepresentative(unit),
    remarks: clean([unit.remarks, notesOf(sheet.photos, null), times.words].filter(Boolean).join('\n'), 4000),
    stamp: unit.stamp,
  }
}

/** 只交自己的部分。 */
export function buildPart(sheet: Sheet, now: number, note: string): PartBody {
  const { unit } = sheet
  const sealed_at = instant(now)
  return { check: unit.check, checklist: checklistOf(unit), sealed_at, ...statementsOf(sheet), stamp: unit.stamp, note: clean(note, LONG) }
}

function checklistOf({ checklist }: UnitRecord): CheckBody['checklist'] {
  return { code: checklist?.code ?? '', version: checklist?.version ?? '' }
}

/** 照片的备注随所属检查项的备注一起交。 */
function withNotes(answer: Answer, photos: PhotoRecord[], item: string): Answer {
  const notes = notesOf(photos, item)
  return notes ? { ...answer, note: [answer.note, notes].filter(Boolean).join('\n') } : answer
}

/** 这一项（null 为不属于哪项）的照片的备注，按拍摄先后。 */
function notesOf(photos: PhotoRecord[], item: string | null): string {
  const own = photos.filter((photo) => photo.item === item && photo.purpose === 'evidence')
  return own.map((photo, n) => (photo.note.trim() ? `照片 ${n + 1}：${photo.note.trim()}` : '')).filter(Boolean).join('\n')
}

/** 作答与照片，次序照检查单。 */
function statementsOf({ items, answers, photos }: Sheet): Pick<CheckBody, 'answers' | 'photos'> {
  const given = items.filter((item) => !isEmpty(answers[item.code]))
  const byItem = (code: string) => photos.filter((photo) => photo.item === code).map((photo) => photo.id)
  return {
    answers: given.map((item) => finalAnswer({ ...withNotes(answers[item.code], photos, item.code), item_code: item.code }, byItem(item.code))),
    photos: photos.map(({ id, item, sha256, marks }) => ({ uuid: id, item, sha256, ...(marks.length ? { marks } : {}) })),
  }
}

function finalRepresentative({ representative: who }: UnitRecord): CheckBody['representative'] {
  const texts = { opinion: clean(who.opinion ?? '', 1000), witness: clean(who.witness ?? '', 64) }
  return { name: clean(who.name, 64), attitude: who.attitude, ...texts }
}

/** 钟被往回拨过就以封存时刻为始；填了七天以上的，从七天前算起并在备注里写明。 */
function timesOf(unit: UnitRecord, now: number): { started_at: string; ended_at: string; words: string } {
  const began = Math.min(Date.parse(unit.started_at), now)
  const started = Math.max(began, now - LONGEST_CHECK_MS)
  const words = started > began ? `本次检查自 ${unit.started_at.slice(0, 10)} 开始填写。` : ''
  return { started_at: instant(started), ended_at: instant(now), words }
}
