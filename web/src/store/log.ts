/** 流水：谁在什么时候对哪个单元做了什么；与所记的事同一个事务。 */
import type { Write } from './database'
import type { Database, LogRecord } from './schema'

/** 超过这么多条就从最早的删起，免得一年的流水占满手机。 */
export const MOST_LOGGED = 5000

export async function log(transaction: Write, entry: Omit<LogRecord, 'n'>): Promise<void> {
  const n = await transaction.objectStore('log').add(entry)
  if (n > MOST_LOGGED) await transaction.objectStore('log').delete(n - MOST_LOGGED)
}

export async function logOf(database: Database, unit: string): Promise<LogRecord[]> {
  return database.getAllFromIndex('log', 'unit', unit)
}
