/** 假的核心：只为看样子。读 ?scene=，按情形摆出状态；写方法只改内存。 */
import { computed, reactive } from 'vue'
import type { Draft, OpenUnit, Phone, PhoneState, PhotoRow } from '@/facade'
import { isEmpty, sectionsFor } from '@/rules'
import type { Answer, ChecklistContent } from '@/wire'
import { ANSWERS, BLOCKED, FIX, NOW, PEOPLE, QUEUE, RECEIPT, RECORD_DIGEST, TASKS, photo } from './scenes'

export type * from '@/facade'
export type * from '@/wire'

const scene = new URLSearchParams(location.search).get('scene')?.split(',') ?? []
const has = (word: string) => scene.includes(word)
const RealDate = Date
/** 样本的钟停在一个时刻，截图才能逐次相同。 */
Object.assign(globalThis, {
  Date: class extends RealDate {
    constructor(...given: unknown[]) {
      super(...((given.length ? given : [NOW]) as []))
    }
    static override now(): number {
      return NOW
    }
  },
})

const state = reactive<PhoneState>({
  boot: 'starting',
  fitness: { secure: true, worker: !has('unfit'), database: true, locks: !has('unfit'), crypto: true, fit: !has('unfit') },
  session: {
    state: has('signed-out') ? 'signed-out' : has('expired') ? 'expired' : 'signed-in', login: 'chenlx', name: '陈立新', officer: 'o-1',
    certificate_no: '浙建执 0217', expires_at: null, locked: has('locked'), pin: true,
  },
  tasks: TASKS, people: PEOPLE, checklists: [],
  queue: has('blocked') ? [BLOCKED, ...QUEUE] : QUEUE,
  sync: {
    online: !has('offline'), running: !has('offline') && !has('idle'), current: has('offline') ? null : 'u-9', waiting: has('offline') ? 'offline' : has('other-tab') ? 'other-tab' : null,
    next_try_at: null, last_contact_at: '2026-11-21T11:05:00+08:00', last_pull_at: '2026-11-21T08:02:00+08:00', clock_skew_s: has('clock') ? 86_520 : 1,
    clock_moved_back: false, unsent: has('offline') ? 1 : 0, problem: null,
  },
  storage: { persisted: !has('unprotected'), usage_bytes: 9_000_000, unsent_bytes: 6_204_000, receipted_bytes: 1_543_333, full: false, nag: has('nag') },
  location: has('denied')
    ? { state: 'denied', fix: null, at: null, fence: 'unknown', distance_m: null }
    : { state: 'fixed', fix: FIX, at: NOW, fence: has('outside') ? 'outside' : 'inside', distance_m: has('outside') ? 236 : 0 },
  questions: has('question')
    ? [{
        id: 'q-1', check: 'u-1', title: '滨江花园二期 3 号楼，2.1', item: 'CQI-02-01', requirement: '现浇板裂缝（宽度、长度、贯穿性）', asked_at: '2026-11-21T10:58:00+08:00', answered: false,
        sides: [
          { officer: 'o-1', name: '陈立新', answer: { item_code: 'CQI-02-01', readings: ['0.15', '0.20', '0.42'], severity: 'major', photos: ['p-1'] }, replied: true },
          { officer: 'o-2', name: '沈若宁', answer: { item_code: 'CQI-02-01', readings: ['0.15', '0.20', '0.28'], note: '第三处复量 0.28' }, replied: false },
        ],
      }]
    : [],
  merges: has('question') ? [{ check: 'u-7', title: '望湖家园南区 6 号楼', merged_sha256: RECORD_DIGEST, questions: 0, signed: false }] : [],
  update: { waiting: has('update'), version: '2026.11.2' },
  notice: null,
})

async function content(): Promise<ChecklistContent> {
  const code = has('long') ? 'LONG' : has('RMC') ? 'RMC' : 'CQI'
  return (await fetch(`/app/preview/${code}.json`)).json() as Promise<ChecklistContent>
}

