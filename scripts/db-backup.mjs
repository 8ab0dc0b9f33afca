// npm run db:backup [-- file]                 writes the whole database to a file, while Cruddur runs
// npm run db:restore -- file [--replace]      restores it; --replace empties the database first
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { backUp, isEmpty, restore } from './backup.mjs'
import { onDatabase } from './on-database.mjs'
import { Refusal, refuse } from './refusal.mjs'

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { replace: { type: 'boolean', default: false } },
  })
  const [command, given] = positionals
  const file = given ?? `cruddur-${new Date().toISOString().replace(/[:.]/g, '-')}.jsonl.gz`
  if (command === 'restore') {
    if (!given || !existsSync(file))
      throw new Refusal(given ? `There is no file ${file}.` : 'Name the file to restore: npm run db:restore -- file')
    const rows = await onDatabase('restore', async (client) => {
      if (!values.replace && !(await isEmpty(client)))
        throw new Refusal('The database has accounts: add --replace to delete everything in it first.')
      return restore(client, file)
    })
    console.log(`Restored ${rows} rows from ${file}.`)
  } else {
    if (existsSync(file)) throw new Refusal(`${file} exists already: name another file.`)
    const rows = await onDatabase('backup', (client) => backUp(client, file))
    console.log(`Wrote ${rows} rows to ${file}.`)
  }
} catch (error) {
  refuse(error)
}
