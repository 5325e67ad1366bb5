/** 围栏示意的几何：把经纬度摊平成米，再放进 320 × 180 的画板，北在上。 */
import type { Fix, TaskSubject } from '@/wire'

const WIDTH = 320
const HEIGHT = 180
const MARGIN = 30
const METRES_PER_DEGREE = 111_320
/** 人离得太远就不画在图上，免得围栏缩成一点。 */
const FAR_M = 1500
const STEPS = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]

type Place = { x: number; y: number }

export interface Sketch {
  land: string | null
  centre: Place
  me: (Place & { r: number }) | null
  scale: { width: number; label: string }
}

/** 既没有边界也没有中心点就画不出。 */
export function sketch(subject: Pick<TaskSubject, 'boundary' | 'longitude' | 'latitude'>, fix: Fix | null): Sketch | null {
  const origin = originOf(subject)
  if (!origin) return null
  const flat = (longitude: number, latitude: number): Place => ({
    x: (longitude - origin.longitude) * METRES_PER_DEGREE * Math.cos((origin.latitude * Math.PI) / 180),
    y: (latitude - origin.latitude) * METRES_PER_DEGREE,
  })
  const rings = (subject.boundary ?? []).map((ring) => ring.map(([x, y]) => flat(x, y)))
  const mine = fix && flat(fix.longitude, fix.latitude)
  const near = mine && Math.hypot(mine.x, mine.y) < FAR_M ? mine : null
  const view = fitted([...rings.flat(), { x: 0, y: 0 }, ...(near ? [near] : [])])
  const land = rings.length ? rings.map((r) => outline(r.map(view.at))).join('') : null
  const me = near && { ...view.at(near), r: Math.max(8, (fix?.accuracy_m ?? 0) * view.scale) }
  return { land, centre: view.at({ x: 0, y: 0 }), me, scale: ruler(view.scale) }
}

function originOf(subject: Pick<TaskSubject, 'boundary' | 'longitude' | 'latitude'>): { longitude: number; latitude: number } | null {
  if (subject.longitude !== null && subject.latitude !== null) return { longitude: subject.longitude, latitude: subject.latitude }
  const first = subject.boundary?.[0]?.[0]
  return first ? { longitude: first[0], latitude: first[1] } : null
}

function fitted(points: Place[]): { at: (p: Place) => Place; scale: number } {
  const [xs, ys] = [points.map((p) => p.x), points.map((p) => p.y)]
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const scale = Math.min((WIDTH - 2 * MARGIN) / Math.max(right - left, 40), (HEIGHT - 2 * MARGIN) / Math.max(high - low, 40))
  const round = (n: number) => Math.round(n * 10) / 10
  return {
    scale,
    at: (p) => ({ x: round(WIDTH / 2 + (p.x - (left + right) / 2) * scale), y: round(HEIGHT / 2 - (p.y - (low + high) / 2) * scale) }),
  }
}

function outline(ring: Place[]): string {
  return ring.map((p, n) => `${n ? 'L' : 'M'}${p.x} ${p.y}`).join('') + 'z'
}

function ruler(scale: number): { width: number; label: string } {
  const metres = STEPS.filter((s) => s * scale <= 90).pop() ?? STEPS[0]
  return { width: Math.round(metres * scale), label: metres < 1000 ? `${metres} m` : `${metres / 1000} km` }
}
