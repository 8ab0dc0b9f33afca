import assert from 'node:assert/strict'
import { Activity, ActivityPage, ActivityWithReplies, Found, UserActivities } from '@cruddur/shared/activities'
import * as z from 'zod/mini'
import { type Call, createDatabase, startApp, type TestApp, type TestDatabase } from '../testing.ts'

type Written = { by?: string; age?: string; left?: string; replyTo?: string | null }

/** The application on its own database, with functions to write and read activities. */
export const startActivities = async () => {
  const database = await createDatabase()
  const app = await startApp({ databaseUrl: database.url })
  return { database, app, ...writing(database), ...reading(app) }
}

const writing = (database: TestDatabase) => ({
  /** Inserts an activity of any age. */
  put: async (message: string, { by = 'worf', age = '0', left = '1 hour', replyTo = null }: Written = {}) => {
    const [row] = await database.query<{ uuid: string }>(
      `INSERT INTO activities (user_uuid, message, created_at, expires_at, reply_to_activity_uuid)
       SELECT uuid, $2, now() - $3::interval, now() + $4::interval, $5 FROM users WHERE handle = $1 RETURNING uuid`,
      [by, message, age, left, replyTo],
    )
    assert.ok(row)
    return row.uuid
  },
  /** Adds demo people `name_1`, `name_2` … */
  crew: async (name: string, count: number) => {
    await database.query(
      "INSERT INTO users (handle, display_name, demo) SELECT $1 || '_' || n, 'Crew', true FROM generate_series(1, $2) AS n",
      [name, count],
    )
    return Array.from({ length: count }, (_, n) => `${name}_${n + 1}`)
  },
  follow: (follower: string, followed: string) =>
    database.query(
      `INSERT INTO follows (follower_uuid, followed_uuid) SELECT a.uuid, b.uuid FROM users a, users b
       WHERE a.handle = $1 AND b.handle = $2`,
      [follower, followed],
    ),
  rowOf: async (uuid: string) => {
    const [row] = await database.query<{ likes_count: number; replies_count: number; reposts_count: number }>(
      'SELECT likes_count, replies_count, reposts_count FROM activities WHERE uuid = $1',
      [uuid],
    )
    return row
  },
  /** The notifications about an activity. */
  toldOf: (uuid: string) =>
    database.query<{ kind: string; user: string; actor: string }>(
      `SELECT kind, u.handle AS user, a.handle AS actor
       FROM notifications n JOIN users u ON u.uuid = n.user_uuid JOIN users a ON a.uuid = n.actor_uuid
       WHERE activity_uuid = $1 ORDER BY kind, u.handle, a.handle`,
      [uuid],
    ),
})

const reading = (app: TestApp) => {
  const read =
    <Schema extends z.ZodMiniType>(schema: Schema, pathOf: (...parts: string[]) => string) =>
    async (call: Call, ...parts: string[]): Promise<z.infer<Schema>> => {
      const { status, body } = await call('GET', pathOf(...parts))
      assert.equal(status, 200, JSON.stringify(body))
      return z.parse(schema, body)
    }
  return {
    home: read(ActivityPage, (query = '') => `/api/activities/home${query}`),
    person: read(UserActivities, (handle, query = '') => `/api/activities/@${handle}${query}`),
    show: read(ActivityWithReplies, (handle, uuid, query = '') => `/api/activities/@${handle}/status/${uuid}${query}`),
    find: read(
      Found,
      (term, query = '') => `/api/activities/search?term=${encodeURIComponent(term as string)}${query}`,
    ),
    write: async (handle: string, message: string, replyTo?: string) => {
      const call = await app.actAs(handle)
      const [path, json] =
        replyTo === undefined
          ? ['/api/activities', { message, ttl: '1-hour' }]
          : [`/api/activities/${replyTo}/reply`, { message }]
      const { status, body } = await call('POST', path as string, { json })
      assert.equal(status, 200, JSON.stringify(body))
      return z.parse(Activity, body)
    },
  }
}

/** Reads all pages. `read` gets the part of the query that holds the cursor. */
export const allPages = async <Page extends { next_cursor: string | null }>(
  read: (query: string) => Promise<Page>,
): Promise<Page[]> => {
  const pages: Page[] = []
  let after: string | null = null
  do {
    const page: Page = await read(after === null ? '' : `&after=${after}`)
    pages.push(page)
    after = page.next_cursor
    assert.ok(pages.length < 500, 'the pages never end')
  } while (after !== null)
  return pages
}

export const refusal = async (answer: ReturnType<Call>) => {
  const { status, body } = await answer
  const { code, fields = {} } = body as { code: string; fields?: Record<string, string> }
  return { status, code, fields: Object.keys(fields).sort() }
}
