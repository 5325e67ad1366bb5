/** 导出一个单元：正文、照片原件、回执、流水，一样不少，给需要人工处理的情形。 */
import { device } from '../device'
import { logOf } from '../store/log'
import { photosOf } from '../store/photos'
import { answersOf } from '../store/units'
import { utf8 } from '../sync/digest'
import { house } from './session'
import { zip, type Entry } from './zip'

export async function exportUnit(id: string): Promise<File> {
  const { database } = house()
  const unit = await database.get('units', id)
  if (!unit) throw new Error('本机没有这个单元')
  const sealed = await database.get('sealed', id)
  const photos = await photosOf(database, id)
  const receipt = await database.get('receipts', id)
  const entries: Entry[] = [text('unit.json', unit), text('photos.json', photos), text('log.json', await logOf(database, id))]
  // The very bytes whose digest was announced, so that anybody can check them without this application.
  if (sealed) entries.push({ name: 'record.json', bytes: utf8(sealed.text) })
  else entries.push(text('answers.json', await answersOf(database, id)))
  if (receipt) entries.push(text('receipt.json', receipt))
  for (const photo of photos) {
    const bytes = await database.get('bytes', photo.id)
    if (bytes) entries.push({ name: `photos/${photo.id}${suffix(photo.file_name, photo.mime)}`, bytes: new Uint8Array(bytes) })
  }
  const at = new Date(device().clock.now())
  return new File([zip(entries, at)], `zhijian-${id}.zip`, { type: 'application/zip' })
}

function text(name: string, value: unknown): Entry {
  return { name, bytes: utf8(JSON.stringify(value, null, 1)) }
}

function suffix(name: string, mime: string): string {
  return /\.[A-Za-z0-9]{2,5}$/.exec(name)?.[0] ?? `.${mime.split('/')[1] ?? 'bin'}`
}
