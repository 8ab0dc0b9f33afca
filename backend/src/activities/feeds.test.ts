import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { ActivityPage } from '@cruddur/shared/activities'
import { allPages, refusal, startActivities } from './testing.ts'

let room: Awaited<ReturnType<typeof startActivities>>

before(async () => {
  room = await startActivities()
})

const messagesOf = ({ activities }: Pick<ActivityPage, 'activities'>) => activities.map(({ message }) => message)
const uuidsOf = (pages: Pick<ActivityPage, 'activities'>[]) =>
  pages.flatMap(({ activities }) => activities.map(({ uuid }) => uuid))

test('the feed starts with the seeded cruds, newest first, with likes and the reply', async () => {
  const { activities, next_cursor } = await room.home(room.app.call)
  assert.deepEqual(
    activities.map(({ handle, message }) => [handle, message]),
    [
      ['garek', 'My dear doctor, I am just simple tailor'],
      ['andrewbrown', 'Cloud is very fun!'],
      ['worf', 'I am out of prune juice'],
    ],
  )
  const cloud = activities[1]
  assert.equal(cloud?.likes_count, 5)
  assert.equal(cloud?.replies_count, 1)
  assert.deepEqual(
    cloud?.replies.map(({ handle, message }) => [handle, message]),
    [['worf', 'This post has no honor!']],
  )
  const [likes] = await room.database.query('SELECT count(*)::int AS rows FROM likes WHERE activity_uuid = $1', [
    cloud?.uuid,
  ])
  assert.deepEqual(likes, { rows: 5 }, 'the counter equals the rows')
  assert.equal(next_cursor, null)
})

test('the feed shows the newest three replies, oldest first', async () => {
  const parent = await room.put('talk to me')
  for (const age of [5, 4, 3, 2, 1]) await room.put(`${age} minutes ago`, { age: `${age} minutes`, replyTo: parent })
  const { activities } = await room.home(room.app.call)
  const shown = activities.find(({ uuid }) => uuid === parent)
  assert.deepEqual(shown?.replies, [], 'the counter says that there are no replies')
  await room.database.query('UPDATE activities SET replies_count = 5 WHERE uuid = $1', [parent])
  const again = (await room.home(room.app.call)).activities.find(({ uuid }) => uuid === parent)
  assert.deepEqual(
    again?.replies.map(({ message }) => message),
    ['3 minutes ago', '2 minutes ago', '1 minutes ago'],
  )
})

test('pages have no gap and no repetition, even with activities of the same instant', async () => {
  await room.database.query(
    `INSERT INTO activities (user_uuid, message, created_at, expires_at)
     SELECT uuid, 'same instant ' || n, now() - interval '3 days', now() + interval '1 day'
     FROM users, generate_series(1, 12) AS n WHERE handle = 'worf'`,
  )
  const all = uuidsOf([await room.home(room.app.call, '?limit=50')])
  assert.ok(all.length >= 15)
  for (const limit of [1, 5, 7]) {
    const pages = await allPages((after) => room.home(room.app.call, `?limit=${limit}${after}`))
    assert.ok(pages.every(({ activities }) => activities.length <= limit))
    assert.deepEqual(uuidsOf(pages), all)
  }
  const pages = await allPages((after) => room.person(room.app.call, 'worf', `?limit=5${after}`))
  assert.deepEqual(uuidsOf(pages), uuidsOf([await room.person(room.app.call, 'worf', '?limit=50')]))
})

