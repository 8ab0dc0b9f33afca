import { type Bar, drawBars } from '../picture.ts'
import { type Figures, machine, type Part, shown, table } from '../report.ts'
import { type Estimate, estimate, median } from '../statistics.ts'
import type { ArmName } from './arm.ts'
import type { Results, Round, Sample } from './main.ts'
import { allAndTenPercent, leftOut, stockAndOurs } from './sameness.ts'

type Figure = (round: Round) => number | undefined
type Field = readonly [title: string, field: keyof Sample, digits: number]

const medianOf = (rounds: readonly Round[], of: Figure): number =>
  median(rounds.map(of).filter((value) => value !== undefined))

const costs: readonly Field[] = [
  ['CPU ms per request', 'cpuMs', 3],
  ['of a home feed', 'homeMs', 3],
  ['of a profile', 'profileMs', 3],
  ['of a like', 'likeMs', 3],
  ['kB allocated per request', 'allocatedKb', 0],
  ['resident MB', 'rssMb', 0],
]
const speeds: readonly Field[] = [
  ['requests/s, 4 connections', 'perSecondOf4', 0],
  ['16 connections', 'perSecondOf16', 0],
  ['p50 ms at a fixed rate', 'p50', 1],
  ['p99 ms', 'p99', 1],
  ['event loop late by, p99 ms', 'loopDelayP99', 1],
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
    return own && bare && own.perSecondOf4 / bare.perSecondOf4
  })

export const draw = (results: Results, names: readonly ArmName[]): Pick<Part, 'text' | 'figures' | 'pictures'> => {
  const { rounds, rate, arrived, comparisons, differences } = results
  const figures: Record<string, Estimate> = {}
  const figure = (name: ArmName, [title, field, digits]: Field): string => {
    const one = estimate(rounds, (some) => medianOf(some, (round) => round[name]?.[field]))
    figures[`${name}: ${title}`] = one
    return shown(one, digits)
  }
  const armsTable = (fields: readonly Field[]) =>
    table(
      ['arm', ...fields.map(([title]) => title)],
      names.map((name) => [name, ...fields.map((field) => figure(name, field))]),
    )
  const tables = [armsTable(costs), armsTable(speeds)]
  const ratios = names
    .filter((name) => name.startsWith('ours'))
    .map((name) => {
      const r = estimate(rounds, (some) => ratio(some, name))
      const share = estimate(rounds, (some) => throughput(some, name))
      Object.assign(figures, { [`${name}: R`]: r, [`${name}: throughput ÷ bare`]: share } satisfies Figures)
      return `- ${name}: R = ${shown(r, 2)}, throughput ÷ bare = ${shown(share, 2)}`
    })
  const sinks = names.map((name) => {
    const { sent, received } = arrived[name] as NonNullable<Results['arrived'][ArmName]>
    const perRequest = (count: number) => (count / sent.requests).toFixed(2)
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
  const bars = names.map((name): Bar => ({ label: name, ...(figures[`${name}: CPU ms per request`] as Estimate) }))
  const title = 'CPU ms per request, medians with 95 % intervals'
  const described = bars.map(({ label, median: middle }) => `${label} ${middle.toFixed(2)}`).join(', ')
  return {
    figures,
    pictures: { 'cost-server.svg': drawBars(title, bars) },
    text: [
      `${machine()}, ${rounds.length} rounds, latencies at ${rate} requests/s. Medians, with 95 % bootstrap intervals.`,
      `![${title}: ${described}](pictures/cost-server.svg)`,
      tables.join('\n\n'),
      ratios.join('\n'),
      table(
        [
          ...['at the sinks', 'requests', 'spans of requests', 'all spans', 'of statements', 'bytes per span'],
          ...['X-Ray segments', 'log lines in CloudWatch'],
        ],
        sinks,
      ),
      sameness(comparisons, differences),
    ].join('\n\n'),
  }
}

const sameness = (comparisons: readonly string[], differences: readonly string[]): string => {
  const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n')
  const expected = [...stockAndOurs, ...allAndTenPercent].map(({ reason }) => reason)
  return [
    'Before each set the same requests go to each arm, and what their vendors got is compared: names, parents, attributes and values.',
    list(comparisons),
    `Unexpected differences: ${differences.length === 0 ? 'none' : differences.length}. Expected are these:`,
    list([leftOut, ...expected]),
  ].join('\n\n')
}

/** What should have arrived and did not. A blind arm is not a fast arm. */
export const complaintsIn = ({ arrived, differences }: Results): string[] => [
  ...differences.slice(0, 20),
  ...Object.entries(arrived).flatMap(([name, { sent, received }]) => {
    // A refused request has a log line and perhaps a trace.
    if (sent.refused > 0) return [`${name}: ${sent.refused} requests were refused`]
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
  }),
]
