/** 打开的一次检查给界面看的样子：由里面的记录算出，随之而变。 */
import { computed, reactive } from 'vue'
import type { Draft, PhotoRow, Saved } from '../facade'
import type { PhotoRecord, UnitRecord } from '../store/schema'
import type { Answer, ChecklistContent, Item, Section, Task } from '../wire'
import { isEmpty } from './body'

/** 一次检查打开时的全部：来自数据库，随编辑更新。 */
export interface Inside {
  unit: UnitRecord
  task: Task | null
  checklist: ChecklistContent
  sections: Section[]
  answers: Record<string, Answer>
  photos: PhotoRecord[]
  thumbs: Record<string, string>
  saved: Saved
  unsaved: Draft['unsaved']
  lostShot: Draft['lostShot']
  receipt: Draft['receipt']
}

export const FIX_WORDS = { denied: '定位被拒绝', unavailable: '定位不可用', timeout: '定位超时', unsupported: '浏览器没有定位' }

/** 去掉响应式外壳；写进数据库的必须是平常的值。 */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

export function itemsOf(sections: Section[]): Item[] {
  return sections.flatMap((section) => section.items)
}

export function facadeOf(inside: Inside): Draft {
  const filled = computed(() => itemsOf(inside.sections).filter((item) => !isEmpty(inside.answers[item.code])).length)
  const rows = computed(() => inside.photos.map((photo) => rowOf(photo, inside.thumbs[photo.id] ?? null)))
  return reactive({
    id: inside.unit.id,
    state: computed(() => inside.unit.state),
    sealed: computed(() => inside.unit.state !== 'drafting'),
    task: computed(() => inside.task),
    checklist: inside.checklist,
    sections: inside.sections,
    answers: computed(() => inside.answers),
    photos: rows,
    officers: computed(() => inside.unit.officers),
    representative: computed(() => inside.unit.representative),
    remarks: computed(() => inside.unit.remarks),
    source: inside.unit.source,
    started_at: inside.unit.started_at,
    signatures: computed(() => inside.unit.signatures),
    filled,
    total: computed(() => itemsOf(inside.sections).length),
    saved: computed(() => inside.saved),
    unsaved: computed(() => inside.unsaved),
    lostShot: computed(() => inside.lostShot),
    record_sha256: computed(() => inside.unit.record_sha256),
    receipt: computed(() => inside.receipt),
  }) as Draft
}

function rowOf(photo: PhotoRecord, thumb: string | null): PhotoRow {
  const { id, unit, item, state, source, purpose, sha256, size, mime, file_name, taken_at } = photo
  const { fix, fix_error, exif_gps, original, offset, note, marks } = photo
  const plainly = { id, unit, item, state, source, purpose, sha256, size, mime, file_name, taken_at }
  return { ...plainly, fix, fix_error, exif_gps, reduced: original !== null, offset, thumb, note, marks }
}
