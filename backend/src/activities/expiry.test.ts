import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { refusal, startActivities } from './testing.ts'

let room: Awaited<ReturnType<typeof startActivities>>

before(async () => {
  room = await startActivities()
})

test('an expired activity disappears everywhere at once, by the clock of the database', async () => {
  const [author = '', follower = '', fan = ''] = await room.crew('fading', 3)
  await room.follow(follower, author)
  const call = await room.app.actAs(follower)
  const fans = await room.app.actAs(fan)
  const { uuid } = await room.write(author, 'ephemeral #ephemeral')
  const reply = await room.write(author, 'ephemeral too', uuid)
  const kept = await room.write(author, 'perennial')
  await fans('POST', `/api/activities/${uuid}/repost`)
  const ours = (activities: { uuid: string }[]) =>
    activities.filter((activity) => activity.uuid === uuid || activity.uuid === reply.uuid).length
  const places = {
    home: async () => ours((await room.home(call)).activities),
    following: async () => ours((await room.home(call, '?feed=following')).activities),
    profile: async () => ours((await room.person(call, author)).activities),
    count: async () => (await room.person(call, author)).profile.cruds_count - 1,
    reposts: async () => ours((await room.person(call, fan)).activities),
    words: async () => ours((await room.find(call, 'ephemeral')).activities),
    hashtag: async () => ours((await room.find(call, '#ephemeral')).activities),
    handle: async () => ours((await room.find(call, `@${author}`)).activities),
    trends: async () => {
      const { trends } = (await call('GET', '/api/trends')).body as { trends: { tag: string }[] }
      return trends.filter(({ tag }) => tag === 'ephemeral').length
    },
    page: async () => Number((await call('GET', `/api/activities/@${author}/status/${uuid}`)).status === 200),
    replies: async () => Number((await call('GET', `/api/activities/@${author}/status/${reply.uuid}`)).status === 200),
    like: async () => Number((await call('POST', `/api/activities/${uuid}/like`)).status === 200),
    unlike: async () => Number((await call('DELETE', `/api/activities/${uuid}/like`)).status === 200),
    repost: async () => Number((await call('POST', `/api/activities/${uuid}/repost`)).status === 200),
    unrepost: async () => Number((await call('DELETE', `/api/activities/${uuid}/repost`)).status === 200),
  }
  const look = async () =>
    Object.fromEntries(
      await Promise.all(Object.entries(places).map(async ([name, seen]) => [name, await seen()] as const)),
    )
  const before = await look()
  assert.deepEqual(before, {
    ...Object.fromEntries(Object.keys(places).map((name) => [name, 1])),
    count: 2,
    words: 2,
    handle: 2,
  })

  const [row] = await room.database.query<{ expires_at: Date }>(
    `WITH changed AS (
       UPDATE activities SET expires_at = now() + interval '1 second' WHERE uuid IN ($1, $2) RETURNING *
     ), tagged AS (
       UPDATE hashtags SET expires_at = now() + interval '1 second' WHERE activity_uuid = $1
     ) SELECT expires_at FROM changed`,
    [uuid, reply.uuid],
  )
  assert.ok(row)
  const clock = async () => {
    const [now] = await room.database.query<{ ms: number }>('SELECT extract(epoch FROM now()) * 1000 AS ms')
    return Number(now?.ms)
  }
  const inHome = async () => {
    const [asked, seen, answered] = [await clock(), await places.home(), await clock()]
    return { asked, seen, answered }
  }
  for (;;) {
    const { asked, seen, answered } = await inHome()
    if (answered < row.expires_at.getTime()) assert.equal(seen, 1, 'it disappeared too early')
    if (asked > row.expires_at.getTime()) {
      assert.equal(seen, 0, 'it disappeared too late')
      break
    }
    await delay(20)
  }
  assert.deepEqual(await look(), Object.fromEntries(Object.keys(places).map((name) => [name, 0])))
  assert.equal((await room.home(call)).activities[0]?.uuid, kept.uuid)

  const authors = await room.app.actAs(author)
  assert.deepEqual(await refusal(authors('DELETE', `/api/activities/${uuid}`)), {
    status: 404,
    code: 'not_found',
    fields: [],
  })
  const late = await refusal(call('POST', `/api/activities/${uuid}/reply`, { json: { message: 'too late' } }))
  assert.equal(late.status, 404)
})

test('a retry after the crud has expired writes no second crud', async () => {
  const worf = await room.app.actAs('worf')
  const write = () =>
    worf('POST', '/api/activities', {
      json: { message: 'said once', ttl: '1-hour' },
      headers: { 'idempotency-key': 'expired' },
    })
  assert.equal((await write()).status, 200)
  await room.database.query(
    "UPDATE activities SET created_at = now() - interval '1 hour', expires_at = now() - interval '1 second' WHERE message = 'said once'",
  )
  assert.equal((await refusal(write())).code, 'not_found')
  const rows = await room.database.query("SELECT FROM activities WHERE message = 'said once'")
  assert.equal(rows.length, 1)
})

test('replies disappear with their parent', async () => {
  const parent = await room.write('worf', 'a parent')
  const reply = await room.write('garek', 'its reply', parent.uuid)
  const find = async () => (await room.home(room.app.call)).activities.find(({ uuid }) => uuid === parent.uuid)
  assert.deepEqual(
    (await find())?.replies.map(({ uuid }) => uuid),
    [reply.uuid],
  )
  assert.equal((await room.show(room.app.call, 'garek', reply.uuid)).parent?.uuid, parent.uuid)
  await room.database.query(
    "UPDATE activities SET expires_at = created_at + interval '1 millisecond' WHERE uuid = $1",
    [parent.uuid],
  )
  await delay(5)
  assert.equal(await find(), undefined)
  assert.equal((await room.show(room.app.call, 'garek', reply.uuid)).parent, null)
})
