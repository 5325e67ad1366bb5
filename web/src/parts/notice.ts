/** 通知书草稿的内容：每个不符合项一条，写要求、依据和实测。 */
import { judgeItem, isEmpty, severityOf, type Context } from '@/rules'
import type { Answer, Clause, Section } from '@/wire'
import { covers, unitWords } from './said'

export interface NoticePoint {
  code: string
  text: string
  /** 已核对的依据；没有就空着，不引没核对的条款。 */
  basis: string
  said: string
  critical: boolean
}

/** 按检查单的次序列出不符合项。 */
export function noticeOf(sections: readonly Section[], answers: Readonly<Record<string, Answer>>, context: Context): NoticePoint[] {
  const points: NoticePoint[] = []
  for (const item of sections.flatMap((s) => s.items)) {
    const answer = answers[item.code]
    if (!answer || isEmpty(answer)) continue
    const finding = judgeItem(item, answer, context)
    if (finding.outcome !== 'failing') continue
    const said = unitWords(finding.explanation.replace(/^不符合(：|$)/, '').replace(/^检查员判定不符合；?/, '').replace(/，不符合(?=；|$)/g, ''))
    const basis = item.basis.filter((c) => citable(c, context.region)).map(cited).join('、')
    points.push({ code: item.code, text: item.text, basis, said, critical: severityOf(item, answer).severity === 'critical' })
  }
  return points
}

/** 文书里只引本地区的、有名有号的、逐条核对过的条款。 */
function citable(clause: Clause, region: string): boolean {
  const named = Boolean(clause.standard || (clause.law_title && clause.articles?.length))
  return named && covers(clause.region ?? '', region) && !clause.unverified?.length
}

function cited(clause: Clause): string {
  if (clause.standard) return clause.standard
  return `《${clause.law_title.replace(/[《》]/g, '')}》${clause.articles.map((a) => `第${a}条`).join('、')}`
}
