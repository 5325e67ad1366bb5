/** 这个浏览器能不能离线检查：缺一样就不让开始，免得资料没处放。 */
import type { Fitness } from '../facade'
import { device } from '../device'

export async function examine(): Promise<Fitness> {
  const found = {
    secure: globalThis.isSecureContext === true,
    worker: 'serviceWorker' in navigator,
    database: await databaseWorks(),
    locks: device().locks.available(),
    crypto: globalThis.crypto?.subtle !== undefined,
  }
  return { ...found, fit: Object.values(found).every(Boolean) }
}

/** 有些浏览器有接口而打不开（无痕窗口、内嵌浏览器）：真开一次。 */
function databaseWorks(): Promise<boolean> {
  return new Promise((done) => {
    try {
      const asked = indexedDB.open('zhijian-probe', 1)
      asked.onerror = () => done(false)
      asked.onsuccess = () => {
        asked.result.close()
        done(true)
      }
    } catch {
      done(false)
    }
  })
}
