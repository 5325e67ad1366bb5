/** 围栏：按精度判断在里面、在边上还是在外面。距离用等距投影近似，几公里内误差小于一米。 */
import type { Fence } from '../facade'
import type { Fix, Ring, TaskSubject } from '../wire'

const METRES_PER_DEGREE = 111_319.5
/** 没有边界的对象，以中心点周围这么多米为围栏。 */
export const RADIUS_M = 200

type Point = [number, number]

export interface Placed {
  fence: Fence
  distance_m: number | null
}

/** 离对象多远：在边界内为 0，没有边界就到中心点。 */
export function distanceTo(subject: TaskSubject, fix: Fix): number | null {
  const flat = projection(fix)
  const rings = subject.boundary?.filter((ring) => ring.length > 2).map((ring) => ring.map(flat)) ?? []
  if (rings.length) return inside(rings) ? 0 : Math.min(...rings.map(toRing))
  if (subject.longitude === null || subject.latitude === null) return null
  return Math.hypot(...flat([subject.longitude, subject.latitude]))
}

/** 在不在围栏里；在外面但不远于自己的精度，算在边上。 */
export function place(subject: TaskSubject, fix: Fix): Placed {
  const distance = distanceTo(subject, fix)
  if (distance === null) return { fence: 'unknown', distance_m: null }
  const outside = subject.boundary?.length ? distance : Math.max(0, distance - RADIUS_M)
  const fence = outside === 0 ? 'inside' : outside - (fix.accuracy_m ?? 0) <= 0 ? 'edge' : 'outside'
  return { fence, distance_m: Math.round(distance) }
}

/** 以这个位置为原点，米。 */
function projection(fix: Fix): (point: Ring[number]) => Point {
  const squeeze = Math.cos((fix.latitude * Math.PI) / 180)
  return ([lon, lat]) => [
    (lon - fix.longitude) * METRES_PER_DEGREE * squeeze,
    (lat - fix.latitude) * METRES_PER_DEGREE,
  ]
}

/** 原点在不在多边形里：外环之内、内环之外，按穿越次数的奇偶。 */
function inside(rings: Point[][]): boolean {
  let odd = false
  for (const ring of rings) {
    for (const [n, [x1, y1]] of ring.entries()) {
      const [x2, y2] = ring[(n + 1) % ring.length]
      if (y1 > 0 !== y2 > 0 && x1 + ((0 - y1) / (y2 - y1)) * (x2 - x1) > 0) odd = !odd
    }
  }
  return odd
}

function toRing(ring: Point[]): number {
  return Math.min(...ring.map((from, n) => toSegment(from, ring[(n + 1) % ring.length])))
}

function toSegment([x1, y1]: Point, [x2, y2]: Point): number {
  const [dx, dy] = [x2 - x1, y2 - y1]
  const length = dx * dx + dy * dy
  const along = length ? Math.max(0, Math.min(1, -(x1 * dx + y1 * dy) / length)) : 0
  return Math.hypot(x1 + along * dx, y1 + along * dy)
}
