/** 诊断文件：版本、能力、队列与存储的数目；没有姓名、对象名称、坐标和照片。 */
import type { PhoneState } from '@/phone'

export function diagnosis(state: PhoneState): File {
  const { fitness, sync, storage, queue, tasks, update, session, location } = state
  const content = {
    made_at: new Date().toISOString(),
    version: update.version,
    fitness: { ...fitness },
    session: { state: session.state, pin: session.pin, expires_at: session.expires_at },
    sync: { ...sync, problem: sync.problem?.code ?? null },
    storage: { ...storage },
    location: { state: location.state, accuracy_m: location.fix?.accuracy_m ?? null },
    tasks: tasks.length,
    drafts: tasks.flatMap((t) => t.units).filter((u) => u.state === 'drafting').length,
    queue: queue.map((r) => ({
      id: r.id, kind: r.kind, state: r.state, photos: [r.photos_done, r.photos_total], bytes: [r.bytes_done, r.bytes_total],
      problem: r.problem?.code ?? null, receipt: r.receipt?.number ?? null,
    })),
  }
  return new File([JSON.stringify(content, null, 1)], `质鉴诊断-${content.made_at.slice(0, 10)}.json`, { type: 'application/json' })
}
