/** 明暗：随系统、浅色、深色、强光；只是这部手机的喜好，存在本机。 */
import { ref } from 'vue'

export type Look = 'auto' | 'light' | 'dark' | 'sun'
const KEY = 'zhijian.look'
const LOOKS: Look[] = ['auto', 'light', 'dark', 'sun']

function remembered(): Look {
  try {
    const word = localStorage.getItem(KEY) as Look | null
    return word && LOOKS.includes(word) ? word : 'auto'
  } catch {
    return 'auto'
  }
}

export const look = ref<Look>(remembered())

/** 换明暗：标在根元素上，样式表按它取色。 */
export function applyLook(chosen: Look): void {
  if (chosen === 'auto') delete document.documentElement.dataset.look
  else document.documentElement.dataset.look = chosen
  try {
    localStorage.setItem(KEY, chosen)
  } catch {
    // 存不下就只管这一次
  }
}
