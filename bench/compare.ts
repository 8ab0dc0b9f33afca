import { readFileSync } from 'node:fs'
import { type Figures, shown, table } from './report.ts'
import type { Estimate } from './statistics.ts'

/** Whether each run's median lies in the other run's interval. */
export const agree = (a: Estimate, b: Estimate): boolean =>
  a.low <= b.median && b.median <= a.high && b.low <= a.median && a.median <= b.high

export const compareFiles = (files: readonly string[]): void => {
  const [first, second] = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, Figures>)
  if (!first || !second) throw new Error('Give the files of two runs: --compare first.json second.json')
  const rows = Object.entries(first).flatMap(([part, figures]) =>
    Object.entries(figures).flatMap(([figure, a]) => {
      const b = second[part]?.[figure]
      return b ? [{ cells: [`${part}: ${figure}`, shown(a, 3), shown(b, 3)], agrees: agree(a, b) }] : []
    }),
  )
  const lines = rows.map(({ cells, agrees }) => [...cells, agrees ? 'yes' : 'NO'])
  process.stdout.write(`${table(['figure', 'first', 'second', 'agree'], lines)}\n\n`)
  process.stdout.write(`${rows.filter(({ agrees }) => agrees).length} of ${rows.length} figures agree\n`)
}
