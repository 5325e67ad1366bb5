/** 核心的门面：界面只认这一个对象。 */
import { reactive } from 'vue'
import type { Phone, PhoneState } from './facade'

export type * from './facade'
export type * from './wire'

export const phone: Phone = {} as Phone
export const state = reactive<Partial<PhoneState>>({})
