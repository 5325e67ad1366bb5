/** 各种情形的样本资料：名称均为虚构。 */
import type { PhotoRow, QueueRow, TaskRow, UnitBrief } from '@/facade'
import type { Answer, Fix, Person, Ring, Task } from '@/wire'

/** 样本里的“现在”：2026-11-21 11:06:53，上海。 */
export const NOW = Date.parse('2026-11-21T11:06:53+08:00')
const DIGESTS = [
  '6e0d54a81c6d0f77e290b3c1d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607',
  '2ea5dc19b07c3f5566778899aabbccddeeff00112233445566778899aabbccdd',
  '91f3b07fe2a4c6d8e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7',
  'c40b7e55aa10ff3c2b1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b',
]
export const RECORD_DIGEST = 'a81c6d0f3b57e29dc1f4508a6be7923d01ffcc84b2a95d60e7341b8f9c2d77e2'
export const FIX: Fix = { longitude: 121.54982, latitude: 29.87431, accuracy_m: 6, datum: 'wgs84', age_s: 3 }

const ring: Ring = [
  [121.5486, 29.8738], [121.5502, 29.8735], [121.5509, 29.8742], [121.5505, 29.875], [121.5489, 29.8752], [121.5486, 29.8738],
]

export const PEOPLE: Person[] = [
  { uuid: 'o-1', name: '陈立新', certificate_no: '浙建执 0217' },
  { uuid: 'o-2', name: '沈若宁', certificate_no: '浙建执 0345' },
  { uuid: 'o-3', name: '郑海波', certificate_no: '浙建执 0408' },
]

function subject(uuid: string, name: string, address: string, frame: 'project' | 'enterprise_site' = 'project'): Task['subject'] {
  return {
    uuid, code: `NB-${uuid}`, name, frame, kind: frame === 'project' ? 'housing' : 'concrete_producer', region_code: '330206', address,
    stage: frame === 'project' ? '主体结构' : null, status: 'active', longitude: 121.5497, latitude: 29.8743, boundary: [ring],
    parties: frame === 'project'
      ? [
          { party: 'client', organisation: '甬江新城开发有限公司' },
          { party: 'contractor', organisation: '浙东建工集团有限公司' },
          { party: 'supervisor_firm', organisation: '东海工程监理有限公司' },
        ]
      : [{ party: 'concrete_producer', organisation: name }],
  }
}

const brief = (code: string, title: string) => ({ code, version: '2025.1', title, digest_sha256: DIGESTS[2] })
const CQI = brief('CQI', '住宅质量常见问题治理检查表')
const RMC = brief('RMC', '预拌混凝土质量专项检查表')

export function unit(id: string, state: UnitBrief['state'], filled: number, photos: number, list = CQI, total = 20): UnitBrief {
  return { id, assignment: `t-${id}`, checklist: list, state, filled, total, photos, changed_at: '2026-11-21T11:06:53+08:00' }
}

function task(n: number, about: Task['subject'], due: string, far: number | null, units: UnitBrief[], list = CQI): TaskRow {
  return {
    uuid: `t-${n}`, state: 'accepted', outcome: null, revision: 1, starts_on: '2026-11-16', due_on: due, due_provisional: false,
    changed_at: '2026-11-20T08:00:00+08:00', draw: `2026-03${7 - Math.min(n, 3)}`, title: list.title, departments: [], subject: about, checklists: [list],
    officers: [{ uuid: 'o-1', name: '陈立新', lead: true }, { uuid: 'o-2', name: '沈若宁', lead: false }],
    last_check: n === 1
      ? {
          uuid: 'c-0', ended_on: '2026-06-18', checklist: CQI.title,
          findings: [
            { item: 'CQI-01-02', severity: 'critical', state: 'confirmed', requirement: '厨卫、阳台、露台渗漏（蓄水24h后下层观察）' },
            { item: 'CQI-04-04', severity: 'minor', state: 'lowered', requirement: '表面平整度（2m靠尺，结构面）' },
          ],
        }
      : null,
    distance_m: far, gone: false, units,
  }
}

