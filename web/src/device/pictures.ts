/** 缩略图与缩小的副本；原件从不经过这里改动。 */
import { exifSegment, upright, withSegment } from './exif'

export const THUMB_PX = 320
export const REDUCED_PX = 2560

export interface Pictures {
  /** 320 像素的缩略图（JPEG）；读不出画面为 null。 */
  thumb(bytes: ArrayBuffer, mime: string): Promise<ArrayBuffer | null>
  /** 2560 像素、带着原件 EXIF 的副本（方向改为 1，因为画布已经转正）；读不出为 null。 */
  reduced(bytes: ArrayBuffer, mime: string): Promise<ArrayBuffer | null>
}

export const webPictures: Pictures = {
  thumb: (bytes, mime) => redraw(bytes, mime, THUMB_PX, 0.7),
  async reduced(bytes, mime) {
    const drawn = await redraw(bytes, mime, REDUCED_PX, 0.85)
    const segment = exifSegment(new Uint8Array(bytes))
    return drawn && segment ? withSegment(new Uint8Array(drawn), upright(segment)) : drawn
  },
}

async function redraw(bytes: ArrayBuffer, mime: string, longest: number, quality: number): Promise<ArrayBuffer | null> {
  const address = URL.createObjectURL(new Blob([bytes], { type: mime }))
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    const scale = Math.min(1, longest / Math.max(image.naturalWidth, image.naturalHeight))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale))
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale))
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality))
    return blob ? await blob.arrayBuffer() : null
  } catch {
    return null
  } finally {
    URL.revokeObjectURL(address)
  }
}
