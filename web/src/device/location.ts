/** 定位：打开检查单就开始，拍照时手边总有一个新鲜的位置。坐标原样保留，网页定位是 WGS-84。 */
import type { FixError } from '../facade'
import type { Fix } from '../wire'

/** 拍照时接受的定位：不超过 15 秒、精度不差于 30 米；否则再等 8 秒。 */
export const FRESH_MS = 15_000
export const SHARP_M = 30
export const PATIENCE_MS = 8_000

export interface Reading {
  fix: Fix
  /** 定位的时刻，毫秒。 */
  at: number
}

export interface Locator {
  available(): boolean
  /** 持续定位；返回停止。 */
  watch(found: (reading: Reading) => void, failed: (error: FixError) => void): () => void
}

const ERRORS: Record<number, FixError> = { 1: 'denied', 2: 'unavailable', 3: 'timeout' }

export const webLocator: Locator = {
  available: () => 'geolocation' in navigator,
  watch(found, failed) {
    if (!('geolocation' in navigator)) {
      failed('unsupported')
      return () => undefined
    }
    const id = navigator.geolocation.watchPosition(
      (position) => found(reading(position)),
      (error) => failed(ERRORS[error.code] ?? 'unavailable'),
      { enableHighAccuracy: true, maximumAge: 5_000, timeout: 30_000 },
    )
    return () => navigator.geolocation.clearWatch(id)
  },
}

function reading(position: GeolocationPosition): Reading {
  const { longitude, latitude, accuracy } = position.coords
  const fix: Fix = { longitude, latitude, accuracy_m: round(accuracy), datum: 'wgs84', age_s: 0, provider: 'browser' }
  return { fix, at: position.timestamp }
}

function round(metres: number): number | null {
  return Number.isFinite(metres) ? Math.round(metres * 10) / 10 : null
}

export function isFresh(reading: Reading, now: number): boolean {
  // Either way: a clock that was moved back makes old readings look as if they were still to come.
  return Math.abs(now - reading.at) <= FRESH_MS
}

export function isSharp(reading: Reading): boolean {
  return reading.fix.accuracy_m !== null && reading.fix.accuracy_m <= SHARP_M
}

/** 取用时的样子：写上这个位置已有几秒。 */
export function asOf(reading: Reading, now: number): Fix {
  return { ...reading.fix, age_s: Math.max(0, Math.round((now - reading.at) / 1000)) }
}
