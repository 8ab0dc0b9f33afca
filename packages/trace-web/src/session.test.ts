import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { visitIdOf } from '@cruddur/wire/visit'
import type { Span } from '@opentelemetry/api'
import { createProvider, type ReadableSpan } from '#sdk'
import { PageAttributes } from './page-attributes.ts'
import { createSession, type Visit } from './session.ts'

const minute = 60_000
const key = 'a page’s visit'
let now: number
let saved: Map<string, string>

const store = {
  getItem: (key: string) => saved.get(key) ?? null,
  setItem: (key: string, value: string) => void saved.set(key, value),
}
/** The secret of the current visit. */
const secretsOf = (session: () => Visit) => () => session().secret ?? assert.fail('the visit has no secret')
const open = () => secretsOf(createSession(store, key, () => now))

beforeEach(() => {
  now = 1_795_214_400_000
  saved = new Map()
})

test('a visit keeps its secret while the user is active every half hour', () => {
  const session = open()
  const id = session()
  assert.match(id, /^[0-9a-f]{32}$/)
  for (let times = 0; times < 7; times += 1) {
    now += 29 * minute
    assert.equal(session(), id)
  }
})

test('half an hour without activity ends the visit', () => {
  const session = open()
  const id = session()
  now += 31 * minute
  assert.notEqual(session(), id)
})

test('four hours end the visit even with constant activity', () => {
  const session = open()
  const id = session()
  for (let times = 0; times < 24; times += 1) {
    now += 10 * minute
    assert.equal(session(), id)
  }
  now += 1 * minute
  assert.notEqual(session(), id)
})

test('a reload in the same tab is the same visit', () => {
  const id = open()()
  now += 5 * minute
  assert.equal(open()(), id)
})

test('visits work without storage, and with a broken stored value', () => {
  const old = JSON.stringify({ id: 'f'.repeat(32), startedAt: now, seenAt: now })
  for (const broken of ['{"random":', old, JSON.stringify({ random: 7, startedAt: now, seenAt: now }), '[]', 'null']) {
    saved.set(key, broken)
    assert.match(open()(), /^[0-9a-f]{32}$/, broken)
  }
  const refusing = {
    getItem: () => null,
    setItem: () => {
      throw new Error('denied')
    },
  }
  const session = secretsOf(createSession(refusing, key, () => now))
  assert.equal(session(), session())
})

test('the id of a visit is the hash of its secret, and becomes known shortly after the visit begins', async () => {
  const visit = createSession(store, key, () => now)()
  assert.equal(visit.id, undefined)
  await visit.named
  assert.equal(visit.id, visitIdOf(visit.secret))
  assert.match(String(visit.id), /^[0-9a-f]{32}$/)
  assert.doesNotMatch([...saved.values()].join(), new RegExp(String(visit.id)))
})

test('a browser that cannot hash has visits with a random id and without a secret', (t) => {
  Object.defineProperty(crypto, 'subtle', { value: undefined, configurable: true })
  t.after(() => Reflect.deleteProperty(crypto, 'subtle'))
  const { id, secret } = createSession(store, key, () => now)()
  assert.match(String(id), /^[0-9a-f]{32}$/)
  assert.equal(secret, undefined)
  assert.equal(createSession(store, key, () => now)().id, id, 'a reload is the same visit')
})

test('the first spans of a visit get its id while they still record, and never the id of a later visit', async () => {
  const session = createSession(store, key, () => now)
  const spans = createProvider({ spanProcessors: [new PageAttributes(session)] }).getTracer('test')
  const idOf = (span: Span) => (span as Span & ReadableSpan).attributes['session.id']
  const [lasting, short] = [spans.startSpan('lasting'), spans.startSpan('short')]
  short.end()
  const first = session()
  now += 31 * minute
  const next = spans.startSpan('next')
  await Promise.all([first.named, session().named])
  assert.deepEqual([idOf(lasting), idOf(short), idOf(next)], [first.id, undefined, session().id])
  assert.notEqual(first.id, session().id)
  assert.equal(idOf(spans.startSpan('later')), session().id)
})
