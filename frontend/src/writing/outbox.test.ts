import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type NewUnsent, Outbox, type Unsent, type Verdict } from './outbox.ts'
import { SafeStorage } from './safe-storage.ts'
import { someStorage, throwingStorage } from './testing.ts'

class Refusal extends Error {}
class SignedOut extends Error {}
class KeySpent extends Error {}

const judge = (error: unknown): Verdict => ({
  state: error instanceof Refusal || error instanceof KeySpent ? 'refused' : 'waiting',
  sentence: error instanceof Error ? error.message : '',
  traceId: null,
  isSignedOut: error instanceof SignedOut,
  isKeySpent: error instanceof KeySpent,
})

const crud = (given: Partial<NewUnsent> = {}): NewUnsent => ({
  key: null,
  author: 'worf',
  message: 'Qapla’!',
  ttl: '7-days',
  replyTo: null,
  ...given,
})

/** One browser and its tabs; a server that makes one activity of each key. */
const openBrowser = ({ kept = someStorage() }: { kept?: Storage } = {}) => {
  const world = {
    actor: 'worf' as string | null,
    time: 0,
    failure: null as Error | null,
    /** Sent, as (person, key): what a server sees of it. */
    arrived: [] as string[],
    made: new Set<string>(),
  }
  const locks = new Set<string>()
  let keys = 0
  const openTab = ({ hasLocks = true } = {}) =>
    new Outbox({
      storage: new SafeStorage(() => kept),
      send: async (unsent: Unsent) => {
        if (world.failure) throw world.failure
        world.arrived.push(`${world.actor} ${unsent.key}`)
        world.made.add(unsent.key)
      },
      judge,
      whoActs: async () => world.actor,
      alone: async (name, work) => {
        if (!hasLocks) return work()
        if (locks.has(name)) return undefined
        locks.add(name)
        try {
          return await work()
        } finally {
          locks.delete(name)
        }
      },
      newKey: () => {
        keys += 1
        return `key-${keys}`
      },
      now: () => world.time,
    })
  return { world, openTab, kept }
}

const states = (outbox: Outbox, author = 'worf') => outbox.of(author).map(({ state }) => state)
const atOnce = <Result>(send: () => Promise<Result>) => send()

test('what is sent leaves nothing behind', async () => {
  const { world, openTab, kept } = openBrowser()
  const outbox = openTab()
  const key = outbox.add(crud())
  assert.deepEqual(states(outbox), ['sending'])
  assert.equal(await outbox.send(key, { isSeen: true }), 'sent')
  assert.deepEqual(world.arrived, ['worf key-1'])
  assert.deepEqual(states(outbox), [])
  assert.equal(kept.length, 0)
})

test('what could not be sent waits with its reason, and goes under the same key when the connection is back', async () => {
  const { world, openTab } = openBrowser()
  const outbox = openTab()
  const key = outbox.add(crud())
  world.failure = new Error('You are offline.')
  assert.equal(await outbox.send(key, { isSeen: true }), 'waiting')
  assert.deepEqual(states(outbox), ['waiting'])
  assert.equal(outbox.of('worf')[0]?.sentence, 'You are offline.')
  world.failure = null
  await outbox.sendWaiting('worf', atOnce)
  assert.deepEqual(world.arrived, ['worf key-1'])
})

test('what a closed tab left half sent is sent by the next one, and is one activity', async () => {
  const { world, openTab } = openBrowser()
  const closed = openTab()
  const key = closed.add(crud())
  world.made.add(key)
  const next = openTab()
  assert.deepEqual(states(next), ['sending'])
  await next.sendWaiting('worf', atOnce)
  assert.deepEqual(states(next), [])
  assert.equal(world.made.size, 1)
})

test('two tabs that send at once send it once', async () => {
  const { world, openTab } = openBrowser()
  const [one, other] = [openTab(), openTab()]
  world.failure = new Error('offline')
  await one.send(one.add(crud()), { isSeen: true })
  world.failure = null
  other.reload()
  await Promise.all([one.sendWaiting('worf', atOnce), other.sendWaiting('worf', atOnce)])
  assert.equal(world.arrived.length, 1)
})

test('without locks two tabs may ask twice, and it is one activity all the same', async () => {
  const { world, openTab } = openBrowser()
  const [one, other] = [openTab({ hasLocks: false }), openTab({ hasLocks: false })]
  one.add(crud())
  await Promise.all([one.sendWaiting('worf', atOnce), other.sendWaiting('worf', atOnce)])
  assert.equal(world.made.size, 1)
})

test('a second click while it is on its way does nothing', async () => {
  const { world, openTab } = openBrowser()
  const outbox = openTab()
  const key = outbox.add(crud())
  const first = outbox.send(key, { isSeen: true })
  assert.equal(await outbox.send(key), 'held')
  await first
  assert.equal(world.arrived.length, 1)
})

