import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { createSession } from './session.ts'

const minute = 60_000
const key = 'a page’s visit'
let now: number
let saved: Map<string, string>

const store = {
  getItem: (key: string) => saved.get(key) ?? null,
  setItem: (key: string, value: string) => void saved.set(key, value),
}
const open = () => createSession(store, key, () => now)

beforeEach(() => {
  now = 1_795_214_400_000
  saved = new Map()
})

test('a visit keeps its id while the user is active every half hour', () => {
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
  saved.set(key, '{"id":')
  assert.match(open()(), /^[0-9a-f]{32}$/)
  const refusing = {
    getItem: () => null,
    setItem: () => {
      throw new Error('denied')
    },
  }
  const session = createSession(refusing, key, () => now)
  assert.equal(session(), session())
})
