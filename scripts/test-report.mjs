const columns = ['passed', 'failed', 'skipped', 'seconds']
const slowestCount = 5

/** Says how each suite went, which files were the slowest, and what failed. A suite is a folder of the repository. */
export function report(results) {
  const suites = Map.groupBy(results, ({ file }) => file.split(/[\\/]/)[0])
  say('')
  sayRow('suite', columns)
  for (const [suite, files] of suites) sayRow(suite, sums(files))

  const slowest = results.toSorted((a, b) => b.seconds - a.seconds).slice(0, slowestCount)
  if (results.length > 1) say('\nThe slowest files:')
  if (results.length > 1) for (const { file, seconds } of slowest) say(`${seconds.toFixed(1).padStart(7)} s  ${file}`)

  for (const { file, failedBefore = [], failed } of results)
    if (failedBefore.length > 0 && failed === 0)
      say(`\nUnstable: ${file} passed in its second run. In the first it failed: ${failedBefore.join(', ')}`)

  const failures = results.flatMap(({ file, failures }) => failures.map((words) => `✖ ${file}: ${words}`))
  if (failures.length > 0) say(`\n${failures.join('\n')}`)

  const [passed, failed, skipped] = sums(results)
  say(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
}

const sums = (files) => columns.map((column) => files.reduce((sum, file) => sum + file[column], 0))
const sayRow = (suite, cells) =>
  say(
    suite.padEnd(14) +
      cells.map((cell) => String(typeof cell === 'number' ? Math.round(cell) : cell).padStart(9)).join(''),
  )
const say = (line) => process.stdout.write(`${line}\n`)
