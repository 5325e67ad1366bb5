import { describe, expect, it } from 'vitest'
import { answerWords } from '@/parts/answerWords'
import { noticeOf } from '@/parts/notice'
import { diagnosis } from '@/parts/diagnosis'
import type { PhoneState } from '@/facade'
import type { Item, Section } from '@/wire'

const item: Item = {
  code: 'RMC-03-03', text: '标准养护室温度', method: '测', answer: ['numeric'], unit: '℃', limit_text: '[18,22] ℃', choices: [],
  checks: [{ rule: { operator: 'table', rows: [{ op: 'between', min: '18', max: '22', unit: '℃' }] }, input: '', only: {} }],
  min_photos: 1, photo_rule: '', photo_per: 0, severity: 'major', liable: [], disposition: [], confidence: '', region: '',
  basis: [
    { text: 'GB/T 50081-2019', law: '', law_title: '', standard: 'GB/T 50081-2019', articles: [], unverified: [], region: '' },
    { text: '粤质条14', law: 'gd', law_title: '广东省条例', standard: '', articles: ['14'], unverified: [], region: '440000' },
    { text: '质量条例65', law: 'q', law_title: '质量条例', standard: '', articles: ['65'], unverified: ['65'], region: '' },
  ],
}
const section: Section = { no: '03', name: '试验室', name_en: '', applies_to: [], frames: ['enterprise_site'], link: '', strict: '', items: [item] }
const context = { on: '2026-11-21', region: '330206' }

describe('通知书草稿', () => {
  it('只列不符合的，写实测，不引外地的和没核对的条款', () => {
    const [point, ...rest] = noticeOf([section], { [item.code]: { item_code: item.code, value: '25' } }, context)
    expect(rest).toEqual([])
    expect(point).toMatchObject({ code: item.code, basis: 'GB/T 50081-2019', critical: false })
    expect(point.said).toContain('25')
    expect(point.said).not.toContain('不符合')
  })

  it('符合的和没填的不列', () => {
    expect(noticeOf([section], { [item.code]: { item_code: item.code, value: '20' } }, context)).toEqual([])
    expect(noticeOf([section], {}, context)).toEqual([])
  })
})

describe('作答说成话', () => {
  it('说填过的，负号用 −；没填的说没有填写', () => {
    expect(answerWords({ item_code: 'A', verdict: 'not_applicable', reason: '设计无此内容' })).toEqual(['不适用：设计无此内容'])
    expect(answerWords({ item_code: 'A', readings: ['2', '-3'], severity: 'major', count: 0 })).toEqual(['各测点：2、−3', '数量：0', '程度：较重'])
    expect(answerWords({ item_code: 'A' })).toEqual(['没有填写'])
  })
})

describe('诊断文件', () => {
  it('没有姓名、对象名称和坐标', async () => {
    const state = {
      fitness: {}, sync: { problem: null }, storage: {}, queue: [{ id: 'u', kind: 'check', title: '滨江花园', state: 'sealed', photos_done: 0, photos_total: 1, bytes_done: 0, bytes_total: 9, problem: null, receipt: null }],
      tasks: [{ units: [{ state: 'drafting' }], subject: { name: '滨江花园' } }], update: { version: '1' }, session: { name: '陈立新', login: 'chenlx', state: 'signed-in' },
      location: { state: 'fixed', fix: { longitude: 121.5, latitude: 29.8, accuracy_m: 6 } },
    } as unknown as PhoneState
    const text = await diagnosis(state).text()
    expect(JSON.parse(text)).toMatchObject({ tasks: 1, drafts: 1, queue: [{ id: 'u', bytes: [0, 9] }] })
    for (const secret of ['滨江', '陈立新', 'chenlx', '121.5']) expect(text).not.toContain(secret)
  })
})
