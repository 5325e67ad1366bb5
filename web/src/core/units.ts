/** 开一次检查：编号由任务算出，所以两名检查员的手机不用商量就说的是同一次。 */
import { addUnit } from '../store/units'
import { fact } from '../store/packs'
import type { Database, UnitRecord } from '../store/schema'
import { instant } from '../sync/instants'
import { uuid8 } from '../sync/ids'
import type { ChecklistBrief, Task } from '../wire'
import { itemsFor } from './body'
import { sendReport } from './reports'
import { house } from './session'

const CLOSED: readonly string[] = ['receipted', 'purged', 'voided']
const MOST_ROUNDS = 50

/** 这项任务、这份检查单现在该用的检查：已有的草稿，或新的一次。 */
export async function beginUnit(assignment: string, checklist: string): Promise<string> {
  const { database } = house()
  const task = await database.get('tasks', assignment)
  const brief = task?.checklists.find(({ code }) => code === checklist)
  if (!task || !brief) throw new Error('本机没有这项任务，请联网刷新')
  const pack = await database.get('checklists', [brief.code, brief.version])
  if (!pack) throw new Error('检查单还没有下载到本机，请联网刷新')
  const id = await currentId(database, task, brief)
  if (await database.get('units', id)) return id
  const total = itemsFor(pack.content, task.subject).length
  await addUnit(database, await freshUnit(database, id, task, brief, total))
  if (task.state === 'assigned') await sendReport(task, { act: 'started' }, true)
  await house().stir()
  return id
}

/** 第 n 次检查：前几次已经签收，或服务器说上一次就是它，就往下数。 */
async function currentId(database: Database, task: Task, brief: ChecklistBrief): Promise<string> {
  for (let n = 0; n < MOST_ROUNDS; n++) {
    const id = await uuid8('check', task.uuid, brief.code, n)
    const known = await database.get('units', id)
    if (task.last_check?.uuid !== id && !CLOSED.includes(known?.state ?? '')) return id
  }
  throw new Error('这项任务的检查次数太多，请联系科室')
}

async function freshUnit(database: Database, id: string, task: Task, brief: ChecklistBrief, total: number): Promise<UnitRecord> {
  const now = instant()
  return {
    ...blankUnit(now),
    id,
    kind: 'check',
    check: id,
    assignment: task.uuid,
    subject: task.subject.uuid,
    checklist: brief,
    title: task.subject.name,
    subtitle: brief.title,
    officers: task.officers.map(({ uuid }) => uuid),
    envelope: id,
    stamp: (await fact(database, 'stamp')) ?? '',
    total,
  }
}

/** 各种单元共有的空白。 */
export function blankUnit(now: string): UnitRecord {
  return {
    id: '',
    kind: 'check',
    state: 'drafting',
    check: '',
    assignment: null,
    subject: null,
    checklist: null,
    title: '',
    subtitle: '',
    source: 'double_random',
    officers: [],
    representative: { name: '', attitude: 'signs', opinion: '', witness: '' },
    remarks: '',
    signatures: [],
    started_at: now,
    changed_at: now,
    envelope: '',
    stamp: '',
    camera: null,
    filled: 0,
    total: 0,
    sealed_at: null,
    record_sha256: null,
    announced_at: null,
    announced_stamp: null,
    receipted_at: null,
    problem: null,
    quiet: false,
  }
}
