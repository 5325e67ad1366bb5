/** 一份作答说成几行话，给两人核对时看。 */
import type { Answer } from '@/wire'
import { SEVERITY, minus } from './said'
import { words } from '@/words'

export function answerWords(answer: Answer): string[] {
  const lines = [
    answer.verdict && words.outcome[answer.verdict] + (answer.reason ? `：${answer.reason}` : ''),
    answer.value && `${words.item.value}：${minus(answer.value)}`,
    answer.readings?.length && `${words.item.readings}：${answer.readings.map(minus).join('、')}`,
    answer.count !== null && answer.count !== undefined && `${words.item.count}：${answer.count}`,
    answer.choice && `${words.item.choice}：${answer.choice}`,
    answer.on && `${words.item.date}：${answer.on}`,
    answer.text && `${words.item.text}：${answer.text}`,
    answer.groups?.length && words.item.groupsTaken(answer.groups.length),
    answer.severity && `${words.item.degreeShort}：${SEVERITY[answer.severity]}`,
    answer.note && `${words.item.note}：${answer.note}`,
    answer.photos?.length && words.queue.photosHere(answer.photos.length),
  ]
  const said = lines.filter((l): l is string => typeof l === 'string' && l !== '')
  return said.length ? said : [words.blankAnswer]
}
