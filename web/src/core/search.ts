/** 本机上的查找与对象的历史：离线也能用，只找得到带到手机上的。 */
import type { Phone, SearchHit } from '../facade'
import type { TaskSubject } from '../wire'
import { briefOf } from './lists'
import { house } from './session'
import { state } from './state'

const MOST_HITS = 50

/** 每个词都要出现在同一条里；不分大小写、全角半角。 */
export const search: Phone['search'] = async (text) => {
  const words = fold(text).split(/\s+/).filter(Boolean)
  if (!words.length) return []
  const tasks = await house().database.getAll('tasks')
  const hits: [string, SearchHit][] = []
  for (const { uuid, draw, title, subject } of tasks) {
    const parties = subject.parties.map(({ organisation }) => organisation).join(' ')
    const all = [subject.name, subject.code, subject.address, parties, title, draw].join(' ')
    hits.push([all, { kind: 'task', id: uuid, title: subject.name, subtitle: title || subject.address, subject: subject.uuid }])
  }
  for (const { id, title, subtitle } of state.queue) {
    hits.push([`${title} ${subtitle}`, { kind: 'unit', id, title, subtitle, subject: null }])
  }
  return hits.filter(([all]) => words.every((word) => fold(all).includes(word))).map(([, hit]) => hit).slice(0, MOST_HITS)
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

export const history: Phone['history'] = async (subject) => {
  const { database } = house()
  const tasks = (await database.getAll('tasks')).filter((task) => task.subject.uuid === subject)
  if (!tasks.length) return null
  const newest = tasks.sort((a, b) => (a.changed_at < b.changed_at ? 1 : -1))[0]
  const units = (await database.getAll('units')).filter((unit) => unit.subject === subject && unit.kind === 'check')
  const counts = await Promise.all(units.map((unit) => database.countFromIndex('photos', 'unit', unit.id)))
  const briefs = units.map((unit, n) => briefOf(unit, counts[n])).sort((a, b) => (a.changed_at < b.changed_at ? 1 : -1))
  return { subject: newest.subject, last_check: newest.last_check, units: briefs }
}

export async function subjectOf(uuid: string): Promise<TaskSubject | null> {
  const tasks = await house().database.getAll('tasks')
  return tasks.find((task) => task.subject.uuid === uuid)?.subject ?? null
}
