import { createReadStream, createWriteStream, renameSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { Refusal } from './refusal.mjs'

const format = 'cruddur-backup-1'
const batchSize = 500
/** Parents before children. */
const tables = [
  ...['users', 'sessions', 'follows', 'activities', 'hashtags', 'likes', 'reposts'],
  ...['message_groups', 'message_group_members', 'messages', 'notifications'],
]
const parentsFirst = { activities: 'ORDER BY created_at, reply_to_activity_uuid NULLS FIRST' }

/** Writes all rows as of one moment, as compressed lines of JSON. The embedded PostgreSQL has no pg_dump. */
export async function backUp(client, file) {
  await assertAllTables(client)
  const draft = `${file}.part`
  let rows = 0
  async function* lines() {
    yield `${JSON.stringify({ format, migrations: await migrationsOf(client) })}\n`
    for (const table of tables) {
      await client.query(
        `DECLARE rows CURSOR FOR SELECT row_to_json(t) AS row FROM ${table} t ${parentsFirst[table] ?? ''}`,
      )
      for (;;) {
        const batch = (await client.query(`FETCH ${batchSize} FROM rows`)).rows.map(({ row }) => row)
        if (batch.length === 0) break
        rows += batch.length
        yield `${JSON.stringify({ table, rows: batch })}\n`
      }
      await client.query('CLOSE rows')
    }
    yield `${JSON.stringify({ end: rows })}\n`
  }
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    // 0600: the file has password hashes and private messages.
    await pipeline(Readable.from(lines()), createGzip(), createWriteStream(draft, { mode: 0o600, flags: 'wx' }))
    renameSync(draft, file)
  } catch (error) {
    if (error.code !== 'EEXIST') rmSync(draft, { force: true })
    throw error.code === 'ENOSPC' ? new Refusal(`The disk is full: ${file} was not written.`) : error
  } finally {
    await client.query('ROLLBACK')
  }
  return rows
}

/** Restores in one transaction: if it fails, nothing has changed. */
export async function restore(client, file) {
  const source = createReadStream(file).pipe(createGunzip())
  const lines = createInterface({ input: source, crlfDelay: Infinity })[Symbol.asyncIterator]()
  const broken = new Promise((_, reject) => source.on('error', reject))
  broken.catch(() => {})
  const nextLine = async () => {
    const { value } = await Promise.race([lines.next(), broken])
    if (value === undefined) throw new Refusal(`${file} is incomplete: nothing was restored.`)
    return JSON.parse(value)
  }

  const { format: foundFormat, migrations } = await nextLine()
  if (foundFormat !== format) throw new Refusal(`${file} is not a backup of this version.`)
  await assertAllTables(client)
  await client.query('BEGIN')
  try {
    const applied = await migrationsOf(client)
    if (JSON.stringify(applied) !== JSON.stringify(migrations))
      throw new Refusal(
        `The backup has migrations up to ${migrations.at(-1)}, the database up to ${applied.at(-1)}: use the same version of Cruddur for both.`,
      )
    await client.query(`TRUNCATE ${tables.join(', ')}`)
    let restored = 0
    for (;;) {
      const { table, rows, end } = await nextLine()
      if (end !== undefined) {
        if (end !== restored) throw new Refusal(`${file} has ${restored} of ${end} rows: nothing was restored.`)
        break
      }
      if (!tables.includes(table)) throw new Refusal(`${file} has an unknown table, ${table}: nothing was restored.`)
      const columns = await columnsOf(client, table)
      await client.query(
        `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1)`,
        [JSON.stringify(rows)],
      )
      restored += rows.length
    }
    await client.query('COMMIT')
    return restored
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error.code === 'Z_BUF_ERROR' || error.code === 'Z_DATA_ERROR'
      ? new Refusal(`${file} is damaged: nothing was restored.`)
      : error
  } finally {
    source.destroy()
  }
}

export const isEmpty = async (client) => (await client.query('SELECT FROM users WHERE NOT demo LIMIT 1')).rowCount === 0

async function migrationsOf(client) {
  return (await client.query('SELECT name FROM migrations ORDER BY id')).rows.map(({ name }) => name)
}

/** Without generated columns. */
async function columnsOf(client, table) {
  const { rows } = await client.query(
    `SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) AS columns FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER'`,
    [table],
  )
  return rows[0].columns
}

/** A table that is not in the list would be missing from the backup. */
async function assertAllTables(client) {
  const { rows } = await client.query('SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1')
  const found = rows.map(({ tablename }) => tablename)
  const wanted = [...tables, 'migrations'].sort()
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Refusal(`The database has the tables ${found.join(', ') || '(none)'}, not ${wanted.join(', ')}.`)
}
