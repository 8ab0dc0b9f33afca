import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type Found, Trends } from '@cruddur/shared/activities'
import * as z from 'zod/mini'
import { newest } from '../cursor.ts'
import { selectSample } from './search.queries.ts'
import { windowSize } from './search-window.ts'
import { allPages, refusal, startActivities } from './testing.ts'

let room: Awaited<ReturnType<typeof startActivities>>

before(async () => {
  room = await startActivities()
})

const messagesOf = (pages: Pick<Found, 'activities'>[]) =>
  pages.flatMap(({ activities }) => activities.map(({ message }) => message))
const find = async (term: string) => messagesOf([await room.find(room.app.call, term, '&limit=50')])

test('words find what has them, in whatever form, best first', async () => {
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
  const today = Math.floor(Date.now() / 86_400_000)
  for (const term of [`86400s ${today}`, `"86400s ${today}"`, `'86400s ${today}'`, '86400s'])
    assert.deepEqual(await find(term), [], 'the words of time are not for asking')
  for (const term of ['the', '-', '!!!', '& | !', "'", '"', '\\', '()', '%', '_', '#', '@', '<->', 'juice:*', '🖖'])
    await find(term)
  assert.deepEqual(await find('%'), [])
  assert.deepEqual(await find('the'), [])
})

