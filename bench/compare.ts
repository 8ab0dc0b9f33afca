import { readFileSync } from 'node:fs'
import { options } from './options.ts'
import { type Figure, type Run, shown, table, writeInto } from './report.ts'

/** Whether the difference of two runs is within its own 95 % interval, or too small to matter. */
export const agree = (a: Figure, b: Figure): boolean =>
  Math.abs(a.value - b.value) <= Math.max(Math.hypot(a.half, b.half), a.matters)

export const compare = (first: Run, second: Run) =>
  Object.entries(first.parts).flatMap(([part, figures]) =>
    Object.entries(figures).flatMap(([name, a]) => {
      const b = second.parts[part]?.[name]
      return b ? [{ name: `${part}, ${name}`, a, b, agrees: agree(a, b) }] : []
    }),
  )

/** Prints all figures of two runs; with --write, those that disagree also go into docs/cost.md. */
export const compareFiles = (files: readonly string[]): void => {
  const [first, second] = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Run)
  if (!first || !second) throw new Error('Give the files of two runs: --compare first.json second.json')
  const all = compare(first, second)
  const different = all.filter(({ agrees }) => !agrees)
  const rowsOf = (some: typeof all) => some.map(({ name, a, b }) => [name, shown(a, 3), shown(b, 3)])
  const head = ['', 'first run', 'second run']
  const minutes = (Date.parse(second.startedAt) - Date.parse(first.startedAt)) / 60_000
  const verdict = `${all.length - different.length} of ${all.length} figures of a second run, ${minutes.toFixed(0)} minutes after the first, agree.`
  const list = different.length > 0 ? ` These do not:\n\n${table(head, rowsOf(different))}` : ''
  process.stdout.write(`${table(head, rowsOf(all))}\n\n${verdict}${list}\n`)
  if (options.write) writeInto('second run', `${verdict}${list}`)
}