export const TASKS: TaskRow[] = [
  task(1, subject('s-1', '滨江花园二期 3 号楼', '江北区洪塘街道长兴路 218 号'), '2026-11-21', 80, [unit('u-1', 'drafting', 11, 3)]),
  task(2, subject('s-2', '云溪人才公寓 B 区', '江北区庄桥街道天沁路 66 号'), '2026-11-21', 2340, [unit('u-2', 'receipted', 20, 2)]),
  task(3, subject('s-3', '城北实验学校迁建工程', '江北区慈城镇环城北路 9 号'), '2026-11-23', 8650, [unit('u-3', 'drafting', 4, 3)]),
  task(4, subject('s-4', '甬东预拌混凝土有限公司', '镇海区骆驼街道聚源路 1 号', 'enterprise_site'), '2026-11-25', 16800, [], RMC),
]

export const ANSWERS: Answer[] = [
  { item_code: 'CQI-01-01', count: 0 },
  { item_code: 'CQI-01-02', count: 0 },
  { item_code: 'CQI-01-03', verdict: 'not_applicable', reason: '设计无此内容' },
  { item_code: 'CQI-01-04', count: 2, note: '3 层露台阴角两处积水，深约 8 mm', photos: ['p-1', 'p-2'] },
  { item_code: 'CQI-02-01', readings: ['0.15', '0.20', '0.42'], photos: [] },
  { item_code: 'CQI-02-02', readings: ['2', '-1', '11', '4', '-3', '6'], inputs: { member: '板' } },
  { item_code: 'CQI-02-04', value: '15' },
  { item_code: 'CQI-03-02', readings: ['0.52', '0.47', '0.61'] },
  { item_code: 'CQI-04-02', value: '5' },
  { item_code: 'CQI-04-03', readings: ['4', '-2', '7', '9', '-4', '3'] },
  { item_code: 'CQI-04-04', readings: ['3', '5', '9', '4'] },
]

export function photo(n: number, item: string | null): PhotoRow {
  return {
    id: `p-${n}`, unit: 'u-1', item, state: 'stored', source: n === 3 ? 'album' : 'camera', purpose: 'evidence', sha256: DIGESTS[(n - 1) % 4], size: 1_034_000 + n,
    mime: 'image/jpeg', file_name: `IMG_${n}.jpg`, taken_at: '2026-11-21T11:06:53+08:00', fix: n === 3 ? null : FIX, fix_error: n === 3 ? 'timeout' : null,
    exif_gps: n === 1, reduced: false, offset: 0, thumb: `/app/preview/photo-${((n - 1) % 3) + 1}.jpg`, note: n === 1 ? '露台阴角' : '',
    marks: n === 1 ? [{ shape: 'circle', points: [[0.36, 0.2], [0.66, 0.74]] }, { shape: 'arrow', points: [[0.86, 0.14], [0.68, 0.32]] }] : [],
  }
}

const receipt = {
  number: 'R-EE1364D97C3F', proof: 'signature' as const, server_at: '2026-11-21T10:41:07+08:00', record_sha256: RECORD_DIGEST,
  photos: [
    { uuid: 'p-1', sha256: DIGESTS[0], size: 742_113, arrived_at: '2026-11-21T10:40:51+08:00' },
    { uuid: 'p-2', sha256: DIGESTS[1], size: 801_220, arrived_at: '2026-11-21T10:40:58+08:00' },
  ],
  missing: [], key_id: '2026-a', text: '{}', signature: 'a1b2',
}

function queued(id: string, title: string, state: QueueRow['state'], photos: [number, number], bytes: [number, number]): QueueRow {
  return {
    id, kind: 'check', title, subtitle: '住宅质量常见问题治理检查表', state, photos_done: photos[0], photos_total: photos[1], bytes_done: bytes[0], bytes_total: bytes[1],
    changed_at: '2026-11-21T10:41:07+08:00', problem: null, receipt: state === 'receipted' ? receipt : null, purge_on: null,
  }
}

export const QUEUE: QueueRow[] = [
  queued('u-9', '滨江花园二期 3 号楼', 'uploading', [1, 3], [1_245_184, 3_102_518]),
  queued('u-2', '云溪人才公寓 B 区', 'receipted', [2, 2], [1_543_333, 1_543_333]),
  { ...queued('u-7', '东钱湖旧里改造', 'receipted', [1, 1], [862_040, 862_040]), kind: 'report', subtitle: '不配合检查', receipt: { ...receipt, number: 'R-5B07A21C94DE' } },
]
export const BLOCKED: QueueRow = {
  ...queued('u-8', '望湖家园南区 6 号楼', 'blocked', [4, 4], [5_400_120, 5_400_120]),
  problem: { code: 'check-conflict', title: '', detail: '平台上已有同一编号、内容不同的记录，本次没有收下。', status: 409 },
}
export const RECEIPT = receipt
