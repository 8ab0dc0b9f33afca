import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type Arm, openArm } from './arm.ts'
import { complaintsAbout, type Seen } from './plans.ts'

// The short form of `npm run bench:queries`. This database is too small for times or the planner's choices to mean anything.
let arm: Arm
let seen: Seen[]

before(async () => {
  arm = await openArm({ sizes: { activities: 2_000, people: 1_000, likes: 2_000 }, swept: false })
  const asked = await arm.plans('-c enable_seqscan=off')
  seen = asked.flatMap(({ seen }) => seen)
})
after(() => arm.close())

test('every request runs statements of the queries files', () => {
  const files = new Set(seen.map(({ file }) => file))
  for (const room of [
    'activities',
    'feeds',
    'messages',
    'notifications',
    'reactions',
    'search',
    'session',
    'users',
    'writing',
  ]) {
    assert.ok(files.has(`${room}.queries.ts`), `nothing of ${room} in ${[...files]}`)
  }
})

test('every statement can run without a sequential scan and without OFFSET', () => {
  assert.deepEqual([...new Set(seen.flatMap(complaintsAbout))], [])
})

test('search terms and texts of users are in the parameters, never in the statement', () => {
  for (const { text, parameters } of seen) {
    assert.ok(parameters > 0, text)
    assert.doesNotMatch(text, /tailor|honor|qqxz|fill_|[0-9a-f]{8}-[0-9a-f]{4}-4/)
  }
})

test('a statement has the same text for every user and every page', () => {
  const texts = Map.groupBy(seen, ({ file, name }) => `${file} ${name}`)
  for (const [who, statements] of texts) {
    // A named query may have two texts. Unnamed ones share a name.
    assert.ok(new Set(statements.map(({ text }) => text)).size <= (who.endsWith(' ') ? 4 : 2), who)
  }
})

test('no queries file uses OFFSET', () => {
  const folder = fileURLToPath(new URL('../../backend/src/', import.meta.url))
  const files = globSync('**/*.queries.ts', { cwd: folder })
  assert.ok(files.length > 5)
  for (const file of files) assert.doesNotMatch(readFileSync(`${folder}${file}`, 'utf8'), /\boffset\b/i, file)
})

test('every foreign key has an index, so that no delete scans a table', async () => {
  const client = new pg.Client({ connectionString: arm.databaseUrl })
  await client.connect()
  const { rows } = await client.query(`SELECT conrelid::regclass::text AS "table", attname AS "column"
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE contype = 'f' AND NOT EXISTS (
      SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1]
        AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = '(' || attname || ' IS NOT NULL)'))`)
  await client.end()
  assert.deepEqual(rows, [])
})
