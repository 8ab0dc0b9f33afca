import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Call } from '../testing.ts'
import { listenTo } from '../testing.ts'
import { refusal, startActivities } from './testing.ts'

type Room = Awaited<ReturnType<typeof startActivities>>
let room: Room
let live: Awaited<ReturnType<typeof listenTo>>

before(async () => {
  room = await startActivities()
  live = await listenTo(room.database)
})

const reactions = [
  { verb: 'like', count: 'likes_count', done: 'liked' },
  { verb: 'repost', count: 'reposts_count', done: 'reposted' },
] as const

for (const { verb, count, done } of reactions) {
  test(`a ${verb} counts once, is shown to its user, and can be removed`, async () => {
    const uuid = await room.put(`${verb} this`)
    const garek = await room.app.actAs('garek')
    const path = `/api/activities/${uuid}/${verb}`
    const shown = async (call: Call) => {
      const { activity } = await room.show(call, 'worf', uuid)
      return [activity[count], activity[done]]
    }

    for (let time = 0; time < 2; time++) {
      assert.deepEqual((await garek('POST', path)).body, { uuid, [count]: 1, [done]: true })
      assert.deepEqual(await shown(garek), [1, true])
      assert.deepEqual(await shown(room.app.call), [1, false])
    }
    for (let time = 0; time < 2; time++) {
      assert.deepEqual((await garek('DELETE', path)).body, { uuid, [count]: 0, [done]: false })
      assert.deepEqual(await shown(garek), [0, false])
    }
  })

  test(`when a hundred people ${verb} twice at once, the count is a hundred`, async () => {
    const uuid = await room.put(`all ${verb} this`)
    const crew = await Promise.all((await room.crew(verb, 100)).map((handle) => room.app.actAs(handle)))
    const answerOf = async (person: Call, method: string, triesLeft = 5): ReturnType<Call> => {
      const answer = await person(method, `/api/activities/${uuid}/${verb}`)
      // A busy machine may need longer for the queue of 200 than a request may wait for a connection.
      return answer.status === 503 && triesLeft > 0 ? answerOf(person, method, triesLeft - 1) : answer
    }
    const all = (method: string) => Promise.all([...crew, ...crew].map((person) => answerOf(person, method)))
    const statusesOf = (answers: { status: number }[]) => new Set(answers.map(({ status }) => status))

    assert.deepEqual(statusesOf(await all('POST')), new Set([200]))
    assert.equal((await room.rowOf(uuid))?.[count], 100)
    assert.equal((await room.toldOf(uuid)).length, 100)

    assert.deepEqual(statusesOf(await all('DELETE')), new Set([200]))
    assert.equal((await room.rowOf(uuid))?.[count], 0)
    assert.deepEqual(await room.toldOf(uuid), [])
  })

  test(`after a ${verb} is added and removed at once, the count equals the rows`, async () => {
    const uuid = await room.put(`hesitantly ${verb} this`)
    const people = await Promise.all(['garek', 'andrewbrown'].map((handle) => room.app.actAs(handle)))
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, n) =>
        people[n % 2]?.(n % 3 === 0 ? 'DELETE' : 'POST', `/api/activities/${uuid}/${verb}`),
      ),
    )
    assert.deepEqual(new Set(answers.map((answer) => answer?.status)), new Set([200]))
    const [rows] = await room.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${verb}s WHERE activity_uuid = $1`,
      [uuid],
    )
    assert.equal((await room.rowOf(uuid))?.[count], rows?.n)
    assert.equal((await room.toldOf(uuid)).length, rows?.n)
  })

  test(`the author is notified of a ${verb} until it is removed, but not of their own ${verb}`, async () => {
    const uuid = await room.put(`${verb} and tell`)
    const [garek, worf] = [await room.app.actAs('garek'), await room.app.actAs('worf')]
    const [author] = await room.database.query<{ uuid: string }>("SELECT uuid FROM users WHERE handle = 'worf'")
    const [giver] = await room.database.query<{ uuid: string }>("SELECT uuid FROM users WHERE handle = 'garek'")
    await live.take()

    await garek('POST', `/api/activities/${uuid}/${verb}`)
    assert.deepEqual(await room.toldOf(uuid), [{ kind: verb, user: 'worf', actor: 'garek' }])
    const counts = { likes_count: 0, replies_count: 0, reposts_count: 0 }
    const said = (isDone: boolean) => [
      {
        kind: 'counts',
        uuid,
        ...counts,
        [count]: isDone ? 1 : 0,
        by: giver?.uuid,
        liked: null,
        reposted: null,
        [done]: isDone,
        cause: null,
      },
      { kind: 'notifications', user_uuid: author?.uuid, cause: null },
    ]
    assert.deepEqual(await live.take(), said(true))
    await garek('POST', `/api/activities/${uuid}/${verb}`)
    assert.deepEqual(await live.take(), [], 'nothing has changed')

    await garek('DELETE', `/api/activities/${uuid}/${verb}`)
    assert.deepEqual(await room.toldOf(uuid), [])
    assert.deepEqual(await live.take(), said(false))

    await worf('POST', `/api/activities/${uuid}/${verb}`)
    assert.deepEqual(await room.toldOf(uuid), [])
    assert.deepEqual(
      (await live.take()).map(({ kind }) => kind),
      ['counts'],
    )
  })

  test(`a ${verb} needs a signed-in user and an existing activity`, async () => {
    const uuid = await room.put('stay out')
    const worf = await room.app.actAs('worf')
    const missing = '3f3f3f3f-3f3f-4f3f-8f3f-3f3f3f3f3f3f'
    for (const method of ['POST', 'DELETE']) {
      const ask = (call: Call, name: string) => refusal(call(method, `/api/activities/${name}/${verb}`))
      assert.deepEqual(await ask(room.app.call, uuid), { status: 401, code: 'unauthenticated', fields: [] })
      assert.deepEqual(await ask(worf, missing), { status: 404, code: 'not_found', fields: [] })
      assert.deepEqual(await ask(worf, 'not-a-uuid'), { status: 400, code: 'invalid_input', fields: ['uuid'] })
      assert.deepEqual(await ask(worf, '%20'), { status: 422, code: 'activity_uuid_blank', fields: ['uuid'] })
      assert.equal((await ask(worf, '%00')).status, 400)
    }
  })

  test(`a ${verb} of an activity that is being deleted gets an answer below 500`, async () => {
    const crew = await Promise.all((await room.crew(`late_${verb}`, 10)).map((handle) => room.app.actAs(handle)))
    const worf = await room.app.actAs('worf')
    for (let round = 0; round < 5; round++) {
      const uuid = await room.put('soon gone')
      const asked = [
        ...crew.slice(0, 5).map((person) => person('POST', `/api/activities/${uuid}/${verb}`)),
        worf('DELETE', `/api/activities/${uuid}`),
        ...crew.slice(5).map((person) => person('POST', `/api/activities/${uuid}/${verb}`)),
      ]
      for (const { status } of await Promise.all(asked)) assert.ok(status === 200 || status === 404, String(status))
      assert.equal(await room.rowOf(uuid), undefined)
    }
  })
}