/** 一次检查：作答放在内存里，已填数随着变。 */
async function open(id: string): Promise<OpenUnit> {
  const checklist = await content()
  const task = TASKS.find((t) => t.units.some((u) => u.id === id)) ?? TASKS[0]
  const sections = sectionsFor(checklist, checklist.code === 'RMC' ? 'enterprise_site' : 'project', '330206')
  const items = sections.flatMap((s) => s.items)
  const answers = reactive<Record<string, Answer>>({})
  if (!has('blank')) for (const a of ANSWERS) if (items.some((i) => i.code === a.item_code)) answers[a.item_code] = a
  if (has('full')) for (const i of items) answers[i.code] ??= { item_code: i.code, verdict: 'conforming', count: 0, value: '3' }
  const sealed = has('sealed') || has('receipted')
  const signed = has('signed')
  const draft = reactive({
    id, state: has('receipted') ? 'receipted' : sealed ? 'sealed' : 'drafting', sealed, task, checklist, sections, answers,
    photos: has('blank') ? [] : [photo(1, 'CQI-01-04'), photo(2, 'CQI-01-04'), photo(3, null)], officers: has('blank') ? ['o-1'] : ['o-1', 'o-2'],
    representative: { name: has('blank') ? '' : '周建明', attitude: has('disagrees') ? 'disagrees' : 'signs', opinion: '', witness: '' }, remarks: '',
    source: 'double_random', started_at: '2026-11-21T10:02:11+08:00',
    signatures: signed ? [{ role: 'officer', who: 'o-1', photo: 'p-1' }] : [],
    filled: computed(() => items.filter((i) => answers[i.code] && !isEmpty(answers[i.code])).length), total: items.length,
    saved: has('failed')
      ? { state: 'failed', at: '2026-11-21T11:06:50+08:00', item: 'CQI-01-04', reason: '本机存储已满' }
      : { state: 'saved', at: '2026-11-21T11:06:54+08:00', item: null, reason: null },
    unsaved: has('full-disk') ? [{ id: 'x-1', item: 'CQI-01-04', size: 4_210_000, reason: 'quota' }] : [],
    lostShot: has('lost') ? { item: 'CQI-01-04', at: '2026-11-21T11:03:20+08:00' } : null,
    record_sha256: sealed ? RECORD_DIGEST : null, receipt: has('receipted') ? RECEIPT : null,
  }) as unknown as Omit<Draft, 'photos'> & { photos: PhotoRow[]; officers: string[]; representative: Draft['representative'] }
  return {
    draft: draft as unknown as Draft,
    async answer(item, patch) {
      const next: Record<string, unknown> = { ...answers[item], ...patch, item_code: item }
      for (const [name, value] of Object.entries(next)) if (value === undefined) delete next[name]
      answers[item] = next as unknown as Answer
    },
    async clear(item) { delete answers[item] },
    async cameraOpening() { performance.mark('camera') },
    async addPhoto(item) {
      const row = { ...photo(draft.photos.length + 1, item), note: '', marks: [] }
      draft.photos.push(row)
      return row
    },
    async removePhoto(gone) { draft.photos = draft.photos.filter((p) => p.id !== gone) },
    async movePhoto(moved, item) { draft.photos = draft.photos.map((p) => (p.id === moved ? { ...p, item } : p)) },
    async describePhoto(told, note, marks) { draft.photos = draft.photos.map((p) => (p.id === told ? { ...p, note, marks } : p)) },
    async photoUrl(wanted) { return draft.photos.find((p) => p.id === wanted)?.thumb ?? null },
    async dismissLostShot() { Object.assign(draft, { lostShot: null }) },
    async setOfficers(officers) { draft.officers = officers },
    async setRepresentative(who) { draft.representative = who },
    async setRemarks(text) { Object.assign(draft, { remarks: text }) },
    async sign(s) { Object.assign(draft, { signatures: [...draft.signatures, { role: s.role, who: s.who, photo: '' }] }) },
    async unsign() { Object.assign(draft, { signatures: [] }) },
    missing: () => (signed ? [] : [{ item: 'CQI-01-05', what: 'answer', words: '还有 9 项没有填', blocks: true }, { item: null, what: 'signature', words: '检查人员沈若宁还没有签名', blocks: true }, { item: 'CQI-02-02', what: 'photos', words: '2.2 影像还差 2 张', blocks: false }]),
    async seal() {
      Object.assign(draft, { sealed: true, state: 'sealed', record_sha256: RECORD_DIGEST })
      return { record_sha256: RECORD_DIGEST, sealed_at: '' }
    },
    async handIn() { performance.mark('part') },
    async discard() { performance.mark('discard') },
    close: () => undefined,
  }
}

const nothing = async () => undefined
export const phone: Phone = {
  state,
  camera: { accept: 'image/jpeg,image/*', capture: 'environment', inPage: true },
  openCamera: async () => ({ shoot: async () => new Blob(['x'], { type: 'image/jpeg' }), close: () => undefined }),
  async start() { state.boot = has('starting') ? 'starting' : has('unfit') ? 'unfit' : 'ready' },
  async signIn() { return { ok: false, problem: { code: 'sign-in-refused', detail: '账号或口令不对。' } } },
  async signOut() { return { ok: false, unsent: [QUEUE[0]], drafts: TASKS.flatMap((t) => t.units).filter((u) => u.state === 'drafting') } },
  setPin: nothing, unlock: async () => false, lock: () => { state.session.locked = true }, refresh: async () => true,
  signMerge: nothing, begin: () => open('u-1'), open, report: nothing, answerQuestion: nothing, syncNow: nothing,
  retryUnit: nothing, exportUnit: async () => new File(['{}'], 'unit.zip'), retryUnsaved: async () => false, rescueUnsaved: nothing, askPersist: async () => true, purge: async () => 0,
  search: async () => [{ kind: 'subject', id: 's-2', title: '云溪人才公寓 B 区', subtitle: '江北区庄桥街道天沁路 66 号', subject: 's-2' }],
  history: async (uuid) => {
    const found = TASKS.find((t) => t.subject.uuid === uuid)
    return found ? { subject: found.subject, last_check: found.last_check, units: found.units } : null
  },
  watchLocation: () => () => undefined, formOpen: () => undefined, applyUpdate: () => undefined, dismissNotice: () => { state.notice = null },
}
