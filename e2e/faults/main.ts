// npm run test:faults [-- ours stock mutations "part of a row's name" … --outage 600 --write]
// Shows what broken vendors cost the server. --write puts the tables into docs/faults.md.
import { parseArgs } from 'node:util'
import { writeResults } from '../src/results.ts'
import { runExits } from './exits.ts'
import { runMatrix } from './matrix.ts'
import { runMutations } from './mutations.ts'
import { brokenCriteria, drawOurs, drawStock } from './report.ts'
import { runStock } from './stock.ts'

const minute = 60_000
const perSecond = 80
const limits = { cycles: 2, cyclesEndMs: 8 * minute, everythingMs: 17 * minute }
const page = new URL('../../docs/faults.md', import.meta.url)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean', default: false },
    /** Seconds for which all four are black holes at once. */
    outage: { type: 'string', default: '40' },
  },
})
const outageMs = Number(values.outage) * 1_000
const parts = ['ours', 'stock', 'mutations']
const wanted = positionals.filter((word) => parts.includes(word))
const filters = positionals.filter((word) => !parts.includes(word))
const wants = (part: string) => (wanted.length === 0 ? part !== 'mutations' : wanted.includes(part))
const only = (vendor: string, fault: string) => filters.every((word) => `${vendor}, ${fault}`.includes(word))
const startedAt = performance.now()
const say = (line: string) =>
  void process.stderr.write(`${((performance.now() - startedAt) / minute).toFixed(1).padStart(5)} min  ${line}\n`)

setTimeout(() => {
  say('Gave up: this takes too long, so something hangs.')
  process.exit(1)
}, limits.everythingMs + outageMs).unref()
process.once('SIGTERM', () => process.exit(1))

const sections: string[] = []
const failures: string[] = []

const ours = async () => {
  say('our backend: each vendor with each fault between healthy phases, twice if there is time')
  return runMatrix({
    perSecond,
    only,
    say,
    cycles: limits.cycles,
    cyclesEndAt: startedAt + limits.cyclesEndMs,
    allFourMs: outageMs,
  })
}
const matrix = wants('ours') ? await ours() : null
if (matrix) say('exits: backends that start and stop while a vendor is down')
if (wants('stock')) say('the stock wiring under the same load')
// At the same time, because neither needs exact times.
const [exits, stock] = await Promise.all([
  matrix ? runExits(only) : [],
  wants('stock') ? runStock({ perSecond, only, say }) : null,
])
if (matrix) {
  sections.push('### Ours', '', drawOurs(matrix, exits), '')
  failures.push(...brokenCriteria(matrix, exits, { isWhole: filters.length === 0 }))
}
if (stock) sections.push('### Stock', '', drawStock(stock), '')
if (wants('mutations')) {
  const mutations = await runMutations(say)
  sections.push('### Mutations', '', mutations.table, '')
  failures.push(...mutations.survivors)
}

const results = sections.join('\n')
process.stdout.write(`\n${results}\n`)
if (values.write) writeResults(page, results)
for (const failure of failures) process.stdout.write(`✖ ${failure}\n`)
if (failures.length === 0) process.stdout.write('✔ every criterion holds\n')
process.exitCode = failures.length > 0 ? 1 : 0
