/** 文字：去空白、去重、取词。 */

const BLANK = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const EDGES = new RegExp(`^${BLANK}+|${BLANK}+$`, 'g')

/** Without blanks at both ends; the same blanks as the server's. */
export function strip(text: string): string {
  return text.replace(EDGES, '')
}

/** Each once, in order of first mention. */
export function once<T>(values: Iterable<T>): T[] {
  return [...new Set(values)]
}

/** A member of an object that people may name freely; never one of its prototype. */
export function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.prototype.hasOwnProperty.call(table, name) ? table[name] : undefined
}
