/**
 * 相机：默认用 `<input capture>` 打开系统相机，画质和 EXIF 最好；
 * 会丢照片的手机改用页内相机，它的图没有 EXIF，按页内拍摄标明。
 */
export interface InPageCamera {
  shoot(): Promise<Blob>
  close(): void
}

export interface Camera {
  /** 给 `<input type="file">` 的属性。 */
  readonly accept: string
  readonly capture: 'environment'
  inPageAvailable(): boolean
  open(video: HTMLVideoElement): Promise<InPageCamera>
}

export const webCamera: Camera = {
  accept: 'image/jpeg,image/*',
  capture: 'environment',
  inPageAvailable: () => Boolean(navigator.mediaDevices?.getUserMedia),
  async open(video) {
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: { ideal: 'environment' }, width: { ideal: 3840 }, height: { ideal: 2160 } },
    })
    video.srcObject = stream
    await video.play()
    return {
      shoot: () => frame(video),
      close() {
        for (const track of stream.getTracks()) track.stop()
        video.srcObject = null
      },
    }
  },
}

function frame(video: HTMLVideoElement): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error('相机没有给出画面'))), 'image/jpeg', 0.92)
  })
}
