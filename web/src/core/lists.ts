/** 把本机数据库里的东西读成界面要的清单。每次全读：一部手机上至多几百条，几毫秒的事。 */
import type { PhotoState, QueueRow, TaskRow, UnitBrief } from '../facade'
import { device } from '../device'
import { fact } from '../store/packs'
import type { Database, PhotoRecord, UnitRecord } from '../store/schema'
import { UNSENT } from '../store/units'
import { purgeAt } from '../sync/outbox'
import { distanceTo } from './fence'
import { state } from './state'

/** 服务器还没有全部收下、要人知道的。 */
export function isUnsent(unit: UnitRecord): boolean {
  return !unit.quiet && UNSENT.includes(unit.state)
}

const DAY_MS = 86_400_000

interface Source {
  readonly database: Database
}

export function briefOf(unit: UnitRecord, photos: number): UnitBrief {
  const { id, assignment, filled, total, changed_at } = unit
  const checklist = unit.checklist ?? { code: '', version: '', title: '' }
  return { id, assignment, checklist, state: unit.state, filled, total, photos, changed_at }
}

let reading: Promise<void> | null = null
let stale = false

/** 重读全部清单；同时来的几次合成一次。 */
export function reload(source: Source): Promise<void> {
  if (reading) {
    stale = true
    return reading
  }
  reading = read(source.database)
    .catch((error: unknown) => {
      // The database closes under a reader when the person signs out or a newer release upgrades it.
      if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error
    })
    .finally(() => {
      reading = null
      if (stale) {
        stale = false
        void reload(source)
      }
    })
  return reading
}

async function read(database: Database): Promise<void> {
  const [units, photos] = [await database.getAll('units'), await database.getAll('photos')]
  const byUnit = groupBy(photos)
  const briefs = units.filter((unit) => unit.kind === 'check' || unit.kind === 'part').map((unit) => briefOf(unit, byUnit.get(unit.id)?.length ?? 0))
  state.tasks = await tasksWith(database, briefs)
  state.queue = await Promise.all(units.filter((unit) => !unit.quiet).sort(byAge).map((unit) => rowOf(database, unit, byUnit.get(unit.id) ?? [])))
  state.sync.unsent = units.filter(isUnsent).length
  state.questions = await database.getAll('questions')
  state.merges = (await fact(database, 'merges')) ?? []
  state.people = (await fact(database, 'people')) ?? []
  state.checklists = (await database.getAll('checklists')).map(({ code, version, content }) => ({ code, version, title: content.title }))
  state.sync.last_pull_at = (await fact(database, 'pulled_at')) ?? null
  await measure(units, byUnit)
}

function groupBy(photos: PhotoRecord[]): Map<string, PhotoRecord[]> {
  const found = new Map<string, PhotoRecord[]>()
  for (const photo of photos) found.set(photo.unit, [...(found.get(photo.unit) ?? []), photo])
  return found
}

function byAge(a: UnitRecord, b: UnitRecord): number {
  return a.started_at < b.started_at ? 1 : -1
}

async function tasksWith(database: Database, briefs: UnitBrief[]): Promise<TaskRow[]> {
  const fix = state.location.fix
  const tasks = await database.getAll('tasks')
  return tasks
    .map((task) => ({
      ...task,
      distance_m: fix ? round(distanceTo(task.subject, fix)) : null,
      units: briefs.filter((brief) => brief.assignment === task.uuid),
    }))
    .filter((task) => !task.gone || task.units.some((unit) => unit.state !== 'purged'))
    .sort((a, b) => (a.due_on === b.due_on ? a.subject.name.localeCompare(b.subject.name, 'zh') : a.due_on < b.due_on ? -1 : 1))
}

function round(metres: number | null): number | null {
  return metres === null ? null : Math.round(metres)
}

const DONE: readonly PhotoState[] = ['verified', 'purged']

async function rowOf(database: Database, unit: UnitRecord, photos: PhotoRecord[]): Promise<QueueRow> {
  const receipt = (await database.get('receipts', unit.id)) ?? null
  const due = unit.state === 'receipted' && receipt ? purgeAt(unit) : null
  return {
    id: unit.id,
    kind: unit.kind,
    title: unit.title,
    subtitle: unit.subtitle,
    state: unit.state,
    photos_done: photos.filter((photo) => DONE.includes(photo.state)).length,
    photos_total: photos.length,
    bytes_done: photos.reduce((sum, photo) => sum + (DONE.includes(photo.state) ? photo.size : photo.offset), 0),
    bytes_total: photos.reduce((sum, photo) => sum + photo.size, 0),
    changed_at: unit.changed_at,
    problem: unit.problem,
    receipt,
    purge_on: due === null ? null : new Date(due).toISOString(),
  }
}

async function measure(units: UnitRecord[], byUnit: Map<string, PhotoRecord[]>): Promise<void> {
  const bytes = (wanted: (unit: UnitRecord) => boolean) =>
    units.filter(wanted).reduce((sum, unit) => sum + (byUnit.get(unit.id) ?? []).reduce((all, photo) => all + photo.size, 0), 0)
  state.storage.unsent_bytes = bytes((unit) => unit.state === 'drafting' || UNSENT.includes(unit.state))
  state.storage.receipted_bytes = bytes((unit) => unit.state === 'receipted')
  const oldest = units.filter((unit) => UNSENT.includes(unit.state)).map((unit) => Date.parse(unit.sealed_at ?? unit.started_at))
  state.storage.nag = oldest.some((at) => device().clock.now() - at > DAY_MS)
  state.storage.usage_bytes = await device().storage.usage().catch(() => null)
}
