/** 存不下的照片另找去处：分享给别的应用，或下载到手机相册。 */
export interface Rescue {
  /** 交给系统；返回是否真的给了出去。 */
  hand(file: File): Promise<boolean>
}

export const webRescue: Rescue = {
  async hand(file) {
    if (navigator.canShare?.({ files: [file] })) {
      try {
        await navigator.share({ files: [file] })
        return true
      } catch {
        // Closed without choosing, or not allowed here: fall back to a download.
      }
    }
    const address = URL.createObjectURL(file)
    const link = document.createElement('a')
    link.href = address
    link.download = file.name
    link.click()
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
    return true
  },
}
