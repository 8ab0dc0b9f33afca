import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { imbalances } from '../faults/backend.ts'
import { countOf, mostLinesAMinute, openScene, type Scene } from '../faults/scene.ts'
import type { Fault } from '../faults/vendor.ts'
import { type VendorName, vendorNames } from '../faults/vendors.ts'

// The short form of `npm run test:faults`: no timings here, which a busy machine would decide.
const perSecond = 30
let scene: Scene

before(async () => {
  scene = await openScene({ perSecond })
})
after(() => scene.close())

const nothingIsWrong = async (phase: string) => {
  const { requests, errors, different } = await scene.load.result(phase)
  assert.deepEqual({ errors, different }, { errors: {}, different: {} })
  assert.ok(requests > 0)
  assert.deepEqual(imbalances(await scene.backend.signals()), [])
}

const faulted = async (names: readonly VendorName[], fault: Fault, ms: number) => {
  await scene.behave(names, fault)
  const { name } = await scene.during(`${names} ${fault}`, ms)
  await scene.load.begin(`${names} back`, scene.backend.target)
  await nothingIsWrong(name)
  await scene.behave(names, 'healthy')
  assert.ok((await scene.resumed(names)) < 60)
  await scene.load.pause()
  await nothingIsWrong(`${names} back`)
}

test('all four vendors as black holes: every user gets the answer, and the vendors get at most eight sockets', async () => {
  await scene.during('healthy', 2_000)
  await scene.vendors.forgetPeaks()
  await faulted(vendorNames, 'black hole', 7_000)
  const { mostOpen } = (await scene.vendors.tally()).all
  assert.ok(mostOpen <= 8, `${mostOpen} sockets`)
})

for (const [vendor, fault] of [
  ['honeycomb', 'rate limit'],
  ['rollbar', 'HTML 502'],
  ['cloudwatch', 'wrong TLS'],
  ['xray', 'closed port'],
] as const) {
  test(`${vendor}, ${fault}: every user gets the answer, and delivery resumes`, () => faulted([vendor], fault, 1_500))
}

test('what is said to be delivered is what the vendors took in, and each signal complained once a minute at most', async () => {
  for (const { signals, delivered, queued, taken, takenTwice, isBalanced } of await scene.settled()) {
    assert.deepEqual(
      { signals, queued, takenTwice, isBalanced },
      { signals, queued: 0, takenTwice: 0, isBalanced: true },
    )
    // Nobody says what became of a datagram.
    if (signals === 'segments') assert.ok(taken <= delivered)
    else assert.equal(taken, delivered, signals)
    assert.ok(taken > 0)
  }
  assert.ok(mostLinesAMinute(scene.backend, { from: 0, to: performance.now() }) <= 1)
})

test('asked to go while all four hang, it goes within ten seconds', async () => {
  await scene.behave(vendorNames, 'black hole')
  const { name } = await scene.during('the last', 2_000)
  await scene.load.pause()
  assert.equal(countOf((await scene.load.result(name)).errors), 0)
  const { code, seconds } = await scene.backend.end()
  assert.equal(code, 0)
  assert.ok(seconds < 10)
})
