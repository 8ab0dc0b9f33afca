import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TabStore, type UnsentMessage, UnsentMessages } from './unsent-messages.ts'

const createStore = (): TabStore => {
  const kept = new Map<string, string>()
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  }
}

const unsent = (key: string, more: Partial<UnsentMessage> = {}): UnsentMessage => ({
  key,
  author: 'andrew',
  place: 'group',
  message: `Message ${key}`,
  writtenAt: 0,
  state: 'sending',
  sentence: null,
  traceId: null,
  ...more,
})

const keys = (list: readonly UnsentMessage[]) => list.map(({ key }) => key)

test('each conversation has its own, and each author', () => {
  const messages = new UnsentMessages(createStore)
  for (const one of [unsent('a'), unsent('b', { place: 'other' }), unsent('c', { author: 'worf' }), unsent('d')])
    messages.keep(one)
  assert.deepEqual(keys(messages.at('andrew', 'group')), ['a', 'd'])
  assert.deepEqual(keys(messages.at('worf', 'group')), ['c'])
})

test('what is asked for is the very same until something changes', () => {
  const messages = new UnsentMessages(createStore)
  messages.keep(unsent('a'))
  const before = messages.at('andrew', 'group')
  assert.equal(messages.at('andrew', 'group'), before)
  assert.equal(messages.at('andrew', 'empty'), messages.at('andrew', 'empty'))
  messages.forget('a')
  assert.deepEqual(messages.at('andrew', 'group'), [])
})

test('a message keeps its place and its key when it is tried again', () => {
  const messages = new UnsentMessages(createStore)
  messages.keep(unsent('a'))
  messages.keep(unsent('b'))
  messages.keep(unsent('a', { state: 'failed', sentence: 'you are offline.' }))
  assert.deepEqual(keys(messages.at('andrew', 'group')), ['a', 'b'])
})

test('after a reload what was on its way asks to be tried again, and what was written is there', () => {
  const store = createStore()
  const before = new UnsentMessages(() => store)
  before.keep(unsent('a'))
  before.setDraft('andrew', 'group', 'Half a')
  const after = new UnsentMessages(() => store)
  assert.equal(after.at('andrew', 'group')[0]?.state, 'failed')
  assert.equal(after.draft('andrew', 'group'), 'Half a')
  assert.equal(after.draft('worf', 'group'), '')
})

test('a browser that keeps nothing for us loses nothing before it is closed', () => {
  const messages = new UnsentMessages(() => {
    throw new Error('denied')
  })
  messages.keep(unsent('a'))
  messages.setDraft('andrew', 'group', 'Half a')
  assert.deepEqual(keys(messages.at('andrew', 'group')), ['a'])
  assert.equal(messages.draft('andrew', 'group'), 'Half a')
})

test('what another version kept is not read', () => {
  const store = createStore()
  store.setItem('cruddur.messages', '[{"key":1}]')
  assert.deepEqual(new UnsentMessages(() => store).at('andrew', 'group'), [])
})

test('the messages of one conversation go in order, and one that fails holds none up', async () => {
  const messages = new UnsentMessages(createStore)
  const order: string[] = []
  const send = (name: string, ms: number, fails = false) =>
    messages.inLine('group', async () => {
      await new Promise((resolve) => setTimeout(resolve, ms))
      order.push(name)
      if (fails) throw new Error('no')
    })
  const results = await Promise.allSettled([send('a', 20), send('b', 1, true), send('c', 1)])
  assert.deepEqual(order, ['a', 'b', 'c'])
  assert.equal(results[2].status, 'fulfilled')
})

test('what was written to a person moves into the conversation that has begun', () => {
  const messages = new UnsentMessages(createStore)
  messages.keep(unsent('a', { place: '@worf' }))
  messages.setDraft('andrew', '@worf', 'And')
  messages.move('andrew', '@worf', 'group')
  assert.deepEqual(keys(messages.at('andrew', 'group')), ['a'])
  assert.equal(messages.draft('andrew', 'group'), 'And')
  assert.equal(messages.draft('andrew', '@worf'), '')
})
