import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runner } from 'node-pg-migrate'
import { createDatabase, type TestDatabase } from '../testing.ts'
import { migrate } from './migrate.ts'

const folder = `${import.meta.dirname}/migrations`
const first = '0001_people-and-activities.sql'
const second = '0002_a-cruddur-that-works.sql'
const third = '0003_search-by-time.sql'

/** These migrations may have run on a real database. Write a new one instead of editing one of them. */
const landed = {
  [first]: '12edc02c374eed3191c6268a13d253f0be9a2e95060e33136bf4cfdd5528447d',
  [second]: '0009e7ad39bf701c6c034c15746a42fc6b9fd92fb2feb9156759cc9018bb2b07',
  [third]: '42af0f004e8f17d6ea34f03f18da7955dd1297e1488d9f4164a74f54aa1c841c',
  '0004_same-indexes-everywhere.sql': 'db9389766930f068daf250f63506130ff3269dbbd62abe91a701c222394d5491',
  '0005_search-by-words-alone.sql': '495ad01a186ce6494b4bc84271821a52d5030a96ba3a3a2869fc94ad354f97da',
  '0006_know-rare-words.sql': 'ec9732f41a8eec5e87da58ca8545652a61921117d915a480965ce840f4b83606',
}

const textOf = (name: string) => readFileSync(join(folder, name), 'utf8')

test('a migration that has landed is never edited', () => {
  const found = Object.fromEntries(
    readdirSync(folder).map((name) => [name, createHash('sha256').update(textOf(name)).digest('hex')]),
  )
  assert.deepEqual(found, landed, 'add a line for a new file, and restore the text of an old one')
})

type Edit = readonly [now: string, then: string]
const before = (text: string, edits: readonly Edit[]) =>
  edits.reduce((edited, [now, then]) => {
    assert.ok(edited.includes(now), `${now} is not there to undo`)
    return edited.replace(now, then)
  }, text)

const demoIndex = 'CREATE INDEX users_demo ON users (handle) WHERE demo;\n'
const byUser =
  'DROP INDEX activities_by_user;\nCREATE INDEX activities_by_user ON activities (user_uuid, created_at DESC, uuid DESC) INCLUDE (expires_at);\n'
const byUserOnce = 'CREATE INDEX activities_living_by_user ON activities (user_uuid, expires_at);\n'
const crudsByUser =
  'CREATE INDEX activities_cruds_by_user ON activities (user_uuid, created_at DESC, uuid DESC)\n  WHERE reply_to_activity_uuid IS NULL;\n'
const expiry =
  'DROP INDEX activities_expiry;\nCREATE INDEX activities_expiry ON activities (expires_at) WHERE reply_to_activity_uuid IS NULL;\n'

const secondOnDay3 = before(textOf(second), [[crudsByUser.replace('\n', ' INCLUDE (expires_at)\n'), crudsByUser]])
const secondOnDay2 = before(secondOnDay3, [
  [demoIndex, ''],
  [byUser, byUserOnce],
])
const secondOnDay1 = before(secondOnDay2, [
  [crudsByUser, ''],
  [byUserOnce, ''],
  [expiry, ''],
  ['length(tag) BETWEEN 1 AND 100', 'length(tag) BETWEEN 1 AND 50'],
  ['reposts (activity_uuid, created_at, user_uuid)', 'reposts (activity_uuid)'],
])
const thirdOnDay1 = before(textOf(third), [['fastupdate = off', 'gin_pending_list_limit = 256']])

const histories: Record<string, Record<string, string>> = {
  'from before the second migration': { [first]: textOf(first) },
  'with the original second migration': { [first]: textOf(first), [second]: secondOnDay1 },
  'with the second migration after its first edit': { [first]: textOf(first), [second]: secondOnDay2 },
  'with the second migration after its second edit': { [first]: textOf(first), [second]: secondOnDay3 },
  'with the current second migration': { [first]: textOf(first), [second]: textOf(second) },
  'with the original third migration': { [first]: textOf(first), [second]: textOf(second), [third]: thirdOnDay1 },
  'with the current third migration': { [first]: textOf(first), [second]: textOf(second), [third]: textOf(third) },
}

const schemaOf = ({ query }: TestDatabase) =>
  query(`
    SELECT 'column' AS what, attrelid::regclass::text AS of, attname::text AS name,
      concat_ws(' ', format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END,
        pg_get_expr(adbin, adrelid)) AS definition
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'table', oid::regclass::text, '', concat_ws(' ', reloptions) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    ORDER BY 1, 2, 3`)

const run = async ({ url }: TestDatabase, files: Record<string, string>) => {
  const dir = mkdtempSync(join(tmpdir(), 'cruddur-migrations-'))
  after(() => rmSync(dir, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  await runner({ databaseUrl: url, dir, direction: 'up', migrationsTable: 'migrations', log: () => {} })
}

for (const [name, files] of Object.entries(histories)) {
  test(`a database ${name} gets the schema of a new one`, async () => {
    const [old, fresh] = await Promise.all([createDatabase(), createDatabase()])
    await run(old, files)
    await Promise.all([migrate(old.url), migrate(fresh.url)])
    assert.deepEqual(await schemaOf(old), await schemaOf(fresh))
  })
}
