// npm run bench:queries [-- --activities 1000000 --rounds 200 --write]    measures each query; --write puts the tables into docs/queries.md
import { parseArgs } from 'node:util'
import { writeResults } from '../../e2e/src/results.ts'
import { type Arm, openArm, sizesFor } from './arm.ts'
import { answerTo } from './asks.ts'
import { broken, drawPlans, drawTimes, mostOf, type Times } from './report.ts'

const page = new URL('../../docs/queries.md', import.meta.url)
const { values } = parseArgs({
  options: {
    activities: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '200' },
    write: { type: 'boolean', default: false },
  },
})
const warmUps = 5
const rounds = Number(values.rounds)
const startedAt = performance.now()
const say = (line: string) =>
  void process.stderr.write(`${((performance.now() - startedAt) / 60_000).toFixed(1).padStart(5)} min  ${line}\n`)
process.once('SIGTERM', () => process.exit(1))

const most = Number(values.activities)
const arms: Arm[] = []
try {
  say('filling a small and a large database; their backends delete the expired activities')
  arms.push(
    ...(await Promise.all([
      openArm({ sizes: sizesFor(1_000), swept: true }),
      openArm({ sizes: sizesFor(most), swept: true }),
    ])),
  )
  const [small, large] = arms as [Arm, Arm]
  say('explaining every statement')
  const plans = { small: mostOf(await small.plans()), large: mostOf(await large.plans()) }
  say(`sending each request ${rounds} times to each backend, in turns`)
  const times = await askInTurns([small, large])
  const results = [drawTimes(times, [small.counts, large.counts], rounds), '', drawPlans(plans), ''].join('\n')
  process.stdout.write(`\n${results}\n`)
  if (values.write) writeResults(page, results)
  const complaints = broken(plans, times)
  for (const complaint of complaints) process.stdout.write(`✖ ${complaint}\n`)
  if (complaints.length === 0) process.stdout.write('✔ every criterion holds\n')
  process.exitCode = complaints.length > 0 ? 1 : 0
} finally {
  for (const arm of arms) await arm.close()
}

async function askInTurns([small, large]: [Arm, Arm]): Promise<Times[]> {
  const all = small.asks.map(({ name }) => ({ ask: name, small: [] as number[], large: [] as number[], refused: 0 }))
  for (let round = -warmUps; round < rounds; round++) {
    for (const [index, entry] of all.entries()) {
      const turns = [
        ['small', small],
        ['large', large],
      ] as const
      // Take turns at being first.
      for (const [name, arm] of round % 2 === 0 ? turns : turns.toReversed()) {
        const request = arm.asks[index]?.request(round + warmUps)
        if (!request) continue
        const { status, ms } = await answerTo(arm.url, request)
        if (status !== 200) entry.refused++
        if (round >= 0) entry[name].push(ms)
      }
    }
  }
  return all
}
