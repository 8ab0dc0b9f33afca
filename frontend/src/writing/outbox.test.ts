import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Failure } from './failure.ts'
import { type NewUnsent, Outbox, type Target, type Unsent } from './outbox.ts'
import { SafeStorage } from './safe-storage.ts'
import { someStorage, throwingStorage } from './testing.ts'

class Refusal extends Error {}
class SignedOut extends Error {}
class KeySpent extends Error {}

const failureOf = (error: unknown): Failure => ({
  state: error instanceof Refusal || error instanceof KeySpent ? 'refused' : 'waiting',
  sentence: error instanceof Error ? error.message : '',
  traceId: null,
  isSignedOut: error instanceof SignedOut,
  isKeySpent: error instanceof KeySpent,
})

const crud: Target = { kind: 'crud', ttl: '7-days' }
const reply: Target = { kind: 'reply', uuid: '1', handle: 'garek' }
const toGarek: Target = { kind: 'message', handle: 'garek', display_name: 'Garek' }

const text = (given: Partial<NewUnsent> = {}): NewUnsent => ({
  key: null,
  author: 'worf',
  target: crud,
  message: 'Qapla’!',
  ...given,
})

/** One browser with its tabs, and a server that stores one text for each key. */
const openBrowser = ({ kept = someStorage() }: { kept?: Storage } = {}) => {
  const world = {
    user: 'worf' as string | null,
    time: 0,
    failure: null as Error | null,
    /** Each request that the server gets, as "user key". */
    requests: [] as string[],
    stored: new Set<string>(),
    beforeAnswer: Promise.resolve(),
  }
  const locks = new Map<string, Promise<void>>()
  let keys = 0
  const lock = async (name: string) => {
    const before = locks.get(name)
    let release = () => {}
    locks.set(
      name,
      new Promise<void>((resolve) => {
        release = resolve
      }),
    )
    await before
    return release
  }
  const openTab = ({ hasLocks = true } = {}) =>
    new Outbox({
      storage: new SafeStorage(() => kept),
      send: async (unsent: Unsent) => {
        world.requests.push(`${world.user} ${unsent.key}`)
        await world.beforeAnswer
        if (world.failure) throw world.failure
        world.stored.add(unsent.key)
      },
      failureOf,
      currentUser: async () => world.user,
      lock: hasLocks ? lock : async () => () => {},
      newKey: () => {
        keys += 1
        return `key-${keys}`
      },
      now: () => world.time,
    })
  /** Makes the server fail until the next call. */
  const failWith = (failure: Error | null) => {
    world.failure = failure
    world.requests = []
  }
  return { world, openTab, kept, failWith }
}

const states = (outbox: Outbox, author = 'worf') => outbox.of(author).map(({ state }) => state)
const run = <Result>(send: () => Promise<Result>) => send()

test('forgets a text that was sent', async () => {
  const { world, openTab, kept } = openBrowser()
  const outbox = openTab()
  const key = outbox.add(text())
  assert.deepEqual(states(outbox), ['sending'])
  assert.equal(await outbox.send(key, { isSeen: true }), 'sent')
  assert.deepEqual(world.requests, ['worf key-1'])
  assert.deepEqual(states(outbox), [])
  assert.equal(kept.length, 0)
})

test('waits with its reason, and sends under the same key when the connection is back', async () => {
  const { world, openTab, failWith } = openBrowser()
  const outbox = openTab()
  const key = outbox.add(text())
  failWith(new Error('You are offline.'))
  assert.equal(await outbox.send(key, { isSeen: true }), 'waiting')
  assert.deepEqual(states(outbox), ['waiting'])
  assert.equal(outbox.of('worf')[0]?.sentence, 'You are offline.')
  failWith(null)
  await outbox.sendWaiting('worf', run)
  assert.deepEqual(world.requests, ['worf key-1'])
})

test('sends a text once that a closed tab left half sent', async () => {
  const { world, openTab } = openBrowser()
  const closed = openTab()
  world.stored.add(closed.add(text()))
  const next = openTab()
  assert.deepEqual(states(next), ['sending'])
  await next.sendWaiting('worf', run)
  assert.deepEqual(states(next), [])
  assert.equal(world.stored.size, 1)
})

test('two tabs that send at the same time send a text once', async () => {
  const { world, openTab, failWith } = openBrowser()
  const [one, other] = [openTab(), openTab()]
  failWith(new Error('offline'))
  await one.send(one.add(text()), { isSeen: true })
  failWith(null)
  other.reload()
  await Promise.all([one.sendWaiting('worf', run), other.sendWaiting('worf', run)])
  assert.equal(world.requests.length, 1)
})

