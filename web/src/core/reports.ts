/** 不是检查记录、也要交给服务器的事：任务的一步、对疑问的答复。一次成形，直接进队列。 */
import { device } from '../device'
import { fact, setFacts } from '../store/packs'
import { addSealed } from '../store/units'
import type { PhotoRecord, SealedRecord, UnitKind, UnitRecord } from '../store/schema'
import { canonical, type Json } from '../sync/canonical'
import { sha256Hex, utf8 } from '../sync/digest'
import { instant } from '../sync/instants'
import { uuid7 } from '../sync/ids'
import type { Act, Answer, Task } from '../wire'
import { finalAnswer } from './body'
import { recordOf } from './capture'
import { takeFix } from './place'
import { house } from './session'
import { state } from './state'
import { clean } from './text'
import { blankUnit } from './units'

export interface Told {
  act: Act
  note?: string
  signers?: string[]
  photos?: Blob[]
}

const ACTS: Record<Act, string> = {
  received: '已收到任务',
  started: '开始检查',
  refused: '不配合检查',
  unreachable: '无法联系',
  stopped: '停工停产',
}

export async function sendReport(task: Task, told: Told, quiet = false): Promise<void> {
  const id = uuid7(device().clock.now())
  const photos = await Promise.all((told.photos ?? []).map((blob) => capture(id, blob)))
  const body = {
    assignment: task.uuid,
    act: told.act,
    note: clean(told.note ?? '', 2000),
    signers: told.signers ?? [],
    photos: photos.map(({ record }) => record.id),
  }
  const about = { assignment: task.uuid, subject: task.subject.uuid, title: task.subject.name, subtitle: ACTS[told.act], quiet }
  await keep(id, 'report', body, about, photos)
}

async function capture(unit: string, blob: Blob): Promise<{ record: PhotoRecord; bytes: ArrayBuffer }> {
  const bytes = await blob.arrayBuffer()
  const { fix, error } = await takeFix()
  const record = await recordOf({ unit, item: null, source: 'camera', purpose: 'evidence', file: blob, bytes })
  return { record: { ...record, fix, fix_error: error }, bytes }
}

export async function sendAnswer(question: string, answer: Answer): Promise<void> {
  const { database } = house()
  const asked = await database.get('questions', question)
  if (!asked) throw new Error('没有这个疑问，请刷新')
  const body = { question, answer: finalAnswer(answer, answer.photos ?? []) }
  const about = { check: asked.check, title: asked.title, subtitle: `答复：${asked.item}` }
  await keep(uuid7(device().clock.now()), 'question_answer', body, about, [])
  await database.put('questions', { ...asked, answered: true })
  await house().stir()
}

/** 签合并摘要：内容在此之后又变了的，服务器会拒绝，拉到新的再签。 */
export async function signMerge(check: string): Promise<void> {
  const { database } = house()
  const merges = (await fact(database, 'merges')) ?? []
  const merge = merges.find((one) => one.check === check)
  if (!merge || merge.questions > 0) throw new Error('还有疑问没有一致，不能签')
  const signed_at = instant()
  const body = { check, merged_sha256: merge.merged_sha256, signed_at }
  await keep(uuid7(device().clock.now()), 'signature', body, { check, title: merge.title, subtitle: '签署合并结果', quiet: true }, [])
  await setFacts(database, { merges: merges.map((one) => (one.check === check ? { ...one, signed: true } : one)) })
  await house().stir()
}

async function keep(
  id: string,
  kind: UnitKind,
  body: Record<string, unknown>,
  about: Partial<UnitRecord>,
  photos: { record: PhotoRecord; bytes: ArrayBuffer }[],
): Promise<void> {
  const sealed = await sealedOf(id, kind, body)
  const { sealed_at, sha256 } = sealed
  const officers = state.session.officer ? [state.session.officer] : []
  const unit: UnitRecord = { ...blankUnit(sealed_at), ...about, id, envelope: id, kind, officers, state: 'sealed', sealed_at, record_sha256: sha256 }
  await addSealed(house().database, unit, sealed, photos)
  await house().stir()
  void house().runner.ring()
}

/** 定稿：规范写法与摘要；此后一个字也不改。 */
export async function sealedOf(id: string, kind: UnitKind, body: object): Promise<SealedRecord> {
  const text = canonical(body as Json)
  const sealed_at = instant()
  return { id, kind, body: JSON.parse(text) as Record<string, unknown>, text, sha256: await sha256Hex(utf8(text)), sealed_at }
}
