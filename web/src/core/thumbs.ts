/** 缩略图的 blob: 地址：要时才做，单元关闭时放掉。 */
import { device } from '../device'
import { keepThumb } from '../store/photos'
import type { Database, PhotoRecord } from '../store/schema'

export class Thumbs {
  private readonly addresses = new Map<string, string>()

  constructor(private readonly database: () => Database) {}

  /** 已有的地址；没有为 null。 */
  known(photo: string): string | null {
    return this.addresses.get(photo) ?? null
  }

  /** 取出或新做一张；读不出画面为 null。 */
  async of(photo: PhotoRecord, bytes: ArrayBuffer | null = null): Promise<string | null> {
    const known = this.addresses.get(photo.id)
    if (known) return known
    const drawn = (await this.database().get('thumbs', photo.id)) ?? (await this.draw(photo, bytes))
    if (!drawn) return null
    const address = URL.createObjectURL(new Blob([drawn], { type: 'image/jpeg' }))
    this.addresses.set(photo.id, address)
    return address
  }

  private async draw(photo: PhotoRecord, given: ArrayBuffer | null): Promise<ArrayBuffer | null> {
    const bytes = given ?? (await this.database().get('bytes', photo.id))
    const drawn = bytes ? await device().pictures.thumb(bytes, photo.mime) : null
    // Losing a thumbnail costs nothing; when storage is full the originals come first.
    if (drawn) await keepThumb(this.database(), photo.id, drawn).catch(() => undefined)
    return drawn
  }

  release(): void {
    for (const address of this.addresses.values()) URL.revokeObjectURL(address)
    this.addresses.clear()
  }
}
