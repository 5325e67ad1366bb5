import { describe, expect, it } from 'vitest'
import { buildBody, buildPart, covers, faultsIn, finalAnswer, isEmpty, missingIn, photosWanted, sectionsFor, type Sheet } from '@/core/body'
import { clean, decimal, isDay } from '@/core/text'
import { canonical, type Json } from '@/sync/canonical'
import type { Answer, Item } from '@/wire'
import { AT, bytesOf, checklistOf, itemOf, OFFICERS, photoOf, unitOf } from '../helpers/records'

const NOW = Date.parse('2026-11-21T03:00:00Z')
const signed = [...OFFICERS.map((who) => ({ role: 'officer' as const, who, photo: who, strokes: [] })), { role: 'representative' as const, who: '王', photo: 'r', strokes: [] }]

async function sheetOf(answers: Record<string, Answer>, change: Partial<Sheet> = {}): Promise<Sheet> {
  const unit = unitOf({ officers: OFFICERS, signatures: signed, representative: { name: '王', attitude: 'signs' }, subject: 's', stamp: 'st' })
  const photos = [await photoOf('p1', bytesOf(10, 1), { item: 'RMC-01-01' })]
  return { unit, items: [itemOf('RMC-01-01'), itemOf('RMC-01-02')], answers, photos, ...change }
}

const whole: Record<string, Answer> = {
  'RMC-01-01': { item_code: 'RMC-01-01', verdict: 'failing', reason: ' 缺牌 ' },
  'RMC-01-02': { item_code: 'RMC-01-02', verdict: 'conforming' },
}
const words = (sheet: Sheet) => missingIn(sheet).filter(({ blocks }) => blocks).map(({ what }) => what)

describe('what people type', () => {
  it.each([
    ['２３．５', '23.5'],
    ['－7', '-7'],
    ['−0.05', '-0.05'],
    ['3。5', '3.5'],
    [' 12 ', '12'],
    ['+4', '4'],
    ['0.030', '0.030'],
    ['.5', '.5'],
  ])('%s is the number %s', (typed, plain) => expect(decimal(typed)).toBe(plain))

  it.each(['', '.', '-', '1e5', '1,000', '12a', '--1', '1.2.3', 'NaN', '1234567890123456'])('%s is no number', (typed) => expect(decimal(typed)).toBeNull())

  it('loses what the server would refuse, and nothing else', () => {
    expect(clean('\u0000a\u0007b\u007f\uffff\ud800c\ud83d\ude00\n中\tx ', 100)).toBe('abc\ud83d\ude00\n中\tx')
    expect(clean('e\u0301', 10)).toBe('\u00e9')
    expect(clean('\ud83d\ude00'.repeat(5), 3)).toBe('\ud83d\ude00'.repeat(3))
    expect(() => canonical(clean('\ud800\udc00\ud800', 10) as Json)).not.toThrow()
  })

  it.each([
    ['2026-02-28', true],
    ['2026-02-30', false],
    ['2026-2-3', false],
    ['0000-00-00', false],
  ])('the day %s: %s', (day, right) => expect(isDay(day)).toBe(right))
})

describe('an answer made final', () => {
  it('has no empty members, plain numbers and clean text', () => {
    const given: Answer = {
      ...{ item_code: 'A-01-01', verdict: null, reason: '', value: '２１５', note: ' \u0007好 ', choice: '', severity: null, on: null },
      ...{ readings: ['１', ' ', '2.50'], groups: [{ sample_no: ' 1 ', spare_no: '', values: ['３'] }], inputs: { grade: ' C30 ', use: '', ok: false, kinds: ['a', ''] } },
    }
    expect(finalAnswer(given, ['p1'])).toEqual({
      ...{ item_code: 'A-01-01', value: '215', note: '好', readings: ['1', '2.50'] },
      ...{ groups: [{ sample_no: '1', values: ['3'] }], inputs: { grade: 'C30', ok: false, kinds: ['a'] }, photos: ['p1'] },
    })
  })

  it('keeps within what the server takes', () => {
    const long: Answer = { item_code: 'A-01-01', text: '字'.repeat(3000), readings: Array(300).fill('1') as string[] }
    const final = finalAnswer(long, Array(80).fill('p') as string[])
    expect([final.text?.length, final.readings?.length, final.photos?.length]).toEqual([2000, 200, 50])
  })

  it('zero is an answer; a photo or a note alone is none', () => {
    expect(isEmpty({ item_code: 'A', count: 0 })).toBe(false)
    expect(isEmpty({ item_code: 'A', note: '看过', photos: ['p'] })).toBe(true)
    expect(isEmpty({ item_code: 'A', value: '', text: '', readings: [], inputs: {} })).toBe(true)
    expect(isEmpty(undefined)).toBe(true)
  })
})

