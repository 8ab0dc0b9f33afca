// npm run test:faults [-- [ours] [stock] [mutations] [part of a row's name …] [--outage 600] [--write]]
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runExits } from './exits.ts'
import { runMatrix } from './matrix.ts'
import { runMutations } from './mutations.ts'
import { broken, drawOurs, drawStock } from './report.ts'
import { runStock } from './stock.ts'

const minute = 60_000
const perSecond = 80
const limits = { cycles: 2, cyclesEndMs: 8 * minute, everythingMs: 17 * minute }
const page = new URL('../../docs/faults.md', import.meta.url)

const { values, positionals } = parseArgs({
  // Behind the name of this file, which with-database.mjs was given.
  args: process.argv.slice(3),
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
  say('This takes longer than it may: something hangs.')
  process.exit(1)
}, limits.everythingMs + outageMs).unref()
process.once('SIGTERM', () => process.exit(1))

const sections: string[] = []
const complaints: string[] = []

const ours = async () => {
  say('our backend, each vendor and each fault between healthy phases, twice if there is time')
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
if (matrix) say('the way out: started while a vendor is down, asked to go while it still is')
if (wants('stock')) say('the stock wiring, under the same load')
// Together: neither of them is measured to the millisecond.
const [exits, stock] = await Promise.all([
  matrix ? runExits(only) : [],
  wants('stock') ? runStock({ perSecond, only, say }) : null,
])
if (matrix) {
  sections.push('### Ours', '', drawOurs(matrix, exits), '')
  complaints.push(...broken(matrix, exits, { isWhole: filters.length === 0 }))
}
if (stock) sections.push('### Stock', '', drawStock(stock), '')
if (wants('mutations')) {
  const mutations = await runMutations(say)
  sections.push('### Mutations', '', mutations.table, '')
  complaints.push(...mutations.survivors)
}

const results = sections.join('\n')
process.stdout.write(`\n${results}\n`)
if (values.write) {
  const text = readFileSync(page, 'utf8')
  const [before] = text.split('<!-- results -->')
  const [, after] = text.split('<!-- end of results -->')
  writeFileSync(page, `${before}<!-- results -->\n\n${results}\n<!-- end of results -->${after}`)
}
for (const complaint of complaints) process.stdout.write(`✖ ${complaint}\n`)
if (complaints.length === 0) process.stdout.write('✔ every criterion holds\n')
process.exitCode = complaints.length > 0 ? 1 : 0
