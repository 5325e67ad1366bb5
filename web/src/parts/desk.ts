/** 检查单页交给各张卡片的东西：打开的检查、判定、取证。 */
import { inject, type ComputedRef, type InjectionKey, type Ref } from 'vue'
import type { OpenUnit, PhotoSource } from '@/phone'
import type { Context, Finding } from '@/rules'

export interface Desk {
  unit: OpenUnit
  /** 事实之日与区划，判定用。 */
  context: Context
  /** 每一项的判定；没有作答的为 null。 */
  judged: (code: string) => ComputedRef<Finding | null>
  /** replaces：新的一张存好之后删去的旧照片。 */
  shoot: (item: string | null, source: PhotoSource, replaces?: string) => Promise<void>
  openPhoto: (photo: string) => void
  /** 最近碰过的一项：拍照默认归它，“下一未填”从它往后找。 */
  touched: Ref<string | null>
  touch: (item: string) => void
}

export const DESK: InjectionKey<Desk> = Symbol('desk')

/** 卡片里取用；不在检查单页里就是程序错误。 */
export function useDesk(): Desk {
  const desk = inject(DESK)
  if (!desk) throw new Error('desk missing')
  return desk
}
