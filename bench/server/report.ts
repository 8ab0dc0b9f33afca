import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import type { ArmName } from './arm.ts'
import type { Results, Round, Sample } from './main.ts'
import { type Estimate, estimate, median } from './statistics.ts'

type Figure = (round: Round) => number | undefined

const medianOf = (rounds: readonly Round[], of: Figure): number =>
  median(rounds.map(of).filter((value) => value !== undefined))

const figureOf = (results: Results, name: ArmName, field: keyof Sample): Estimate =>
  estimate(results.rounds, (rounds) => medianOf(rounds, (round) => round[name]?.[field]))

const shown = ({ median: middle, low, high }: Estimate, digits: number): string =>
  `${middle.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`

const fields: readonly (readonly [title: string, field: keyof Sample, digits: number])[] = [
  ['CPU ms per request', 'cpuMs', 3],
  ['requests/s, four connections', 'perSecond', 0],
  ['p99 ms', 'p99', 1],
  ['event loop late by, p99 ms', 'loopDelayP99', 1],
  ['kB allocated per request', 'allocatedKb', 0],
  ['resident MB', 'rssMb', 0],
]

/** (ours − bare) ÷ (stock with four − bare). */
const ratio = (rounds: readonly Round[], ours: ArmName): number => {
  const cpu = (name: ArmName) => medianOf(rounds, (round) => round[name]?.cpuMs)
  return (cpu(ours) - cpu('bare')) / (cpu('stock with four') - cpu('bare'))
}

/** Ours ÷ bare, in the same round. */
const throughput = (rounds: readonly Round[], ours: ArmName): number =>
  medianOf(rounds, (round) => {
    const [own, bare] = [round[ours], round.bare]
    return own && bare && own.perSecond / bare.perSecond
  })

export const draw = (results: Results, names: readonly ArmName[]): string => {
  const { rounds, byKind, arrived } = results
  const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
    [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  const arms = table(
    ['arm', ...fields.map(([title]) => title)],
    names.map((name) => [name, ...fields.map(([, field, digits]) => shown(figureOf(results, name, field), digits))]),
  )
  const ratios = names
    .filter((name) => name.startsWith('ours'))
    .map((name) => {
      const r = shown(
        estimate(rounds, (some) => ratio(some, name)),
        2,
      )
      const share = shown(
        estimate(rounds, (some) => throughput(some, name)),
        2,
      )
      return `- ${name}: R = ${r}, throughput ÷ bare = ${share}`
    })
  const kinds = Object.entries(byKind).map(([kind, cpu]) => [
    kind,
    ...names.map((name) => cpu[name]?.toFixed(3) ?? '–'),
  ])
  const sinks = names.map((name) => {
    const { sent, received } = arrived[name] as NonNullable<Results['arrived'][ArmName]>
    const perRequest = (count: number, digits = 2) => (count / sent.requests).toFixed(digits)
    return [
      name,
      String(sent.requests),
      perRequest(received.requestSpans),
      perRequest(received.spans),
      perRequest(received.statementSpans),
      received.spans === 0 ? '–' : (received.spanBytes / received.spans).toFixed(0),
      perRequest(received.segments),
      perRequest(received.lines),
    ]
  })
  return [
    `${results.date}, ${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.versions.node}, ${rounds.length} rounds. Medians, with 95 % bootstrap intervals.`,
    arms,
    ratios.join('\n'),
    ...(kinds.length > 0 ? [table(['CPU ms per request', ...names], kinds)] : []),
    table(
      [
        ...['at the sinks', 'requests', 'spans of requests', 'all spans', 'of statements', 'bytes per span'],
        ...['X-Ray segments', 'log lines in CloudWatch'],
      ],
      sinks,
    ),
  ].join('\n\n')
}

/** What should have arrived and did not. A blind arm is not a fast arm. */
export const complaintsIn = ({ arrived }: Results): string[] =>
  Object.entries(arrived).flatMap(([name, { sent, received }]) => {
    const lines = sent.requests + sent.homes
    const isWhole = (count: number, expected: number) => Math.abs(count - expected) <= 0.002 * expected
    const all = [
      ...(name.includes('10') || name === 'bare' || isWhole(received.requestSpans, sent.requests)
        ? []
        : [`${received.requestSpans} spans of ${sent.requests} requests`]),
      ...(!name.includes('four') || isWhole(received.segments, sent.requests)
        ? []
        : [`${received.segments} segments of ${sent.requests} requests`]),
      ...(!name.includes('four') || isWhole(received.lines, lines) ? [] : [`${received.lines} of ${lines} log lines`]),
      ...received.refused.slice(0, 3),
    ]
    return all.map((complaint) => `${name}: ${complaint}`)
  })

const page = new URL('../../docs/cost.md', import.meta.url)
const marks = ['<!-- server -->', '<!-- end of server -->'] as const

export const writePage = (tables: string): void => {
  const text = readFileSync(page, 'utf8')
  const [before] = text.split(marks[0])
  const [, after] = text.split(marks[1])
  writeFileSync(page, `${before}${marks[0]}\n\n${tables}\n\n${marks[1]}${after}`)
}
