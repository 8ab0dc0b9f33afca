// npm run db:backup [-- file]                 writes the whole database to a file, while Cruddur runs
// npm run db:restore -- file [--replace]      restores it; --replace deletes what is in the database first
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { backUp, isEmpty, restore } from './backup.mjs'
import { onDatabase, refuse } from './on-database.mjs'
import { Refusal } from './refusal.mjs'

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { replace: { type: 'boolean', default: false } },
  })
  const [command, given] = positionals
  const file = given ?? `cruddur-${new Date().toISOString().replace(/[:.]/g, '-')}.jsonl.gz`
  if (command === 'restore') {
    if (!given || !existsSync(file)) throw new Refusal(`Say which file to restore: ${given ?? 'none'} is not there.`)
    const rows = await onDatabase('restore', async (client) => {
      if (!values.replace && !(await isEmpty(client)))
        throw new Refusal('There are accounts in the database: --replace throws them away.')
      return restore(client, file)
    })
    console.log(`restored ${rows} rows from ${file}`)
  } else {
    if (existsSync(file)) throw new Refusal(`${file} is there already.`)
    const rows = await onDatabase('backup', (client) => backUp(client, file))
    console.log(`wrote ${rows} rows to ${file}`)
  }
} catch (error) {
  refuse(error)
}
