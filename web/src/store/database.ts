/** 打开本机数据库；写事务一律严格落盘，完成之后才算存上。 */
import { openDB, type IDBPTransaction, type StoreNames } from 'idb'
import { STEPS, VERSION, type Database, type UserSchema } from './schema'

export type Room = StoreNames<UserSchema>
export type Write = IDBPTransaction<UserSchema, Room[], 'readwrite'>

/** 写不下：设备存满了。字节还在内存里，由调用者决定怎么办。 */
export class StorageFull extends Error {
  override readonly name = 'StorageFull'
}

export function databaseName(login: string): string {
  return `zhijian-user-${login}`
}

export async function openDatabase(login: string, onBlocking: () => void = () => undefined): Promise<Database> {
  const database: Database = await openDB<UserSchema>(databaseName(login), VERSION, {
    upgrade(opened, from, _to, upgrade) {
      for (const step of STEPS.slice(from)) step(opened, upgrade)
    },
    blocking() {
      // Another tab carries a newer release: let it upgrade, this tab must reload.
      database.close()
      onBlocking()
    },
  })
  return database
}

function isQuota(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError'
}

/**
 * 在一个事务里做完 `work`；事务完成后才返回它的结果。
 *
 * 存满时抛 StorageFull；其他失败原样抛出。无论哪种，事务里的写入全部不算。
 */
export async function write<T>(
  database: Database,
  rooms: Room[],
  work: (transaction: Write) => Promise<T>,
): Promise<T> {
  const transaction = database.transaction(rooms, 'readwrite', { durability: 'strict' })
  const done = transaction.done.then(
    () => null,
    (error: unknown) => ({ error }),
  )
  try {
    const result = await work(transaction)
    const failed = await done
    if (failed) throw failed.error ?? new Error('存储没有完成')
    return result
  } catch (error) {
    abort(transaction)
    await done
    if (isQuota(error) || isQuota(transaction.error)) throw new StorageFull('本机存储已满', { cause: error })
    throw error
  }
}

function abort(transaction: Write): void {
  try {
    transaction.abort()
  } catch {
    // It has ended already; nothing of it was kept.
  }
}
