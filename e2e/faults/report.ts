import type { Exit } from './exits.ts'
import type { Matrix, Row } from './matrix.ts'
import { countOf, median, quantile } from './scene.ts'
import type { StockRow } from './stock.ts'

const criteria = {
  rssGrowthMb: 32,
  sockets: 8,
  linesAMinute: 1,
  resumedSeconds: 60,
  exitSeconds: 10,
  requests: 10_000,
}
/** Larger ratios fail the run. On a busy machine, two healthy phases can differ by as much. */
const maxRatios = { p99OfAll: 1.25, cpuOfAll: 1.15, p50OfOne: 1.5, p99OfOne: 2 }

const table = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [head, head.map((_, column) => (column < 2 ? '---' : '--:')), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

const times = (ratio: number): string => `× ${ratio.toFixed(2)}`
const seconds = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : value.toFixed(1)
const wrongOf = ({ errors, different }: Pick<Row, 'errors' | 'different'>): number =>
  countOf(errors) + countOf(different)

/** The median, and the range of the middle eight in ten. */
const spreads = (pairs: Matrix['healthyPairs']): string[] =>
  (['p50', 'p99', 'cpu'] as const).map((figure) => {
    const sorted = pairs.map((pair) => pair[figure]).toSorted((a, b) => a - b)
    return `${times(median(sorted))} (${quantile(sorted, 0.1).toFixed(2)} … ${quantile(sorted, 0.9).toFixed(2)})`
  })

export const drawOurs = (matrix: Matrix, exits: readonly Exit[]): string => {
  const exitOf = (row: Row) => exits.find(({ vendor, fault }) => vendor === row.vendor && fault === row.fault)
  const pairs = matrix.rows.flatMap((row) => row.pairs)
  return [
    table(
      [
        'vendor',
        'fault',
        'pairs',
        'p50',
        'p99',
        'CPU',
        'requests',
        'wrong or missing answers',
        'RSS, MB',
        'sockets',
        'lines a minute',
        'back after, s',
        'exit',
      ],
      matrix.rows.map((row) => {
        const exit = exitOf(row)
        return [
          row.vendor,
          row.fault,
          String(row.pairs.length),
          times(median(row.pairs.map(({ p50 }) => p50))),
          times(median(row.pairs.map(({ p99 }) => p99))),
          times(median(row.pairs.map(({ cpu }) => cpu))),
          String(row.requests),
          String(wrongOf(row) + (exit?.wrongAnswers ?? 0)),
          `${row.rssGrowthMb < 0 ? '−' : '+'}${Math.abs(row.rssGrowthMb).toFixed(0)}`,
          String(row.mostSockets),
          String(row.linesAMinute),
          seconds(row.resumedSeconds),
          exit ? `${exit.code} after ${exit.seconds.toFixed(1)} s` : '–',
        ]
      }),
    ),
    '',
    `Healthy: p50 ${matrix.healthy.p50.toFixed(1)} ms, p99 ${matrix.healthy.p99.toFixed(1)} ms, ${matrix.healthy.cpu.toFixed(2)} processors.`,
    '',
    table(
      ['', 'pairs', 'p50', 'p99', 'CPU'],
      [
        ['faulted to healthy', String(pairs.length), ...spreads(pairs)],
        ['healthy to healthy: the noise', String(matrix.healthyPairs.length), ...spreads(matrix.healthyPairs)],
      ],
    ),
    '',
    `Memory of the backend: ${matrix.rssMb.first.toFixed(0)} MB when warm, ${matrix.rssMb.last.toFixed(0)} MB at the end, ${matrix.rssMb.peak.toFixed(0)} MB at most.`,
    '',
    `Accounts after ${matrix.requests} requests, with all vendors back and nothing left to send:`,
    '',
    table(
      ['signals', 'balance', 'created', 'delivered', 'queued', 'dropped', 'received by the vendor', 'received twice'],
      matrix.accounts.map((account) => [
        account.signals,
        account.isBalanced ? 'exact' : 'BROKEN',
        String(account.created),
        String(account.delivered),
        String(account.queued),
        Object.entries(account.dropped)
          .map(([reason, count]) => `${count} ${reason}`)
          .join(', ') || '0',
        String(account.taken),
        String(account.takenTwice),
      ]),
    ),
  ].join('\n')
}

export const drawStock = (rows: readonly StockRow[]): string =>
  table(
    [
      'vendor',
      'fault',
      'requests',
      'unanswered within 5 s',
      'p50, ms',
      'p99, ms',
      'sockets',
      'lines to stderr a minute',
      'log lines held',
      'exit',
    ],
    rows.map((row) => [
      row.vendor,
      row.fault,
      String(row.requests),
      String(row.unanswered),
      row.p50.toFixed(1),
      row.p99.toFixed(0),
      String(row.mostSockets),
      row.stderrLinesAMinute.toFixed(0),
      row.heldLines === null ? '–' : String(row.heldLines),
      row.crash !== null
        ? `crashed: ${row.crash.slice(0, 80)}`
        : row.exit?.code === 'SIGKILL'
          ? `never: killed after ${row.exit.seconds.toFixed(0)} s`
          : `${row.exit?.code} after ${seconds(row.exit?.seconds)} s`,
    ]),
  )

/** A sentence for each criterion that does not hold. */
export const brokenCriteria = (matrix: Matrix, exits: readonly Exit[], { isWhole }: { isWhole: boolean }): string[] => {
  const all: string[] = []
  const must = (isTrue: boolean, otherwise: string) => {
    if (!isTrue) all.push(otherwise)
  }
  const noise = quantile(
    matrix.healthyPairs.map(({ p99 }) => p99).toSorted((a, b) => a - b),
    0.95,
  )
  for (const row of matrix.rows) {
    const name = `${row.vendor}, ${row.fault}`
    const p50 = median(row.pairs.map((pair) => pair.p50))
    const p99 = median(row.pairs.map((pair) => pair.p99))
    must(wrongOf(row) === 0, `${name}: ${JSON.stringify({ ...row.errors, ...row.different })}`)
    must(
      p50 <= maxRatios.p50OfOne || p99 <= Math.max(maxRatios.p99OfOne, noise),
      `${name}: p50 ${times(p50)}, p99 ${times(p99)}`,
    )
    must(row.rssGrowthMb <= criteria.rssGrowthMb, `${name}: ${row.rssGrowthMb.toFixed(0)} MB more`)
    must(row.mostSockets <= criteria.sockets, `${name}: ${row.mostSockets} sockets`)
    must(row.linesAMinute <= criteria.linesAMinute, `${name}: ${row.linesAMinute} lines of one signal in a minute`)
    must((row.resumedSeconds ?? 0) <= criteria.resumedSeconds, `${name}: nothing delivered in ${row.resumedSeconds} s`)
    must(row.imbalances.length === 0, `${name}: ${row.imbalances.join('; ')}`)
  }
  for (const { vendor, fault, code, seconds: took, wrongAnswers, imbalances } of exits) {
    const name = `started with ${vendor}, ${fault}`
    must(code === 0 && took <= criteria.exitSeconds, `${name}: exit ${code} after ${took.toFixed(1)} s`)
    must(wrongAnswers === 0, `${name}: ${wrongAnswers} wrong answers`)
    must(imbalances.length === 0, `${name}: ${imbalances.join('; ')}`)
  }
  for (const { signals, isBalanced, queued, delivered, taken, takenTwice } of matrix.accounts) {
    must(isBalanced && queued === 0, `${signals}: the accounts do not balance, or ${queued} are still queued`)
    // A datagram counts as delivered when it has been sent.
    must(
      signals === 'segments' ? taken <= delivered : taken === delivered,
      `${signals}: ${delivered} delivered, ${taken} taken`,
    )
    must(takenTwice === 0, `${signals}: ${takenTwice} received twice`)
  }
  const pairs = matrix.rows.flatMap((row) => row.pairs)
  const p99OfAll = median(pairs.map(({ p99 }) => p99))
  const cpuOfAll = median(pairs.map(({ cpu }) => cpu))
  // One pair is mostly noise. All pairs together are not.
  must(!isWhole || p99OfAll <= maxRatios.p99OfAll, `all pairs: p99 ${times(p99OfAll)}`)
  must(!isWhole || cpuOfAll <= maxRatios.cpuOfAll, `all pairs: CPU ${times(cpuOfAll)}`)
  must(!isWhole || matrix.requests >= criteria.requests, `only ${matrix.requests} requests`)
  must(matrix.otherLines.length === 0, `other lines on stderr: ${matrix.otherLines.slice(0, 3).join(' / ')}`)
  if (wrongOf(matrix.whileHealthy) > 0) {
    all.push(
      `The machine is too busy to judge: even with all vendors healthy, these requests failed: ${JSON.stringify({ ...matrix.whileHealthy.errors, ...matrix.whileHealthy.different })}.`,
    )
  }
  return all
}