test('without locks two tabs may send a text twice, and the server stores it once', async () => {
  const { world, openTab } = openBrowser()
  const [one, other] = [openTab({ hasLocks: false }), openTab({ hasLocks: false })]
  one.add(text())
  await Promise.all([one.sendWaiting('worf', run), other.sendWaiting('worf', run)])
  assert.equal(world.stored.size, 1)
})

test('a second click on a text that is on its way sends nothing', async () => {
  const { world, openTab } = openBrowser()
  const outbox = openTab()
  const key = outbox.add(text())
  await Promise.all([outbox.send(key, { isSeen: true }), outbox.send(key)])
  assert.equal(world.requests.length, 1)
})

test('does not send a text as another user, or show it to that user', async () => {
  const { world, openTab } = openBrowser()
  const outbox = openTab()
  const key = outbox.add(text())
  world.user = 'garek'
  assert.equal(await outbox.send(key), 'signed-out')
  await outbox.sendWaiting('garek', run)
  assert.deepEqual(world.requests, [])
  assert.deepEqual(states(outbox, 'garek'), [])
  assert.deepEqual(states(outbox), ['waiting'])
  world.user = 'worf'
  await outbox.sendWaiting('worf', run)
  assert.deepEqual(world.requests, ['worf key-1'])
})

test('waits when the session has ended, and says so', async () => {
  const { openTab, failWith } = openBrowser()
  const outbox = openTab()
  failWith(new SignedOut('Sign in again.'))
  assert.equal(await outbox.send(outbox.add(text()), { isSeen: true }), 'signed-out')
  assert.deepEqual(states(outbox), ['waiting'])
})

test('keeps a refused text, does not send it again unasked, and gives it back', async () => {
  const { world, openTab, kept, failWith } = openBrowser()
  const outbox = openTab()
  failWith(new Refusal('This is too long.'))
  const key = outbox.add(text())
  assert.equal(await outbox.send(key, { isSeen: true }), 'refused')
  failWith(null)
  await outbox.sendWaiting('worf', run)
  assert.deepEqual(world.requests, [])
  const taken = outbox.take(key)
  assert.deepEqual([taken?.message, taken?.sentence, taken?.key], ['Qapla’!', 'This is too long.', key])
  assert.equal(outbox.take(key), null)
  assert.equal(kept.length, 0)
})

test('gives a refused text back at once, but only in the tab that sent it', async () => {
  const { openTab, failWith } = openBrowser()
  const [here, elsewhere] = [openTab(), openTab()]
  failWith(new Refusal('no'))
  let taken: Unsent | null = null
  here.listen(() => {
    const unsent = here.of('worf').find(here.wasRefusedHere)
    if (unsent) taken = here.take(unsent.key)
    elsewhere.reload()
    assert.equal(elsewhere.of('worf').some(elsewhere.wasRefusedHere), false)
  })
  await here.send(here.add(text()), { isSeen: true })
  assert.equal((taken as Unsent | null)?.message, 'Qapla’!')
})

test('forgets the texts of a user who signs out, and of no other user', () => {
  const { openTab, kept } = openBrowser()
  const [here, elsewhere] = [openTab(), openTab()]
  assert.equal(here.of('worf').length, 0)
  elsewhere.add(text())
  elsewhere.add(text({ target: toGarek }))
  here.add(text({ author: 'garek' }))
  here.forget('worf')
  assert.deepEqual([states(here), kept.length, here.of('garek').length], [[], 1, 1])
})

test('does not keep a text again that was forgotten while it was on its way, in this tab or another', async () => {
  for (const tabs of [1, 2]) {
    const { world, openTab, kept, failWith } = openBrowser()
    const sender = openTab()
    const other = tabs === 1 ? sender : openTab()
    let answer = () => {}
    world.beforeAnswer = new Promise((resolve) => {
      answer = resolve
    })
    failWith(new SignedOut('Sign in again.'))
    const sending = ['first', 'second'].map((message) => sender.send(sender.add(text({ message })), { isSeen: true }))
    await setImmediate()
    other.forget('worf')
    answer()
    assert.deepEqual(await Promise.all(sending), ['sent', 'sent'], 'nothing is left to sign in for')
    assert.equal(kept.length, 0)
    assert.equal(world.requests.length, 1)
  }
})

test('does not give back a text that is on its way', async () => {
  const { world, openTab } = openBrowser()
  const outbox = openTab()
  let answer = () => {}
  world.beforeAnswer = new Promise((resolve) => {
    answer = resolve
  })
  const key = outbox.add(text())
  const sending = outbox.send(key, { isSeen: true })
  await setImmediate()
  assert.equal(outbox.take(key), null)
  answer()
  assert.equal(await sending, 'sent')
})

