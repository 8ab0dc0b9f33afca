import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type Found, Trends } from '@cruddur/shared/activities'
import * as z from 'zod/mini'
import { allPages, refusal, startActivities } from './testing.ts'

let room: Awaited<ReturnType<typeof startActivities>>

before(async () => {
  room = await startActivities()
})

const messagesOf = (pages: Pick<Found, 'activities'>[]) =>
  pages.flatMap(({ activities }) => activities.map(({ message }) => message))
const find = async (term: string) => messagesOf([await room.find(room.app.call, term, '&limit=50')])

test('a search finds activities that contain the words in any form, newest first', async () => {
  await room.put('a warrior drinks prune juice', { age: '4 minutes' })
  await room.put('juice, juice, and more juices!', { age: '3 minutes' })
  await room.put('drinking is for warriors', { age: '2 minutes', by: 'garek' })
  await room.put('tea, Earl Grey, hot', { age: '1 minute' })
  assert.deepEqual(await find('JUICES'), [
    'juice, juice, and more juices!',
    'a warrior drinks prune juice',
    'I am out of prune juice',
  ])
  assert.deepEqual(await find('prune juice'), ['a warrior drinks prune juice', 'I am out of prune juice'])
  assert.deepEqual(await find('"drinks prune"'), ['a warrior drinks prune juice'])
  assert.deepEqual(await find('warrior -juice'), ['drinking is for warriors'])
  assert.deepEqual(await find('tea or warriors'), [
    'tea, Earl Grey, hot',
    'drinking is for warriors',
    'a warrior drinks prune juice',
  ])
  for (const term of ['the', '-', '!!!', '& | !', "'", '"', '\\', '()', '%', '_', '#', '@', '<->', 'juice:*', '🖖'])
    await find(term)
  assert.deepEqual(await find('%'), [])
  assert.deepEqual(await find('the'), [])
})

test('replies are found too, with their author and the user’s own like', async () => {
  const parent = await room.write('worf', 'a beginning')
  const reply = await room.write('garek', 'an unmistakable answer', parent.uuid)
  const worf = await room.app.actAs('worf')
  await worf('POST', `/api/activities/${reply.uuid}/like`)
  const { activities } = await room.find(worf, 'unmistakable')
  assert.deepEqual(activities, [{ ...reply, likes_count: 1, liked: true }])
  const { activities: whole } = await room.find(worf, 'beginning')
  assert.deepEqual(
    whole[0]?.replies.map(({ uuid }) => uuid),
    [reply.uuid],
  )
})

test('pages of words follow each other without a gap or a repetition', async () => {
  await room.database.query(
    `INSERT INTO activities (user_uuid, message, created_at, expires_at)
     SELECT uuid, repeat('tribble ', 1 + n % 4) || n, now() - (n / 3) * interval '1 second', now() + interval '1 hour'
     FROM users, generate_series(1, 430) AS n WHERE handle = 'worf'`,
  )
  const all = await room.database.query<{ uuid: string }>(
    "SELECT uuid FROM activities WHERE message LIKE 'tribble%' ORDER BY created_at DESC, uuid DESC",
  )
  for (const limit of [20, 50, 43]) {
    const pages = await allPages((after) => room.find(room.app.call, 'tribbles', `&limit=${limit}${after}`))
    const paged = pages.flatMap(({ activities }) => activities.map(({ uuid }) => uuid))
    assert.deepEqual(
      paged,
      all.map(({ uuid }) => uuid),
    )
    assert.equal(pages.length, Math.ceil(430 / limit), 'every page but the last is full')
  }
})

test('an activity that expires between two pages takes no other activity with it', async () => {
  await room.database.query(
    `INSERT INTO activities (user_uuid, message, created_at, expires_at)
     SELECT uuid, 'gagh ' || n, now() - n * interval '1 second', now() + interval '1 hour'
     FROM users, generate_series(1, 60) AS n WHERE handle = 'worf'`,
  )
  const first = await room.find(room.app.call, 'gagh')
  await room.database.query(
    `UPDATE activities SET expires_at = now() - interval '1 millisecond'
     WHERE message = 'gagh 20' OR message LIKE 'gagh 3_'`,
  )
  const rest = await allPages((after) => room.find(room.app.call, 'gagh', after || `&after=${first.next_cursor}`))
  const read = messagesOf([first, ...rest])
  assert.deepEqual(
    read,
    Array.from({ length: 60 }, (_, n) => `gagh ${n + 1}`).filter((message) => !/^gagh 3\d$/.test(message)),
  )
})

test('a rare word is found even in an old activity', async () => {
  await room.database.query(
    `INSERT INTO activities (user_uuid, message, created_at, expires_at)
     SELECT uuid, CASE WHEN n = 1 THEN 'opera of a klingon, klingon opera, targs' ELSE 'opera klingon ' || n END,
       now() - (40000 - n) * interval '1 second', now() + interval '1 hour'
     FROM users, generate_series(1, 5000) AS n WHERE handle = 'worf'`,
  )
  const oldest = ['opera of a klingon, klingon opera, targs']
  assert.deepEqual(await find('targ'), oldest)
  assert.deepEqual(await find('"klingon opera"'), oldest)
  assert.deepEqual(await find('"targ opera"'), [])
  assert.equal((await find('klingon -targ')).length, 50)
})