test('replies are found too, and say whose they are and what one did with them', async () => {
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

test('pages of words go through one window of the newest after the other, without a gap or a repetition', async () => {
  await room.database.query(
    `INSERT INTO activities (user_uuid, message, created_at, expires_at)
     SELECT uuid, repeat('tribble ', 1 + n % 4) || n, now() - (n / 3) * interval '1 second', now() + interval '1 hour'
     FROM users, generate_series(1, 430) AS n WHERE handle = 'worf'`,
  )
  const all = await room.database.query<{ uuid: string }>("SELECT uuid FROM activities WHERE message LIKE 'tribble%'")
  for (const limit of [20, 50, 47]) {
    const pages = await allPages((after) => room.find(room.app.call, 'tribbles', `&limit=${limit}${after}`))
    const paged = pages.flatMap(({ activities }) => activities)
    assert.deepEqual(paged.map(({ uuid }) => uuid).sort(), all.map(({ uuid }) => uuid).sort())
    assert.ok(
      pages.every(({ activities }, index) => activities.length === limit || index === pages.length - 1),
      'all pages but the last one are full',
    )
    assert.notEqual(pages.at(-1)?.activities.length, 0, 'nor is that one empty')

    const windows: (typeof paged)[] = []
    const tribblesOf = ({ message }: { message: string }) => message.split('tribble').length - 1
    for (const [index, activity] of paged.entries()) {
      const last = paged[index - 1]
      if (!last || tribblesOf(activity) > tribblesOf(last)) windows.push([])
      windows.at(-1)?.push(activity)
    }
    const sizes = windows.map((window) => window.length)
    assert.ok(
      sizes.length > 4 && sizes.length < 15 && Math.max(...sizes) <= 100,
      `the best of a window first: ${sizes}`,
    )
    const times = windows.map((window) => window.map(({ created_at }) => Date.parse(created_at)))
    for (const [index, older] of times.slice(1).entries())
      assert.ok(Math.max(...older) <= Math.min(...(times[index] ?? [])), 'the newest window first')
  }
})

test('what goes while somebody reads on takes nothing else along', async () => {
  await room.database.query(
    `INSERT INTO activities (user_uuid, message, created_at, expires_at)
     SELECT uuid, repeat('gagh ', 1 + n % 3) || n, now() - n * interval '1 second', now() + interval '1 hour'
     FROM users, generate_series(1, 300) AS n WHERE handle = 'worf'`,
  )
  const first = await room.find(room.app.call, 'gagh', '&limit=50')
  const gone = await room.database.query<{ uuid: string }>(
    `UPDATE activities SET expires_at = now() - interval '1 second' WHERE message LIKE 'gagh%' AND uuid <> ALL($1)
     AND substring(message from '\\d+')::int BETWEEN 20 AND 220 RETURNING uuid`,
    [first.activities.map(({ uuid }) => uuid)],
  )
  const rest = await allPages((after) =>
    room.find(room.app.call, 'gagh', `&limit=50${after === '' ? `&after=${first.next_cursor}` : after}`),
  )
  const read = [first, ...rest].flatMap(({ activities }) => activities.map(({ uuid }) => uuid))
  assert.equal(new Set(read).size, read.length)
  assert.equal(read.length, 300 - gone.length)
})

test('words that are rare are found however long ago they were written, and words that are not next to each other are not', async () => {
  await room.database.query(
    `INSERT INTO activities (user_uuid, message, created_at, expires_at)
     SELECT uuid, CASE WHEN n <= 250 THEN 'targ ' || n WHEN n = 251 THEN 'opera of a klingon, klingon opera'
       ELSE 'opera klingon ' || n END, now() - (40000 - n) * interval '1 second', now() + interval '1 hour'
     FROM users, generate_series(1, 22300) AS n WHERE handle = 'worf'`,
  )
  const rare = await allPages((after) => room.find(room.app.call, 'targs', `&limit=50${after}`))
  const found = messagesOf(rare)
  assert.equal(new Set(found).size, 250)
  assert.equal(found.length, 250)
  assert.deepEqual(found.slice(0, 2), ['targ 250', 'targ 249'])
  const phrase = await allPages((after) => room.find(room.app.call, '"klingon opera"', `&limit=50${after}`))
  assert.deepEqual(messagesOf(phrase), ['opera of a klingon, klingon opera'])
  assert.deepEqual(messagesOf(await allPages((after) => room.find(room.app.call, '"opera targ"', after))), [])
  assert.equal((await room.find(room.app.call, 'klingon -targ', '&limit=50')).activities.length, 50)
})

test('a hashtag finds what has it, newest first, in capitals or not, and nobody', async () => {
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

test('a handle finds what that person writes, newest first, and them', async () => {
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

test('people are found by how their handle or name begins, five at most, and on the first page only', async () => {
  await room.database.query(
    `INSERT INTO users (handle, display_name) VALUES ('quark_2', 'Nog'), ('nog', 'Quark’s nephew'), ('q_uark', 'Q'),
       ('quxrk', 'Not he'), ('per_cent', '100% Ferengi')`,
  )
  const people = async (term: string, query = '') =>
    (await room.find(room.app.call, term, query)).people.map(({ handle }) => handle)
  assert.deepEqual(await people('QUARK'), ['nog', 'quark', 'quark_2'])
  assert.deepEqual(await people('@quark'), ['nog', 'quark', 'quark_2'])
  assert.deepEqual(await people('quark’s nep'), ['nog'])
  assert.deepEqual(await people('qu_rk'), [], 'no pattern')
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

test('a term that is none is refused, in the words of the first version where it has them', async () => {
  const ask = (query: string) => refusal(room.app.call('GET', `/api/activities/search${query}`))
  const blank = { status: 422, code: 'search_term_blank', fields: ['term'] }
  for (const query of ['', '?term=', '?term=%20%20', '?term=%09']) assert.deepEqual(await ask(query), blank, query)
  const invalid = { status: 400, code: 'invalid_input', fields: ['term'] }
  for (const query of [`?term=${'x'.repeat(101)}`, '?term=a%00b', '?term=a&term=b'])
    assert.deepEqual(await ask(query), invalid, query)
  assert.equal((await room.find(room.app.call, '🖖'.repeat(100))).activities.length, 0)
})

test('a cursor of one search is none of another kind', async () => {
  for (let n = 0; n < 2; n++) await room.write('worf', 'kahless #kahless')
  const [words, tag] = await Promise.all([
    room.find(room.app.call, 'kahless', '&limit=1'),
    room.find(room.app.call, '#kahless', '&limit=1'),
  ])
  const ask = (term: string, after: string | null) =>
    refusal(room.app.call('GET', `/api/activities/search?term=${encodeURIComponent(term)}&after=${after}`))
  assert.deepEqual((await ask('kahless', tag.next_cursor)).fields, ['after'])
  assert.deepEqual((await ask('#kahless', words.next_cursor)).fields, ['after'])
})

test('a cursor of any time, forged too, reads no more than a window of what lives', async () => {
  for (let n = 0; n < 3; n++) await room.write('worf', `petaQ ${n}`)
  const nobody = '00000000-0000-0000-0000-000000000000'
  const [begin, now, end] = [0, Date.now() + 60_000, Date.UTC(9999, 11, 31)].map((ms) => [ms, nobody] as const)
  const foundAfter = async (fields: unknown[]) => {
    const after = Buffer.from(JSON.stringify(fields)).toString('base64url')
    return messagesOf([await room.find(room.app.call, 'petaQ', `&after=${after}`)]).toSorted()
  }
  const all = ['petaQ 0', 'petaQ 1', 'petaQ 2']
  assert.deepEqual(await foundAfter([now]), all)
  assert.deepEqual(await foundAfter([end]), all)
  assert.deepEqual(await foundAfter([begin]), [])
  assert.deepEqual(await foundAfter([now, begin, 1_000, now]), all)
  assert.deepEqual(await foundAfter([end, begin, 1_000, now]), [], 'longer before that nothing lived')
  assert.deepEqual(await foundAfter([begin, end, 1_000, now]), all, 'an empty window, and on from its end')
})

test('trends are the tags that most people wrote lately, not the ones written most often', async () => {
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

test('what somebody wrote hundreds of times just now does not make the window too long', async () => {
  await room.database.query(
    `INSERT INTO activities (user_uuid, message, created_at, expires_at)
     SELECT uuid, CASE WHEN n <= 600 THEN 'gold-pressed ' || n WHEN n % 10 = 0 THEN 'latinum ' || n ELSE 'lobe ' || n END,
       now() - n * interval '5 ms', now() + interval '1 hour'
     FROM users, generate_series(1, 9000) AS n WHERE handle = 'worf'`,
  )
  const [sample] = await selectSample('latinum', newest)
  const [row] = await room.database.query<{ matches: number }>(
    "SELECT count(*)::int AS matches FROM activities WHERE message LIKE 'latinum%' AND created_at >= $1",
    [sample?.reached_at],
  )
  const matches = row?.matches ?? 0
  assert.ok(matches > windowSize / 4 && matches < windowSize * 3, `${matches} in it`)
})