test('replaces a key that belongs to another text', async () => {
  const { openTab, failWith } = openBrowser()
  const outbox = openTab()
  failWith(new KeySpent('Sent already.'))
  await outbox.send(outbox.add(text({ key: 'spent' })), { isSeen: true })
  assert.deepEqual(
    outbox.of('worf').map(({ key, state }) => [key, state]),
    [['key-1', 'refused']],
  )
})

for (const target of [crud, reply, toGarek])
  test(`sends each ${target.kind} after the one before it, however long that takes`, async () => {
    const { world, openTab } = openBrowser()
    const outbox = openTab()
    let answer = () => {}
    world.beforeAnswer = new Promise((resolve) => {
      answer = resolve
    })
    const sending = ['first', 'second'].map((message) => outbox.send(outbox.add(text({ target, message }))))
    await setImmediate()
    assert.deepEqual(world.requests, ['worf key-1'])
    answer()
    assert.deepEqual(await Promise.all(sending), ['sent', 'sent'])
    assert.deepEqual(world.requests, ['worf key-1', 'worf key-2'])
  })

test('the texts behind a failed text wait with it, and all are sent in order', async () => {
  const { world, openTab, failWith } = openBrowser()
  const outbox = openTab()
  failWith(new Error('offline'))
  const keys = ['first', 'second'].map((message) => outbox.add(text({ target: toGarek, message })))
  assert.deepEqual(await Promise.all(keys.map((key) => outbox.send(key))), ['waiting', 'waiting'])
  assert.deepEqual(world.requests, ['worf key-1'])
  failWith(null)
  await outbox.send(outbox.add(text({ target: toGarek, message: 'third' })), { isSeen: true })
  assert.deepEqual(world.requests, ['worf key-1', 'worf key-2', 'worf key-3'])
})

test('a refused text does not hold up the next one', async () => {
  const { world, openTab, failWith } = openBrowser()
  const outbox = openTab()
  failWith(new Refusal('no'))
  await outbox.send(outbox.add(text({ target: toGarek })), { isSeen: true })
  failWith(null)
  assert.equal(await outbox.send(outbox.add(text({ target: toGarek })), { isSeen: true }), 'sent')
  assert.deepEqual(world.requests, ['worf key-2'])
  assert.deepEqual(states(outbox), ['refused'])
})

test('the texts of one place do not wait for another place', async () => {
  const { world, openTab, failWith } = openBrowser()
  const outbox = openTab()
  for (const target of [crud, crud, reply, toGarek]) outbox.add(text({ target }))
  failWith(new Error('offline'))
  await outbox.sendWaiting('worf', run)
  assert.deepEqual(world.requests, ['worf key-1', 'worf key-3', 'worf key-4'])
  failWith(null)
  await outbox.sendWaiting('worf', run)
  assert.deepEqual(world.requests, ['worf key-1', 'worf key-2', 'worf key-3', 'worf key-4'])
})

test('each place lists the texts that were written there', () => {
  const outbox = openBrowser().openTab()
  outbox.add(text())
  outbox.add(text({ target: reply, message: 'a reply' }))
  const there = outbox.at('worf', 'reply:1')
  assert.deepEqual(
    there.map(({ message }) => message),
    ['a reply'],
  )
  assert.equal(outbox.at('worf', 'reply:1'), there)
  assert.equal(outbox.at('worf', 'crud').length, 1)
  assert.equal(outbox.at('garek', 'crud').length, 0)
})

test('tries again later and later, up to a minute', async () => {
  const { world, openTab, failWith } = openBrowser()
  const outbox = openTab()
  assert.equal(outbox.nextTryAt('worf'), null)
  const key = outbox.add(text())
  failWith(new Error('offline'))
  const waits: number[] = []
  for (let attempt = 0; attempt < 6; attempt += 1) {
    await outbox.send(key, { isSeen: true })
    waits.push((outbox.nextTryAt('worf') ?? 0) - world.time)
    world.time += 1_000
  }
  assert.deepEqual(waits, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
})

test('sends even if the storage throws', async () => {
  const { openTab, failWith } = openBrowser({ kept: throwingStorage })
  const outbox = openTab()
  failWith(new Error('offline'))
  const key = outbox.add(text())
  await outbox.send(key, { isSeen: true })
  assert.deepEqual(states(outbox), ['waiting'])
  failWith(null)
  assert.equal(await outbox.send(key), 'sent')
})

test('ignores a broken entry in the storage', () => {
  const kept = someStorage()
  kept.setItem('cruddur.outbox:key', '{"author":"worf"}')
  assert.deepEqual(openBrowser({ kept }).openTab().of('worf'), [])
})
