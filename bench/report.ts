import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { options } from './options.ts'
import { type Estimate, estimate, mean } from './statistics.ts'

export type Figure = Estimate & {
  /** A smaller difference of two runs means nothing. */
  readonly matters: number
}
export type Timed = {
  readonly title: string
  /** One value for each set. */
  readonly of: (arm: string) => readonly number[]
  readonly digits: number
  readonly matters?: number
}
/** By what they measure, in words. */
export type Figures = Readonly<Record<string, Figure>>
/** What `--json` writes and `--compare` reads. */
export type Run = { readonly startedAt: string; readonly parts: Record<string, Figures> }
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

export const shown = ({ value, half }: Estimate, digits: number): string =>
  `${value.toFixed(digits)} ± ${half.toFixed(digits)}`

const smallestShare = 0.01

/** Collects what `--compare` judges: ratios and counts. A time depends on the machine's load as much as on the code. */
export const startFigures = () => {
  const figures: Record<string, Figure> = {}
  const add = (name: string, sets: readonly number[], digits: number, matters = 0): string => {
    const one = estimate(sets)
    figures[name] = { ...one, matters: Math.max(matters, smallestShare * Math.abs(one.value)) }
    return shown(one, digits)
  }
  /** How many times the base's figure an arm's is, in the same set. The base's own figure is plain and not judged. */
  const times = (name: string, base: string, { title, of, digits, matters = 0 }: Timed): string => {
    const bases = of(base)
    const plain = mean(bases)
    if (name === base) return plain.toFixed(digits)
    const shares = of(name).map((value, set) => value / (bases[set] ?? Number.NaN))
    return `× ${add(`${name}: ${title}, × ${base}`, shares, 2, matters / plain)}`
  }
  return { figures, add, times }
}

export const machine = (): string =>
  `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.versions.node}`

const startedAt = performance.now()
export const say = (line: string): void =>
  void process.stderr.write(`${((performance.now() - startedAt) / 1e3).toFixed(0).padStart(5)} s  ${line}\n`)

const page = new URL('../docs/cost.md', import.meta.url)
const published: Run = { startedAt: new Date().toISOString(), parts: {} }

/** Replaces what stands between two marks of docs/cost.md. */
export const writeInto = (name: string, text: string): void => {
  const marks = [`<!-- ${name} -->`, `<!-- end of ${name} -->`] as const
  const [before, rest] = readFileSync(page, 'utf8').split(marks[0])
  const after = rest?.split(marks[1])[1]
  if (after === undefined) throw new Error(`docs/cost.md has no place between ${marks.join(' and ')}.`)
  writeFileSync(page, `${before}${marks[0]}\n\n${text}\n\n${marks[1]}${after}`)
}

/** Prints a part; with --json also into that file, with --write also into docs/cost.md. */
export const publish = ({ name, text, figures, pictures = {}, complaints = [] }: Part): void => {
  const all = [text, complaints.map((complaint) => `- ✖ ${complaint}`).join('\n')].filter(Boolean).join('\n\n')
  process.stdout.write(`\n${all}\n\n`)
  if (complaints.length > 0) process.exitCode = 1
  published.parts[name] = figures
  if (options.json) writeFileSync(options.json, `${JSON.stringify(published, null, 2)}\n`)
  if (!options.write) return
  writeInto(name, all)
  for (const [file, picture] of Object.entries(pictures)) writeFileSync(new URL(`pictures/${file}`, page), picture)
}