test('a hashtag finds the activities that contain it in any case, newest first, and no people', async () => {
  for (const message of ['one #Bat_leth', 'two #BAT_LETH and #bat_leth', 'bat_leth without', 'three #bat_leth2'])
    await room.write('worf', message)
  const reply = await room.write('garek', 'a reply #bat_leth', (await room.write('worf', 'nothing')).uuid)
  assert.deepEqual(await find('#bat_Leth'), [reply.message, 'two #BAT_LETH and #bat_leth', 'one #Bat_leth'])
  const pages = await allPages((after) => room.find(room.app.call, '#bat_leth', `&limit=1${after}`))
  assert.deepEqual(messagesOf(pages), await find('#bat_leth'))
  assert.ok(pages.every(({ people }) => people.length === 0))
  await room.write('worf', '#漢字 #Ünïcödé #İstanbul')
  for (const tag of ['#漢字', '#ünïcödé', '#İSTANBUL']) assert.equal((await find(tag)).length, 1, tag)
  assert.deepEqual(await find("#x' OR 1=1"), [])
})

test('a handle finds the person and their activities, newest first', async () => {
  const [handle = ''] = await room.crew('handle', 1)
  const parent = await room.put('first', { by: handle, age: '3 minutes' })
  await room.put('second', { by: handle, age: '2 minutes', replyTo: parent })
  await room.put(`not by @${handle}`, { age: '1 minute' })
  const found = await room.find(room.app.call, `@${handle.toUpperCase()}`)
  assert.deepEqual(messagesOf([found]), ['second', 'first'])
  assert.deepEqual(
    found.people.map((person) => person.handle),
    [handle],
  )
  const pages = await allPages((after) => room.find(room.app.call, `@${handle}`, `&limit=1${after}`))
  assert.deepEqual(messagesOf(pages), ['second', 'first'])
  assert.deepEqual(await find('@nobody_at_all'), [])
})

test('at most five people are found by the start of their handle or name, on the first page only', async () => {
  await room.database.query(
    `INSERT INTO users (handle, display_name) VALUES ('quark_2', 'Nog'), ('nog', 'Quark’s nephew'), ('q_uark', 'Q'),
       ('quxrk', 'Not he'), ('per_cent', '100% Ferengi')`,
  )
  const people = async (term: string, query = '') =>
    (await room.find(room.app.call, term, query)).people.map(({ handle }) => handle)
  assert.deepEqual(await people('QUARK'), ['nog', 'quark', 'quark_2'])
  assert.deepEqual(await people('@quark'), ['nog', 'quark', 'quark_2'])
  assert.deepEqual(await people('quark’s nep'), ['nog'])
  assert.deepEqual(await people('qu_rk'), [], 'an underscore is not a pattern')
  assert.deepEqual(await people('100%'), ['per_cent'])
  assert.deepEqual(await people('%'), [])
  await room.crew('many', 7)
  assert.deepEqual(await people('many'), ['many_1', 'many_2', 'many_3', 'many_4', 'many_5'])

  for (let n = 0; n < 2; n++) await room.put('quark sells')
  const first = await room.find(room.app.call, 'quark', '&limit=1')
  assert.equal(first.people.length, 3)
  const second = await room.find(room.app.call, 'quark', `&limit=1&after=${first.next_cursor}`)
  assert.deepEqual([second.people, second.activities.length, second.next_cursor], [[], 1, null])
})

test('an invalid term is refused, with the error code of the first version', async () => {
  const ask = (query: string) => refusal(room.app.call('GET', `/api/activities/search${query}`))
  const blank = { status: 422, code: 'search_term_blank', fields: ['term'] }
  for (const query of ['', '?term=', '?term=%20%20', '?term=%09']) assert.deepEqual(await ask(query), blank, query)
  const invalid = { status: 400, code: 'invalid_input', fields: ['term'] }
  for (const query of [`?term=${'x'.repeat(101)}`, '?term=a%00b', '?term=a&term=b'])
    assert.deepEqual(await ask(query), invalid, query)
  assert.equal((await room.find(room.app.call, '🖖'.repeat(100))).activities.length, 0)
})

test('trends are the tags that most people use, not the tags that are used most often', async () => {
  const crew = await room.crew('trend', 3)
  for (const handle of crew) await room.write(handle, 'we all say #honor')
  for (let n = 0; n < 5; n++) await room.write('worf', `again and again #glory ${n}`)
  await room.write('garek', 'a little #glory #intrigue')
  const { status, body } = await room.app.call('GET', '/api/trends')
  assert.equal(status, 200)
  const { trends } = z.parse(Trends, body)
  const people = Object.fromEntries(trends.map(({ tag, people }) => [tag, people]))
  assert.deepEqual([people.honor, people.glory, people.intrigue], [3, 2, 1])
  assert.deepEqual(
    trends.slice(0, 2).map(({ tag }) => tag),
    ['honor', 'glory'],
  )
  assert.ok(trends.length <= 10)
  assert.deepEqual((await refusal(room.app.call('GET', '/api/trends?limit=5'))).fields, ['limit'])
})
