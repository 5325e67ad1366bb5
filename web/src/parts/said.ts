/** 措辞：时间、距离、字节、校验值、编号，各处写法一致。 */
import type { Clause, Severity } from '@/wire'

const DAY = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit',
  hour: '2-digit', minute: '2-digit', second: '2-digit',
})

/** 上海的年月日与时分秒：`2026-11-21 10:26:05`。 */
function shanghai(instant: string | number | Date): string {
  return DAY.format(new Date(instant))
}

/** 10:26:05 */
export function clock(instant: string | number | Date): string {
  return shanghai(instant).slice(11)
}

/** 11-21 10:26，列表里用。 */
export function shortTime(instant: string | number | Date): string {
  return shanghai(instant).slice(5, 16)
}

/** 2026-11-21，上海的日子。 */
export function dayOf(instant: string | number | Date): string {
  return shanghai(instant).slice(0, 10)
}

/** 2026 年 11 月 21 日，文书里用。 */
export function longDay(day: string): string {
  const [year, month, date] = day.split('-')
  return `${year} 年 ${Number(month)} 月 ${Number(date)} 日`
}

/** 离期限几天：今天到期、明天到期、还有 3 天、已逾期 2 天。 */
export function dueWords(due_on: string, today: string): string {
  const days = Math.round((Date.parse(due_on) - Date.parse(today)) / 86_400_000)
  if (days < 0) return `已逾期 ${-days} 天`
  if (days === 0) return '今天到期'
  return days === 1 ? '明天到期' : `${due_on.slice(5)} 到期`
}

/** 850 m、1.2 km、36 km。 */
export function distance(metres: number): string {
  if (metres < 1000) return `${Math.round(metres / 10) * 10} m`
  return `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} km`
}

/** ±6 m；没有精度就不写。 */
export function accuracy(metres: number | null): string {
  return metres === null ? '精度不明' : `±${Math.ceil(metres)} m`
}

/** 字节写成 MB，一位小数；不足 0.1 的写 KB，免得看起来是零。 */
export function megabytes(bytes: number): string {
  if (bytes > 0 && bytes < 100_000) return `${Math.max(1, Math.round(bytes / 1000))} KB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** 1.2 / 3.1 MB。已传的只舍不入，没传完不会写成传完。 */
export function progressBytes(done: number, total: number): string {
  const all = (total / 1_000_000).toFixed(1)
  return `${done >= total ? all : (Math.floor(done / 100_000) / 10).toFixed(1)} / ${all} MB`
}

/** 3,145,728 */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** 校验值的样子：a81c 6d0f … 77e2。 */
export function digestWords(sha256: string): string {
  return `${sha256.slice(0, 4)} ${sha256.slice(4, 8)} … ${sha256.slice(-4)}`
}

/** 校验值全文，四位一组。 */
export function digestGroups(sha256: string): string {
  return sha256.match(/.{1,4}/g)?.join(' ') ?? ''
}

/** RMC-02-11 写作 2.11。 */
export function shortCode(code: string): string {
  const parts = code.split('-').slice(1).map(Number)
  return parts.length && parts.every(Number.isFinite) ? parts.join('.') : code
}

/** 数字给人看：减号用 −。 */
export function minus(text: string): string {
  return text.replace(/^-/, '−')
}

/** 检查单里的限值文字给人看：<= 写作 ≤，[18,22] 写作 18～22。 */
export function limitWords(text: string): string {
  const signs = text.replace(/<=/g, '≤').replace(/>=/g, '≥').replace(/(^|；)=/g, '$1＝')
  return unitWords(minus(signs.replace(/\[(-?[\d.]+),\s*(-?[\d.]+)\]/g, (_, low: string, high: string) => `${minus(low)}～${minus(high)}`)))
}

/** 单位给人看：m3 写作 m³。 */
export function unitWords(unit: string): string {
  return unit.replace(/m2/g, 'm²').replace(/m3/g, 'm³')
}

export const SEVERITY: Record<Severity, string> = { minor: '一般', major: '较重', critical: '严重' }

const PARTIES: Record<string, string> = {
  client: '建设单位', contractor: '施工单位', supervisor_firm: '监理单位', surveyor: '勘察单位', designer: '设计单位',
  drawing_reviewer: '施工图审查机构', testing_laboratory: '检测机构', concrete_producer: '混凝土企业', supplier: '供应商',
  organiser: '组织方', authority: '主管部门', sampled_enterprise: '被抽企业',
}

/** 责任主体的中文名；不认得的照写。 */
export function partyWords(party: string): string {
  return PARTIES[party] ?? party
}

/** 本地区可以引用的依据，一行。 */
export function basisLine(basis: readonly Clause[], region: string): string {
  return basis.filter((c) => covers(c.region, region)).map((c) => c.text).join('；')
}

/** 区划代码去掉末尾成对的零后为前缀即覆盖；空的覆盖全国。 */
export function covers(outer: string, inner: string): boolean {
  return inner.startsWith(outer.replace(/(00)+$/, ''))
}

/** 还要几张照片。 */
export function photosWanted(minimum: number, rule: string, have: number): string {
  const wanted = rule || `${minimum} 张`
  return have >= minimum ? `影像要求 ${wanted}，已有 ${have} 张` : `影像要求 ${wanted}，还差 ${minimum - have} 张`
}
