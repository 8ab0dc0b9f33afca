import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import type { Activity } from '@cruddur/shared/activities'
import type { Session } from '@cruddur/shared/session'
import { type Backend, type Call, createDatabase, eventually, startBackend, startCollector } from '../testing.ts'

let collector: Awaited<ReturnType<typeof startCollector>>
let backend: Backend
let garek: Call
let byGarek: Record<string, unknown>

before(async () => {
  const database = await createDatabase()
  collector = await startCollector()
  backend = await startBackend({
    DATABASE_URL: database.url,
    DEMO_PEOPLE: 'true',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  })
  garek = await backend.actAs('garek')
  const { body } = await garek('GET', '/api/session')
  const { uuid } = (body as Session).user ?? {}
  byGarek = { 'app.user_id': uuid, 'user.id': uuid }
})

/** Calls an endpoint in a new trace, and returns the span of its use case. */
const spanOf = async (name: string, method: string, path: string, json?: object, key: string = randomUUID()) => {
  const traceId = randomBytes(16).toString('hex')
  const { status, body } = await garek(method, path, {
    ...(json && { json }),
    headers: { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`, 'idempotency-key': key },
  })
  assert.equal(status, 200, JSON.stringify(body))
  const span = await eventually(() => collector.spans.find((one) => one.traceId === traceId && one.name === name))
  const { 'app.now': now, ...facts } = span.attributes
  if (now !== undefined) assert.match(String(now), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  return { span, facts, saysWhen: now !== undefined, activity: body as Activity }
}

test('the span of a use case has its facts and its user, but no text that people wrote', async () => {
  const message = 'canary 🖖 #canarytag @worf'
  const writing = { message, ttl: '3-hours' }
  const written = await spanOf('activity.create', 'POST', '/api/activities', writing, 'canary-key')
  const { uuid } = written.activity
  const text = { ...byGarek, 'app.activity_length': 25, 'app.hashtags_count': 1, 'app.mentions_count': 1 }
  assert.deepEqual(written.facts, { 'app.activity_uuid': uuid, 'app.ttl': '3-hours', ...text })
  const again = await spanOf('activity.create', 'POST', '/api/activities', writing, 'canary-key')
  assert.deepEqual(again.facts, { 'app.activity_uuid': uuid, 'app.ttl': '3-hours', ...text, 'app.repeated': true })

  const done = { 'app.activity_uuid': uuid, ...byGarek }
  const like = await spanOf('activity.like', 'POST', `/api/activities/${uuid}/like`)
  assert.deepEqual(like.facts, { ...done, 'app.likes_count': 1, 'app.changed': true })
  const repost = await spanOf('activity.repost', 'POST', `/api/activities/${uuid}/repost`)
  assert.deepEqual(repost.facts, { ...done, 'app.reposts_count': 1, 'app.changed': true })
  const unlike = await spanOf('activity.unlike', 'DELETE', `/api/activities/${uuid}/like`)
  assert.deepEqual(unlike.facts, { ...done, 'app.likes_count': 0, 'app.changed': true })
  const unrepost = await spanOf('activity.unrepost', 'DELETE', `/api/activities/${uuid}/repost`)
  assert.deepEqual(unrepost.facts, { ...done, 'app.reposts_count': 0, 'app.changed': true })

  const following = await spanOf('activity.home', 'GET', '/api/activities/home?feed=following')
  assert.deepEqual(following.facts, { 'app.feed': 'following', 'app.result_length': 2, ...byGarek })
  const person = await spanOf('activity.user_activities', 'GET', '/api/activities/@garek')
  assert.deepEqual(person.facts, { ...byGarek, 'app.other_user_id': byGarek['user.id'], 'app.result_length': 2 })
  assert.ok(following.saysWhen && person.saysWhen)
  const show = await spanOf('activity.show', 'GET', `/api/activities/@garek/status/${uuid}`)
  assert.deepEqual(show.facts, { ...done, 'app.replies_count': 0, 'app.result_length': 0 })

  for (const [term, kind] of [
    ['canary', 'words'],
    ['#canarytag', 'hashtag'],
    ['@garek', 'handle'],
  ] as const) {
    const { facts } = await spanOf('activity.search', 'GET', `/api/activities/search?term=${encodeURIComponent(term)}`)
    const found = kind === 'handle' ? 2 : 1
    assert.deepEqual(facts, {
      ...byGarek,
      'app.search_term_length': term.length,
      'app.search_kind': kind,
      'app.result_length': found,
    })
  }
  assert.deepEqual((await spanOf('activity.trends', 'GET', '/api/trends')).facts, {
    ...byGarek,
    'app.result_length': 1,
  })
  const removed = await spanOf('activity.delete', 'DELETE', `/api/activities/${uuid}`)
  assert.deepEqual(removed.facts, done)
  for (const word of ['canary', 'Garek', '🖖'])
    assert.equal(JSON.stringify(collector.spans).includes(word), false, word)
})

test('a search for words is one statement in the trace', async () => {
  const { span } = await spanOf('activity.search', 'GET', '/api/activities/search?term=honor')
  const searches = collector.spans.filter(
    ({ traceId, attributes }) =>
      traceId === span.traceId && String(attributes['db.query.text']).includes('websearch_to_tsquery'),
  )
  assert.deepEqual(
    searches.map(({ name, parentSpanId }) => [name, parentSpanId]),
    [['SELECT activities', span.spanId]],
  )
})

test('the span of a reply names the activity that it answers', async () => {
  const parent = await spanOf('activity.home', 'GET', '/api/activities/home?limit=1')
  const [{ uuid = '' } = {}] = (parent.activity as unknown as { activities: Activity[] }).activities
  const { facts, activity } = await spanOf('activity.reply', 'POST', `/api/activities/${uuid}/reply`, {
    message: 'hm',
  })
  assert.deepEqual(facts, {
    ...byGarek,
    'app.activity_uuid': activity.uuid,
    'app.reply_to_activity_uuid': uuid,
    'app.activity_length': 2,
    'app.hashtags_count': 0,
    'app.mentions_count': 0,
  })
})
