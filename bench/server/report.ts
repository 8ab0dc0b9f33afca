import { type Bar, drawBars } from '../picture.ts'
import { machine, type Part, startFigures, table } from '../report.ts'
import { type Estimate, mean } from '../statistics.ts'
import type { ArmName } from './arm.ts'
import type { Results, Sample } from './main.ts'
import { allAndTenPercent, leftOut, stockAndOurs } from './sameness.ts'

type Field = readonly [title: string, field: keyof Sample, digits: number]

const costs: readonly Field[] = [
  ['CPU of a request', 'cpuMs', 2],
  ['CPU of a home feed', 'homeMs', 2],
  ['CPU of a profile', 'profileMs', 2],
  ['CPU of a like', 'likeMs', 2],
]
const speeds: readonly Field[] = [
  ['requests/s, 4 connections', 'perSecondOf4', 0],
  ['requests/s, 16 connections', 'perSecondOf16', 0],
  ['p50 ms at a fixed rate', 'p50', 1],
  ['p99 ms at a fixed rate', 'p99', 1],
  ['event loop late by, p99 ms', 'loopDelayP99', 1],
]
const counts: readonly Field[] = [
  ['kB allocated per request', 'allocatedKb', 0],
  ['resident MB', 'rssMb', 0],
]

/** (ours − bare) ÷ (stock with four − bare). */
const ratio = (set: Results['sets'][number], ours: ArmName): number => {
  const cpu = (name: ArmName) => set[name]?.cpuMs ?? Number.NaN
  return (cpu(ours) - cpu('bare')) / (cpu('stock with four') - cpu('bare'))
}

export const draw = (results: Results, names: readonly ArmName[]): Pick<Part, 'text' | 'figures' | 'pictures'> => {
  const { sets, rates, arrived, comparisons, differences } = results
  const { figures, add, times } = startFigures()
  const base = names[0] as ArmName
  const ofSets = (field: keyof Sample) => (name: string) =>
    sets.map((set) => set[name as ArmName]?.[field] ?? Number.NaN)
  const timesBase = (name: ArmName, fields: readonly Field[]) =>
    fields.map(([title, field, digits]) => times(name, base, { title, of: ofSets(field), digits }))
  const titles = (fields: readonly Field[]) => fields.map(([title]) => title)
  const tables = [
    table(
      ['arm', 'CPU ms per request, in that hour', ...titles(costs), ...titles(counts)],
      names.map((name) => [
        ...[name, mean(ofSets('cpuMs')(name)).toFixed(2), ...timesBase(name, costs)],
        ...counts.map(([title, field, digits]) => add(`${name}: ${title}`, ofSets(field)(name), digits)),
      ]),
    ),
    table(
      ['arm', ...titles(speeds)],
      names.map((name) => [name, ...timesBase(name, speeds)]),
    ),
  ]
  const ratios = names
    .filter((name) => name.startsWith('ours'))
    .map((name) => {
      const ratios = sets.map((set) => ratio(set, name))
      return `- ${name}: R = ${add(`${name}: R`, ratios, 2)}`
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
  const itself: Estimate = { value: 1, half: 0 }
  const bars = names.map(
    (name): Bar => ({ label: name, ...(figures[`${name}: CPU of a request, × ${base}`] ?? itself) }),
  )
  const title = `CPU of a request, as multiples of ${base}, with 95 % intervals`
  const described = bars.map(({ label, value }) => `${label} ${value.toFixed(2)}`).join(', ')
  return {
    figures,
    pictures: { 'cost-server.svg': drawBars(title, bars) },
    text: [
      `${machine()}, ${sets.length} sets, latencies at ${mean(rates).toFixed(0)} requests/s.`,
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
    'Before each set the same requests go to each arm, and what their vendors got is compared: names, parents, attributes and values. In the last set:',
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