test('nothing is sent as another person, and nobody else is shown it', async () => {
  const { world, openTab } = openBrowser()
  const outbox = openTab()
  const key = outbox.add(crud())
  world.actor = 'garek'
  assert.equal(await outbox.send(key), 'signed-out')
  await outbox.sendWaiting('garek', atOnce)
  assert.deepEqual(world.arrived, [])
  assert.deepEqual(states(outbox, 'garek'), [])
  assert.deepEqual(states(outbox), ['waiting'])
  world.actor = 'worf'
  await outbox.sendWaiting('worf', atOnce)
  assert.deepEqual(world.arrived, ['worf key-1'])
})

test('a session that is over makes it wait, and says so', async () => {
  const { world, openTab } = openBrowser()
  const outbox = openTab()
  world.failure = new SignedOut('Sign in again.')
  assert.equal(await outbox.send(outbox.add(crud()), { isSeen: true }), 'signed-out')
  assert.deepEqual(states(outbox), ['waiting'])
})

test('what is refused is kept with its sentence, is not sent again by itself, and can be taken back', async () => {
  const { world, openTab, kept } = openBrowser()
  const outbox = openTab()
  world.failure = new Refusal('This is longer than it may be.')
  const key = outbox.add(crud())
  assert.equal(await outbox.send(key, { isSeen: true }), 'refused')
  world.failure = null
  await outbox.sendWaiting('worf', atOnce)
  assert.deepEqual(world.arrived, [])
  const taken = outbox.take(key)
  assert.deepEqual([taken?.message, taken?.sentence, taken?.key], ['Qapla’!', 'This is longer than it may be.', key])
  assert.equal(outbox.take(key), null)
  assert.equal(kept.length, 0)
})

test('what is refused can be taken back as soon as it is known, in the tab that it was sent from', async () => {
  const { world, openTab } = openBrowser()
  const [here, elsewhere] = [openTab(), openTab()]
  world.failure = new Refusal('no')
  let taken: Unsent | null = null
  here.listen(() => {
    const unsent = here.of('worf').find(here.cameBack)
    if (unsent) taken = here.take(unsent.key)
    elsewhere.reload()
    assert.equal(elsewhere.of('worf').some(elsewhere.cameBack), false)
  })
  await here.send(here.add(crud()), { isSeen: true })
  assert.equal((taken as Unsent | null)?.message, 'Qapla’!')
})

test('what is on its way cannot be taken back', async () => {
  const { openTab } = openBrowser()
  const outbox = openTab()
  const key = outbox.add(crud())
  const sending = outbox.send(key, { isSeen: true })
  assert.equal(outbox.take(key), null)
  await sending
})

test('a key that was used for something else is replaced', async () => {
  const { world, openTab } = openBrowser()
  const outbox = openTab()
  world.failure = new KeySpent('Sent already.')
  await outbox.send(outbox.add(crud({ key: 'spent' })), { isSeen: true })
  assert.deepEqual(
    outbox.of('worf').map(({ key, state }) => [key, state]),
    [['key-1', 'refused']],
  )
})

test('the oldest goes first, and what would fail as well is not tried', async () => {
  const { world, openTab } = openBrowser()
  const outbox = openTab()
  outbox.add(crud({ message: 'first' }))
  world.time = 1
  outbox.add(crud({ message: 'second' }))
  world.failure = new Error('offline')
  await outbox.sendWaiting('worf', atOnce)
  assert.deepEqual(states(outbox), ['waiting', 'sending'])
  world.failure = null
  await outbox.sendWaiting('worf', atOnce)
  assert.deepEqual(world.arrived, ['worf key-1', 'worf key-2'])
})

test('each place knows what was written there', () => {
  const outbox = openBrowser().openTab()
  outbox.add(crud())
  outbox.add(crud({ replyTo: { uuid: '1', handle: 'garek' }, message: 'a reply' }))
  const there = outbox.at('worf', 'reply:1')
  assert.deepEqual(
    there.map(({ message }) => message),
    ['a reply'],
  )
  assert.equal(outbox.at('worf', 'reply:1'), there)
  assert.equal(outbox.at('worf', 'crud').length, 1)
})

test('it is tried again later and later, up to a minute', async () => {
  const { world, openTab } = openBrowser()
  const outbox = openTab()
  assert.equal(outbox.nextTryAt('worf'), null)
  const key = outbox.add(crud())
  world.failure = new Error('offline')
  const waits: number[] = []
  for (let attempt = 0; attempt < 6; attempt += 1) {
    await outbox.send(key, { isSeen: true })
    waits.push((outbox.nextTryAt('worf') ?? 0) - world.time)
    world.time += 1_000
  }
  assert.deepEqual(waits, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
})

test('a storage that throws does not keep anything from being sent', async () => {
  const { world, openTab } = openBrowser({ kept: throwingStorage })
  const outbox = openTab()
  world.failure = new Error('offline')
  const key = outbox.add(crud())
  await outbox.send(key, { isSeen: true })
  assert.deepEqual(states(outbox), ['waiting'])
  world.failure = null
  assert.equal(await outbox.send(key), 'sent')
})

test('what is spoilt in the storage is nobody’s', () => {
  const kept = someStorage()
  kept.setItem('cruddur.outbox:key', '{"author":"worf"}')
  assert.deepEqual(openBrowser({ kept }).openTab().of('worf'), [])
})
