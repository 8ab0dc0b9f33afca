import type { Result } from './drive.ts'

export const reportOf = ({ seed, acts, wrong, requests, bare, background, unexplained }: Result): string =>
  [
    `Seed ${seed}: ${acts.length} actions, ${acts.length - wrong.length} of them right; ${requests} requests, ${bare.length} without a named root.`,
    ...wrong.flatMap(({ act, problems }) => [
      `✖ ${act.who}: ${act.name}`,
      ...problems.map((problem) => `    ${problem}`),
    ]),
    ...bare.map(({ who, what, traceId }) => `✖ bare: ${who} ${what} ${traceId}`),
    ...unexplained.map(({ name, traceId }) => `✖ no act explains the root “${name}” ${traceId}`),
    `Done: ${[...Map.groupBy(acts, ({ act }) => act.name)].map(([name, all]) => `${name} × ${all.length}`).join(', ')}.`,
    `By itself: ${[...background].map(([name, count]) => `${name} × ${count}`).join(', ') || 'nothing'}.`,
  ].join('\n')