describe('which items are asked', () => {
  it('those of this kind of subject and this region', () => {
    const local = checklistOf([itemOf('RMC-01-01'), itemOf('RMC-01-02', { region: '440000' }), itemOf('RMC-01-03', { region: '330000' })])
    expect(sectionsFor(local, 'project', '441302').flatMap(({ items }) => items.map(({ code }) => code))).toEqual(['RMC-01-01', 'RMC-01-02'])
    expect(sectionsFor(local, 'enterprise_site', '441302')).toEqual([])
  })

  it.each([
    ['', '441322', true],
    ['440000', '441322', true],
    ['441300', '441322', true],
    ['441322', '441300', false],
    ['330000', '441322', false],
  ])('a rule of %s in %s: %s', (region, at, holds) => expect(covers(region, at)).toBe(holds))

  it.each([
    [{ min_photos: 2 }, {}, 2],
    [{ min_photos: 1, photo_per: 2 }, { count: 3 }, 6],
    [{ min_photos: 5, photo_per: 1 }, { readings: ['1', '2'] }, 5],
    [{ min_photos: 0, photo_per: 1 }, {}, 1],
  ])('photos wanted', (item, answer, wanted) => {
    expect(photosWanted({ ...itemOf('A'), ...item } as Item, { item_code: 'A', ...answer })).toBe(wanted)
  })
})

describe('sealing', () => {
  it('a whole sheet lacks nothing', async () => expect(words(await sheetOf(whole))).toEqual([]))

  it('an item without an answer stands in the way', async () => {
    expect(words(await sheetOf({ 'RMC-01-01': whole['RMC-01-01'] }))).toEqual(['answer'])
  })

  it.each([
    [{ value: '12a' }],
    [{ readings: ['1', 'x'] }],
    [{ count: 1.5 }],
    [{ count: -1 }],
    [{ on: '2026-02-30' }],
    [{ groups: [{ sample_no: '' }] }],
    [{ groups: [{ sample_no: '1', values: ['?'] }] }],
  ])('so does what the server would refuse: %j', async (wrong) => {
    const answers = { ...whole, 'RMC-01-02': { item_code: 'RMC-01-02', ...wrong } as Answer }
    const sheet = await sheetOf(answers)
    expect(words(sheet)).toEqual(['answer'])
    expect(faultsIn(sheet).length).toBe(1)
  })

  it('too few photos are only a reminder', async () => {
    const sheet = await sheetOf(whole, { items: [itemOf('RMC-01-01', { min_photos: 3 }), itemOf('RMC-01-02')] })
    expect(words(sheet)).toEqual([])
    expect(missingIn(sheet)).toMatchObject([{ what: 'photos', words: '照片 1/3', blocks: false }])
  })

  it.each([
    [{ officers: [OFFICERS[0]] }, ['officers']],
    [{ officers: [OFFICERS[0], OFFICERS[0]] }, ['officers']],
    [{ representative: { name: ' ', attitude: 'signs' as const } }, ['representative']],
    [{ representative: { name: '王', attitude: 'disagrees' as const } }, ['opinion']],
    [{ representative: { name: '', attitude: 'refuses' as const, opinion: '' } }, ['opinion']],
    [{ representative: { name: '', attitude: 'refuses' as const, opinion: '拒绝签字' }, signatures: signed.slice(0, 2) }, []],
    [{ signatures: [] }, ['signature', 'signature', 'signature']],
    [{ signatures: signed.slice(0, 2) }, ['signature']],
  ])('people: %j', async (change, expected) => {
    const sheet = await sheetOf(whole)
    expect(words({ ...sheet, unit: { ...sheet.unit, ...change } })).toEqual(expected)
  })
})

