import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { allPages, refusal, startActivities } from './testing.ts'

let room: Awaited<ReturnType<typeof startActivities>>

before(async () => {
  room = await startActivities()
})

test('an activity has its own page, with its parent and its replies, oldest first', async () => {
  const parent = await room.write('andrewbrown', 'a parent')
  const middle = await room.write('worf', 'a reply', parent.uuid)
  const first = await room.write('garek', 'the first', middle.uuid)
  const second = await room.write('andrewbrown', 'the second', middle.uuid)
  const garek = await room.app.actAs('garek')
  await garek('POST', `/api/activities/${second.uuid}/like`)

  const page = await room.show(garek, 'worf', middle.uuid)
  assert.deepEqual({ ...page.activity, replies_count: 0 }, middle)
  assert.equal(page.activity.replies_count, 2)
  assert.deepEqual(page.parent, { ...parent, replies_count: 1 })
  assert.deepEqual(
    page.replies.map(({ uuid, liked, likes_count }) => [uuid, liked, likes_count]),
    [
      [first.uuid, false, 0],
      [second.uuid, true, 1],
    ],
  )
  assert.equal(page.next_cursor, null)
  assert.equal((await room.show(room.app.call, 'andrewbrown', parent.uuid)).parent, null)
})

test('pages of replies are in order, even with replies of the same instant', async () => {
  const parent = await room.put('ask me anything')
  await room.database.query(
    `INSERT INTO activities (user_uuid, message, created_at, expires_at, reply_to_activity_uuid)
     SELECT user_uuid, 'question ' || n, created_at - (n % 4) * interval '1 second', expires_at, uuid
     FROM activities, generate_series(1, 23) AS n WHERE uuid = $1`,
    [parent],
  )
  await room.database.query('UPDATE activities SET replies_count = 23 WHERE uuid = $1', [parent])
  const pages = await allPages((after) => room.show(room.app.call, 'worf', parent, `?limit=5${after}`))
  const paged = pages.flatMap(({ replies }) => replies.map(({ uuid }) => uuid))
  const all = await room.database.query<{ uuid: string }>(
    'SELECT uuid FROM activities WHERE reply_to_activity_uuid = $1 ORDER BY created_at, uuid',
    [parent],
  )
  assert.deepEqual(
    paged,
    all.map(({ uuid }) => uuid),
  )
  assert.ok(pages.every(({ activity }) => activity.uuid === parent))
})

test('an activity is found only under the handle of its author', async () => {
  const uuid = await room.put('mine')
  const ask = (path: string) => refusal(room.app.call('GET', `/api/activities/${path}`))
  assert.equal((await room.show(room.app.call, 'WORF', uuid)).activity.uuid, uuid)
  assert.deepEqual(await ask(`@garek/status/${uuid}`), { status: 404, code: 'not_found', fields: [] })
  assert.deepEqual(await ask(`@nobody/status/${uuid}`), { status: 404, code: 'not_found', fields: [] })
  assert.deepEqual(await ask('@worf/status/3f3f3f3f-3f3f-4f3f-8f3f-3f3f3f3f3f3f'), {
    status: 404,
    code: 'not_found',
    fields: [],
  })
  assert.deepEqual(await ask('@worf/status/%20'), { status: 422, code: 'activity_uuid_blank', fields: ['uuid'] })
  assert.deepEqual(await ask('@worf/status/x'), { status: 400, code: 'invalid_input', fields: ['uuid'] })
  assert.deepEqual(await ask(`@%20/status/${uuid}`), { status: 422, code: 'blank_user_handle', fields: ['handle'] })
})
