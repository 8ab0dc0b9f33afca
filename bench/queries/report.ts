import { quantile } from '../statistics.ts'
import type { Sizes } from './arm.ts'
import { buffersOf, complaintsAbout, indexesOf, type Seen } from './plans.ts'

export type Times = {
  readonly ask: string
  readonly small: readonly number[]
  readonly large: readonly number[]
  readonly refused: number
}
/** A statement with its most expensive plan. */
type Statement = { readonly asks: Set<string>; seen: Seen }
type Statements = Map<string, Statement>
type Plans = { readonly small: Statements; readonly large: Statements }

export const mostOf = (asked: readonly { ask: string; seen: readonly Seen[] }[]): Statements => {
  const all: Statements = new Map()
  for (const { ask, seen: list } of asked) {
    for (const seen of list) {
      const known = all.get(seen.text)
      if (!known) all.set(seen.text, { asks: new Set([ask]), seen })
      else {
        known.asks.add(ask)
        if (buffersOf(seen) > buffersOf(known.seen)) known.seen = seen
      }
    }
  }
  return all
}

const table = (head: readonly string[], lines: readonly (readonly string[])[], words = 1): string =>
  [head, head.map((_, column) => (column < words ? '---' : '--:')), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

const number = (value: number): string => value.toLocaleString('en')
const times = (ratio: number): string => `× ${ratio.toFixed(ratio < 10 ? 1 : 0)}`

export const drawTimes = (all: readonly Times[], [small, large]: readonly [Sizes, Sizes], rounds: number): string => {
  const sizeOf = ({ activities, people, likes }: Sizes) =>
    `${number(activities)} activities, ${number(people)} people, ${number(likes)} likes`
  return [
    `Small: ${sizeOf(small)}. Large: ${sizeOf(large)}. Milliseconds at the backend, ${rounds} requests each, in turns.`,
    '',
    table(
      ['request', 'p50, small', 'p50, large', '', 'p99, small', 'p99, large', ''],
      all.map(({ ask, ...each }) => [
        ask,
        ...[0.5, 0.99].flatMap((share) => {
          const [a, b] = [quantile(each.small, share), quantile(each.large, share)]
          return [a.toFixed(1), b.toFixed(1), times(b / a)]
        }),
      ]),
    ),
  ].join('\n')
}

const nameOf = ({ file, name }: Seen): string => `${file.replace('.queries.ts', '')}${name && `: ${name}`}`

export const drawPlans = ({ small, large }: Plans): string =>
  [
    'The 8 kB pages that each statement touches, and the indexes it uses:',
    '',
    table(
      ['statement', 'requests', 'indexes', 'pages, small', 'pages, large', 'ms, large'],
      [...large.values()].map(({ asks, seen }) => {
        const before = small.get(seen.text)
        return [
          nameOf(seen),
          asks.size > 3 ? `${[...asks].slice(0, 2).join('; ')}; ${asks.size - 2} more` : [...asks].join('; '),
          indexesOf(seen)
            .map((name) => `\`${name}\``)
            .join(' ') || '–',
          before ? number(buffersOf(before.seen)) : '–',
          number(buffersOf(seen)),
          seen.plan.ms.toFixed(1),
        ]
      }),
      3,
    ),
  ].join('\n')

/** How much slower a request may be with a thousand times as many rows. Any answer within `orMs` is fast enough. */
const flat = { times: 3, orMs: 20 }

/** Every criterion that fails, in words. */
export const broken = ({ large }: Plans, all: readonly Times[]): string[] => [
  ...[...large.values()].flatMap(({ seen }) => complaintsAbout(seen)),
  ...all.flatMap(({ ask, small, large: slow, refused }) => {
    const [before, after] = [quantile(small, 0.5), quantile(slow, 0.5)]
    return [
      ...(refused > 0 ? [`${ask}: ${refused} failed`] : []),
      ...(after > flat.times * before && after > flat.orMs
        ? [`${ask}: ${after.toFixed(1)} ms, ${before.toFixed(1)} ms in the small database`]
        : []),
    ]
  }),
]
