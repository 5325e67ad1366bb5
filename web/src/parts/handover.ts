import type { Receipt } from '@/phone'
import { words } from '@/words'

const KEEP_MS = 60_000

/** 把一个文件交给手机：按下载处理，文件名照给。 */
export function saveFile(file: File): void {
  const address = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = address
  link.download = file.name
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(address), KEEP_MS)
}

/** 导出一份回执：原文、签名和钥匙的编号，任何人都能拿去核对。 */
export function saveReceipt(receipt: Receipt): void {
  const content = JSON.stringify({ receipt: receipt.text, signature: receipt.signature, key_id: receipt.key_id }, null, 1)
  saveFile(new File([content], `${words.receipt.title}-${receipt.number}.json`, { type: 'application/json' }))
}
