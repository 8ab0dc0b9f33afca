import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { options } from './options.ts'
import type { Estimate } from './statistics.ts'

/** By what they measure, in words. */
export type Figures = Readonly<Record<string, Estimate>>
export type Part = {
  readonly name: 'server' | 'page' | 'feed' | 'observatory'
  /** Markdown for docs/cost.md. */
  readonly text: string
  readonly figures: Figures
  /** Files of docs/pictures. */
  readonly pictures?: Readonly<Record<string, string>>
  /** Why the figures are not valid. */
  readonly complaints?: readonly string[]
}

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, column) => (column === 0 ? '---' : '--:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

export const shown = ({ median, low, high }: Estimate, digits: number): string =>
  `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`

export const machine = (): string =>
  `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.versions.node}`

const startedAt = performance.now()
export const say = (line: string): void =>
  void process.stderr.write(`${((performance.now() - startedAt) / 1e3).toFixed(0).padStart(5)} s  ${line}\n`)

const page = new URL('../docs/cost.md', import.meta.url)
const published: Record<string, Figures> = {}

/** Prints a part; with --json also into that file, with --write also into docs/cost.md. */
export const publish = ({ name, text, figures, pictures = {}, complaints = [] }: Part): void => {
  const all = [text, complaints.map((complaint) => `- ✖ ${complaint}`).join('\n')].filter(Boolean).join('\n\n')
  process.stdout.write(`\n${all}\n\n`)
  if (complaints.length > 0) process.exitCode = 1
  published[name] = figures
  if (options.json) writeFileSync(options.json, `${JSON.stringify(published, null, 2)}\n`)
  if (!options.write) return
  const marks = [`<!-- ${name} -->`, `<!-- end of ${name} -->`] as const
  const [before, rest] = readFileSync(page, 'utf8').split(marks[0])
  const after = rest?.split(marks[1])[1]
  if (after === undefined) throw new Error(`docs/cost.md has no place between ${marks.join(' and ')}.`)
  writeFileSync(page, `${before}${marks[0]}\n\n${all}\n\n${marks[1]}${after}`)
  for (const [file, picture] of Object.entries(pictures)) writeFileSync(new URL(`pictures/${file}`, page), picture)
}