test('an invalid page request is refused field by field', async () => {
  const worf = await room.app.actAs('worf')
  const lists = [
    'home',
    'home?feed=following',
    '@worf',
    'search?term=juice',
    'search?term=%23juice',
    'search?term=%40worf',
  ]
  const uuid = await room.put('with a page of its own')
  const cursor = (fields: unknown) => Buffer.from(JSON.stringify(fields)).toString('base64url')
  const wrong = [
    'nonsense',
    'a'.repeat(301),
    '%00',
    '%27--',
    cursor(['yesterday', 3]),
    cursor([-1, uuid]),
    cursor([1e300, uuid]),
    cursor([1.5, uuid]),
    cursor([Date.UTC(10_000, 0), uuid]),
    cursor([0, `${uuid}'`]),
    cursor([0, uuid, 0]),
    cursor({ 0: 0, 1: uuid }),
    cursor([null, null, [Number.MAX_VALUE, 0, uuid]]),
    `${cursor([0, uuid])}A`,
    cursor('['.repeat(100)),
    Buffer.from(` [0,"${uuid}"]`).toString('base64url'),
  ]
  for (const list of [...lists, `@worf/status/${uuid}`]) {
    const path = `/api/activities/${list}${list.includes('?') ? '&' : '?'}`
    for (const after of wrong) {
      const expected = { status: 400, code: 'invalid_input', fields: ['after'] }
      assert.deepEqual(await refusal(worf('GET', `${path}after=${after}`)), expected, `${path}after=${after}`)
    }
    for (const limit of ['0', '51', '-1', 'x', '1.5', '']) {
      assert.deepEqual((await refusal(worf('GET', `${path}limit=${limit}`))).fields, ['limit'], limit)
    }
    assert.deepEqual((await refusal(worf('GET', `${path}colour=red&limit=99`))).fields, ['colour', 'limit'])
  }
  assert.deepEqual((await refusal(worf('GET', '/api/activities/home?feed=nobody'))).fields, ['feed'])
})

test('the Following feed needs a signed-in user', async () => {
  assert.deepEqual(await refusal(room.app.call('GET', '/api/activities/home?feed=following')), {
    status: 401,
    code: 'unauthenticated',
    fields: [],
  })
})

test('the Following feed has your own and followed people’s cruds and reposts, each once, newest first', async () => {
  const [me = '', friend = '', other = '', stranger = ''] = await room.crew('circle', 4)
  await room.follow(me, friend)
  await room.follow(me, other)
  await room.follow(friend, stranger)
  const call = await room.app.actAs(me)
  const strange = await room.put('a stranger, reposted twice', { by: stranger, age: '9 minutes' })
  await room.put('a stranger', { by: stranger, age: '8 minutes' })
  const friends = await room.put('a friend', { by: friend, age: '7 minutes' })
  await room.put('my own', { by: me, age: '6 minutes' })
  await room.put('a reply of a friend', { by: friend, age: '5 minutes', replyTo: strange })
  const reply = await room.put('a reply of a stranger', { by: stranger, age: '5 minutes', replyTo: friends })
  const repost = (by: string, uuid: string, age: string) =>
    room.database.query(
      `INSERT INTO reposts (user_uuid, activity_uuid, created_at)
       SELECT uuid, $2, now() - $3::interval FROM users WHERE handle = $1`,
      [by, uuid, age],
    )
  await repost(stranger, strange, '8 minutes')
  await repost(friend, strange, '4 minutes')
  await repost(other, strange, '3 minutes')
  await repost(other, friends, '2 minutes')
  await repost(me, reply, '1 minute')

  const { activities } = await room.home(call, '?feed=following')
  assert.deepEqual(
    activities.map(({ message, handle, reposted_by }) => [message, handle, reposted_by?.handle ?? null]),
    [
      ['a reply of a stranger', stranger, me],
      ['a stranger, reposted twice', stranger, friend],
      ['my own', me, null],
      ['a friend', friend, null],
    ],
  )
  assert.deepEqual(
    activities.map(({ reposted }) => reposted),
    [true, false, false, false],
  )
  const profile = await room.person(call, other)
  assert.deepEqual(
    profile.activities.map(({ message, reposted_by }) => [message, reposted_by?.handle]),
    [
      ['a friend', other],
      ['a stranger, reposted twice', other],
    ],
  )
})

