/** 日期：ISO 文字读成 `YYYY-MM-DD`，按天推算；不用钟。 */

const LAST_YEAR = 3000
const DAY_MS = 86_400_000
const CALENDAR = /^(\d{4})(?:-(\d\d)-(\d\d)|(\d\d)(\d\d))$/
const WEEK = /^(\d{4})(?:-W(\d\d)(?:-(\d))?|W(\d\d)(\d)?)$/

/** Days since 1970-01-01; Date.UTC alone would read years below 100 as 19xx. */
function dayNumber(year: number, month: number, day: number): number {
  const at = new Date(0)
  at.setUTCFullYear(year, month - 1, day)
  return Math.round(at.getTime() / DAY_MS)
}

function dayText(number: number): string {
  return new Date(number * DAY_MS).toISOString().slice(0, 10)
}

/** A day in any ISO 8601 writing, as `YYYY-MM-DD`; null when there is no such day. */
export function isoDay(text: string): string | null {
  const found = CALENDAR.exec(text)
  if (!found) return weekDay(text)
  const [year, month, day] = [found[1], found[2] ?? found[4], found[3] ?? found[5]].map(Number) as [number, number, number]
  const plain = dayText(dayNumber(year, month, day))
  return year > 0 && plain === `${found[1]}-${found[2] ?? found[4]}-${found[3] ?? found[5]}` ? plain : null
}

function weekDay(text: string): string | null {
  const found = WEEK.exec(text)
  if (!found) return null
  const [year, week, day] = [Number(found[1]), Number(found[2] ?? found[4]), Number(found[3] ?? found[5] ?? 1)]
  if (year < 1 || week < 1 || week > weeksIn(year) || day < 1 || day > 7) return null
  const plain = dayText(firstMonday(year) + (week - 1) * 7 + day - 1)
  return /^\d{4}-/.test(plain) ? plain : null
}

/** Monday of the week that holds 4 January. */
function firstMonday(year: number): number {
  const fourth = dayNumber(year, 1, 4)
  return fourth - ((((fourth + 3) % 7) + 7) % 7)
}

function weeksIn(year: number): number {
  return (firstMonday(year + 1) - firstMonday(year)) / 7
}

/** A day a person could mean: as `isoDay`, before the year 3000. */
export function readDay(value: unknown): string | null {
  const day = typeof value === 'string' ? isoDay(value) : null
  return day !== null && Number(day.slice(0, 4)) < LAST_YEAR ? day : null
}

export function addDays(day: string, count: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  return dayText(dayNumber(year, month, date) + count)
}

/** The day of an instant in Shanghai, by which limits are chosen. */
export function shanghaiDay(at: string | number | Date): string {
  return new Date(new Date(at).getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
}