describe('the body', () => {
  it('is what the server takes, member by member', async () => {
    const sheet = await sheetOf(whole)
    const body = buildBody(sheet, { now: NOW, fix: null, fix_error: '定位超时' })
    expect(Object.keys(body).sort()).toEqual(
      ['answers', 'assignment', 'checklist', 'device_at', 'ended_at', 'fix', 'fix_error', 'officers', 'photos', 'remarks', 'representative', 'source', 'stamp', 'started_at', 'subject'].sort(),
    )
    expect(body).toMatchObject({ started_at: AT, ended_at: '2026-11-21T03:00:00.000Z', fix: null, fix_error: '定位超时', stamp: 'st' })
    expect(body.answers[0]).toEqual({ item_code: 'RMC-01-01', verdict: 'failing', reason: '缺牌', photos: ['p1'] })
    expect(body.photos).toEqual([{ uuid: 'p1', item: 'RMC-01-01', sha256: sheet.photos[0].sha256 }])
  })

  it('marks go along with their photo, and their photo alone', async () => {
    const sheet = await sheetOf(whole)
    const marks = [{ shape: 'circle' as const, points: [[0.1, 0.2], [0.5, 0.625]] as [number, number][] }]
    const photos = [{ ...sheet.photos[0], marks }, ...sheet.photos.slice(1)]
    const body = buildBody({ ...sheet, photos }, { now: NOW, fix: null, fix_error: '' })
    expect(body.photos[0].marks).toEqual(marks)
    expect(body.photos.slice(1).every((photo) => !('marks' in photo))).toBe(true)
  })

  it('a clock that was moved back makes no check that ends before it begins', async () => {
    const body = buildBody(await sheetOf(whole), { now: Date.parse(AT) - 86_400_000, fix: null, fix_error: '' })
    expect(body.started_at).toBe(body.ended_at)
  })

  it('a sheet filled over more than seven days says so and stays acceptable', async () => {
    const body = buildBody(await sheetOf(whole), { now: Date.parse(AT) + 20 * 86_400_000, fix: null, fix_error: '' })
    expect(Date.parse(body.ended_at) - Date.parse(body.started_at)).toBe(7 * 86_400_000)
    expect(body.remarks).toBe('本次检查自 2026-11-21 开始填写。')
  })

  it('a clock of 1970 writes times the server can read', async () => {
    const body = buildBody(await sheetOf(whole), { now: 0, fix: null, fix_error: '' })
    expect([body.started_at, body.ended_at, body.device_at]).toEqual(Array(3).fill('2000-01-02T00:00:00.000Z'))
  })

  it('what is noted beside a photo goes along with its item, or with the remarks', async () => {
    const sheet = await sheetOf(whole)
    const [first] = sheet.photos
    const photos = [first, { ...first, id: 'p2', note: ' 东侧 ' }, { ...first, id: 'p3', item: null, note: '大门' }]
    const body = buildBody({ ...sheet, photos }, { now: NOW, fix: null, fix_error: '' })
    expect(body.answers[0].note).toBe('照片 2：东侧')
    expect(body.remarks).toBe('照片 1：大门')
  })

  it('a part holds only what this officer did', async () => {
    const part = buildPart(await sheetOf({ 'RMC-01-02': whole['RMC-01-02'] }), NOW, ' 我的 ')
    expect(part).toMatchObject({ check: unitOf().id, sealed_at: '2026-11-21T03:00:00.000Z', note: '我的', stamp: 'st' })
    expect(part.answers.map(({ item_code }) => item_code)).toEqual(['RMC-01-02'])
  })
})
