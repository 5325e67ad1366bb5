/** 判定：手机与服务器同一套规矩、同一份例子。 */

export { badNumbers, isEmpty } from './answers'
export { shanghaiDay } from './days'
export { checkSentence, OUTCOME_WORDS, SEVERITY_WORDS, VERDICT_WORDS } from './findings'
export type { Finding, Outcome, RowCheck } from './findings'
export { gauge } from './gauge'
export type { Gauge, GaugePoint } from './gauge'
export { itemsFor, judgeChecklist, judgeItem, photosRequired, sectionsFor, severityOf, unanswered } from './judge'
export type { CheckContext, Context } from './judge'
export { regionCovers } from './limits'
export { askedInputs, limitLines, limitText, passRate, requiredInputs, stillMissing } from './live'
export type { LimitLine, Missing, PassRate } from './live'
export { canonicalText, compareNumbers, readTyped } from './numbers'
