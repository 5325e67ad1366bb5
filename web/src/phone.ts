/** 核心的门面：界面只认这一个对象。约定写在 facade.ts。 */
import { readonly } from 'vue'
import { exportUnit } from './core/export'
import { examine } from './core/fitness'
import { reload } from './core/lists'
import { openUnit } from './core/openUnit'
import { watchLocation } from './core/place'
import { sendAnswer, sendReport, signMerge } from './core/reports'
import { history, search, subjectOf } from './core/search'
import { house, isOpen, lock, resumeSession, setPin, signIn, signOut, unlock } from './core/session'
import { notice, state } from './core/state'
import { beginUnit } from './core/units'
import { rescueUnsaved, retryUnsaved } from './core/unsaved'
import { applyUpdate, formOpen, registerWorker } from './core/update'
import { device } from './device'
import { advance } from './store/units'
import { instant } from './sync/instants'
import type { Phone, PhoneState } from './facade'

export type * from './facade'
export type * from './wire'

async function start(): Promise<void> {
  state.fitness = await examine()
  if (!state.fitness.database || !state.fitness.crypto) {
    state.boot = 'unfit'
    return
  }
  try {
    await resumeSession()
    state.boot = state.fitness.fit ? 'ready' : 'unfit'
  } catch (error) {
    state.boot = 'broken'
    notice(`本机资料打不开：${error instanceof Error ? error.message : '原因不明'}。请不要清除浏览器数据，联系科室。`, 'error')
  }
  listen()
  // A browser that runs without its worker still shows what is stored; it only cannot open without a network.
  await registerWorker().catch(() => (state.fitness.worker = false))
}

/** 别的标签页有变动就重读；网络有变就改状态。 */
function listen(): void {
  device().channel.hear((word) => word === 'changed' && isOpen() && void reload(house()))
  const look = () => (state.sync.online = device().network.online())
  device().network.onWake(look)
  look()
}

async function report(assignment: string, told: Parameters<Phone['report']>[1]): Promise<void> {
  const task = await house().database.get('tasks', assignment)
  if (!task) throw new Error('本机没有这项任务，请联网刷新')
  await sendReport(task, told)
}

async function askPersist(): Promise<boolean> {
  const granted = await device().storage.persist()
  state.storage.persisted = granted
  return granted
}

async function retryUnit(id: string): Promise<void> {
  const { database, runner } = house()
  const unit = await database.get('units', id)
  if (unit?.state !== 'blocked') return
  await advance(database, id, { state: unit.announced_at ? 'announced' : 'sealed', problem: null }, instant(), 'retried')
  await house().stir()
  await runner.now()
}

async function purge(): Promise<number> {
  const freed = await house().outbox.purge()
  await house().stir()
  return freed
}

function watch(subject?: string): () => void {
  let leave: (() => void) | null = null
  let left = false
  const begin = async () => {
    const about = subject ? await subjectOf(subject) : null
    if (!left) leave = watchLocation(about)
  }
  void begin()
  return () => {
    left = true
    leave?.()
  }
}

export const phone: Phone = {
  state: readonly(state) as PhoneState,
  start,
  signIn,
  signOut,
  setPin,
  unlock,
  lock,
  refresh: () => house().refresh(),
  begin: async (assignment, checklist) => openUnit(await beginUnit(assignment, checklist)),
  open: openUnit,
  report,
  answerQuestion: sendAnswer,
  signMerge,
  syncNow: () => house().runner.now(),
  retryUnit,
  exportUnit,
  retryUnsaved,
  rescueUnsaved,
  askPersist,
  purge,
  search,
  history,
  watchLocation: watch,
  formOpen,
  applyUpdate,
  get camera() {
    const { accept, capture, inPageAvailable } = device().camera
    return { accept, capture, inPage: inPageAvailable() }
  },
  openCamera: (video) => device().camera.open(video),
  dismissNotice: () => {
    state.notice = null
  },
}
