// npm run bench [server|page|feed|observatory …]                               measures what the signals cost
//   [-- --quick] [--sets 2] [--json file]                                      shorter; also the figures for --compare
// npm run bench -- --write                                                     puts tables and pictures into docs/cost.md
// npm run bench server -- --profile ours|--allocations ours [--functions]      where one arm spends its time or its memory
// npm run bench feed -- --million [--python path]                              a million activities, too; which Python runs Flask
// npm run bench -- --compare first.json second.json [--write]                  whether two runs agree
import { compareFiles } from './compare.ts'
import { options, words } from './options.ts'

const parts = ['server', 'page', 'feed', 'observatory']

const measure = async (asked: readonly string[]): Promise<void> => {
  const unknown = asked.find((word) => !parts.includes(word))
  if (unknown) throw new Error(`"${unknown}" is not measured. Choose from: ${parts.join(', ')}.`)
  for (const part of asked.length > 0 ? asked : parts) {
    const startedAt = performance.now()
    try {
      await import(`./${part}/main.ts`)
    } catch (error) {
      // The other parts take minutes. They are still measured.
      process.stderr.write(`✖ ${part}: ${(error as Error).stack}\n`)
      process.exitCode = 1
    }
    process.stderr.write(`${part} took ${((performance.now() - startedAt) / 1e3).toFixed(0)} s\n`)
  }
}

if (options.compare) compareFiles(words)
else await measure(words)
