/** 界面读的全部状态；只有 core 里的模块写它。 */
import { reactive } from 'vue'
import type { PhoneState, Session } from '../facade'

export const NOBODY: Session = {
  state: 'signed-out',
  login: '',
  name: '',
  officer: null,
  certificate_no: null,
  expires_at: null,
  locked: false,
  pin: false,
}

export const state = reactive<PhoneState>({
  boot: 'starting',
  fitness: { secure: false, worker: false, database: false, locks: false, crypto: false, fit: false },
  session: { ...NOBODY },
  tasks: [],
  people: [],
  checklists: [],
  queue: [],
  sync: {
    online: true,
    running: false,
    current: null,
    waiting: null,
    next_try_at: null,
    last_contact_at: null,
    last_pull_at: null,
    clock_skew_s: null,
    clock_moved_back: false,
    unsent: 0,
    problem: null,
  },
  storage: { persisted: null, usage_bytes: null, unsent_bytes: 0, receipted_bytes: 0, full: false, nag: false },
  location: { state: 'off', fix: null, at: null, fence: 'unknown', distance_m: null },
  questions: [],
  merges: [],
  update: { waiting: false, version: __VERSION__ },
  notice: null,
})

export function notice(words: string, level: 'info' | 'warn' | 'error' = 'info'): void {
  state.notice = { words, level }
}
