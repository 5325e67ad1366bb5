/** 这部手机自己的记录：设备编号、登录过的人。与各人的资料分开存。 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

export interface KeptSession {
  login: string
  name: string
  token: string | null
  device: string | null
  expires_at: string | null
  officer: string | null
  certificate_no: string | null
  pin: { salt: ArrayBuffer; hash: ArrayBuffer; rounds: number } | null
  seen_at: string
}

interface DeviceSchema extends DBSchema {
  facts: { key: string; value: unknown }
  sessions: { key: string; value: KeptSession }
}

export type DeviceRecord = IDBPDatabase<DeviceSchema>

export function openDeviceRecord(): Promise<DeviceRecord> {
  return openDB<DeviceSchema>('zhijian-device', 1, {
    upgrade(opened) {
      opened.createObjectStore('facts')
      opened.createObjectStore('sessions', { keyPath: 'login' })
    },
  })
}

/** 每次安装随机一个，不是硬件号。 */
export async function deviceId(record: DeviceRecord, make: () => string): Promise<string> {
  const known = await record.get('facts', 'device')
  if (typeof known === 'string') return known
  const fresh = make()
  await record.put('facts', fresh, 'device')
  return fresh
}
