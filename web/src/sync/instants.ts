/** 写进记录的时刻：UTC、毫秒。手机的钟再离谱，也写成服务器读得懂的，免得封存之后被拒收。 */
import { device } from '../device'

const EARLIEST = Date.UTC(2000, 0, 2)
const LATEST = Date.UTC(2099, 11, 30)

export function instant(ms: number = device().clock.now()): string {
  return new Date(Math.min(LATEST, Math.max(EARLIEST, Number.isFinite(ms) ? ms : EARLIEST))).toISOString()
}
