/** 拍照的办法：手机自己的相机（默认，画质最好，有自带信息），或页内相机（相机一开页面就被关掉的手机用）。 */
import { ref, watch } from 'vue'

export type Way = 'phone' | 'in_page'
const KEY = 'zhijian.camera'

function remembered(): Way {
  try {
    return localStorage.getItem(KEY) === 'in_page' ? 'in_page' : 'phone'
  } catch {
    return 'phone'
  }
}

export const way = ref<Way>(remembered())
watch(way, (chosen) => {
  try {
    localStorage.setItem(KEY, chosen)
  } catch {
    // 存不下就只管这一次
  }
})
