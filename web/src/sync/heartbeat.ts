/** 心跳：照片传不动时也说一声本机还有多少，供科室看“还在手机上”的名单。 */
import { device } from '../device'
import type { Database } from '../store/schema'
import { UNSENT } from '../store/units'
import { instant } from './instants'
import type { Http } from './http'

export interface Load {
  drafts: number
  sealed: number
  photos: number
  bytes: number
  oldest_at: string | null
  checks: string[]
}

/** 本机还没有签收的东西。 */
export async function loadOf(database: Database): Promise<Load> {
  const units = (await database.getAll('units')).filter((unit) => unit.state === 'drafting' || UNSENT.includes(unit.state))
  const ids = new Set(units.map((unit) => unit.id))
  const photos = (await database.getAll('photos')).filter((photo) => ids.has(photo.unit) && photo.state !== 'purged')
  return {
    drafts: units.filter((unit) => unit.state === 'drafting').length,
    sealed: units.filter((unit) => unit.state !== 'drafting').length,
    photos: photos.length,
    bytes: photos.reduce((sum, photo) => sum + photo.size, 0),
    oldest_at: units.map((unit) => unit.sealed_at ?? unit.started_at).sort()[0] ?? null,
    checks: units.filter((unit) => unit.kind === 'check' && unit.state !== 'drafting').map((unit) => unit.check),
  }
}

export async function beat(database: Database, http: Http, app: string): Promise<void> {
  const load = await loadOf(database)
  const at = instant()
  const told = { at, ...load, battery: await device().battery.level(), persisted: await device().storage.persisted(), app }
  await http.json('/api/v1/field/sync/heartbeats', { method: 'POST', body: JSON.stringify(told) })
}