test('pages of the Following feed have no gap and no repetition', async () => {
  const [me = '', ...others] = await room.crew('busy', 8)
  for (const other of others.slice(0, 5)) await room.follow(me, other)
  await room.database.query(
    `INSERT INTO activities (user_uuid, message, created_at, expires_at)
     SELECT uuid, 'busy ' || n, now() - (n % 9) * interval '1 second', now() + interval '1 hour'
     FROM users, generate_series(1, 12) AS n WHERE handle LIKE 'busy\\_%'`,
  )
  await room.database.query(
    `INSERT INTO reposts (user_uuid, activity_uuid, created_at)
     SELECT u.uuid, a.uuid, a.created_at + (hashtext(u.handle || a.message) % 5) * interval '1 second'
     FROM users u, activities a WHERE u.handle LIKE 'busy\\_%' AND a.message LIKE 'busy %'
       AND hashtext(a.uuid::text || u.handle) % 3 = 0`,
  )
  const call = await room.app.actAs(me)
  const pages = await allPages((after) => room.home(call, `?feed=following&limit=7${after}`))
  const paged = uuidsOf(pages)
  assert.equal(new Set(paged).size, paged.length, 'each activity appears once')
  const expected = await room.database.query<{ uuid: string }>(
    `WITH circle AS (SELECT uuid FROM users WHERE handle IN ('busy_1','busy_2','busy_3','busy_4','busy_5','busy_6'))
     SELECT a.uuid FROM activities a WHERE message LIKE 'busy %' AND (user_uuid IN (SELECT uuid FROM circle)
       OR EXISTS (SELECT FROM reposts r WHERE r.activity_uuid = a.uuid AND r.user_uuid IN (SELECT uuid FROM circle)))`,
  )
  assert.deepEqual([...paged].sort(), expected.map(({ uuid }) => uuid).sort())
  assert.ok(pages.slice(0, -1).every(({ activities }) => activities.length === 7))
})

test('a profile has the person, their cruds and reposts, and whether they follow each other', async () => {
  const [me = '', friend = ''] = await room.crew('profile', 2)
  const parent = await room.put('a crud', { by: friend, age: '2 minutes' })
  await room.put('a reply', { by: friend, age: '1 minute', replyTo: parent })
  await room.database.query("UPDATE users SET bio = 'I am <b>bold</b>', followers_count = 3 WHERE handle = $1", [
    friend,
  ])
  await room.follow(friend, me)
  const call = await room.app.actAs(me)
  const { profile, activities } = await room.person(call, friend)
  assert.deepEqual(
    { ...profile, uuid: undefined, created_at: undefined },
    {
      uuid: undefined,
      created_at: undefined,
      handle: friend,
      display_name: 'Crew',
      bio: 'I am <b>bold</b>',
      cruds_count: 2,
      followers_count: 3,
      following_count: 0,
      followed: false,
      follows_you: true,
    },
  )
  assert.deepEqual(messagesOf({ activities }), ['a crud'])
  assert.equal((await room.person(room.app.call, `${friend.toUpperCase()}`)).profile.follows_you, false)
})

test('a profile with an unknown or blank handle is refused, with the error code of the first version', async () => {
  const ask = (path: string) => refusal(room.app.call('GET', `/api/activities/${path}`))
  assert.deepEqual(await ask('@%20'), { status: 422, code: 'blank_user_handle', fields: ['handle'] })
  assert.deepEqual(await ask('@nobody_at_all'), { status: 404, code: 'not_found', fields: [] })
  assert.deepEqual(await ask('@%00'), { status: 400, code: 'invalid_input', fields: ['handle'] })
  assert.deepEqual(await ask("@x';--"), { status: 400, code: 'invalid_input', fields: ['handle'] })
  assert.deepEqual(await ask(`@${'x'.repeat(31)}`), { status: 400, code: 'invalid_input', fields: ['handle'] })
})
