/** 带到现场的资料：任务、检查单、人员、服务器的时刻与上限。 */
import type { Merge, Question } from '../facade'
import type { ChecklistContent, Person, Task } from '../wire'
import { write, type Write } from './database'
import type { Database } from './schema'

export interface Facts {
  cursor: string
  etag: string
  pulled_at: string
  /** 服务器签过的时刻：此后做的事不早于它。 */
  stamp: string
  server_at: string
  skew_s: number
  people: Person[]
  merges: Merge[]
  limits: { max_photo_bytes?: number; [name: string]: unknown }
  receipt_keys: { key_id: string; public_key: string }[]
}

export async function fact<K extends keyof Facts>(database: Database, name: K): Promise<Facts[K] | undefined> {
  return (await database.get('facts', name)) as Facts[K] | undefined
}

export async function setFacts(database: Database, facts: Partial<Facts>): Promise<void> {
  await write(database, ['facts'], async (transaction) => {
    for (const [name, value] of Object.entries(facts)) await transaction.objectStore('facts').put(value, name)
  })
}

export interface Page {
  tasks: Task[]
  /** 现在的全部疑问。 */
  questions: Question[]
  facts: Partial<Facts>
  /** 现在未办结的全部任务；有了它，别的就不再是自己的。 */
  open: string[] | null
}

/** 资料包的一页：任务、疑问、游标，一个事务。任务从不删除，只标“不再列出”。 */
export async function keepPage(database: Database, page: Page): Promise<void> {
  await write(database, ['tasks', 'facts', 'questions'], async (transaction) => {
    const tasks = transaction.objectStore('tasks')
    for (const task of page.tasks) await tasks.put({ ...task, gone: !isOpen(task) })
    if (page.open) {
      const open = new Set(page.open)
      for (const task of await tasks.getAll()) {
        if (task.gone === open.has(task.uuid)) await tasks.put({ ...task, gone: !open.has(task.uuid) })
      }
    }
    await keepQuestions(transaction, page.questions)
    for (const [name, value] of Object.entries(page.facts)) await transaction.objectStore('facts').put(value, name)
  })
}

/** 换成现在的全部；我答过而答复还在路上的，仍算答过。 */
async function keepQuestions(transaction: Write, questions: Question[]): Promise<void> {
  const room = transaction.objectStore('questions')
  const answered = new Set((await room.getAll()).filter((known) => known.answered).map(({ id }) => id))
  await room.clear()
  for (const question of questions) await room.put({ ...question, answered: question.answered || answered.has(question.id) })
}

function isOpen(task: Task): boolean {
  return task.state === 'assigned' || task.state === 'started'
}

export async function keepChecklist(database: Database, content: ChecklistContent, digest: string): Promise<void> {
  await write(database, ['checklists'], async (transaction) => {
    const { code, version } = content
    await transaction.objectStore('checklists').put({ code, version, digest, content })
  })
}
