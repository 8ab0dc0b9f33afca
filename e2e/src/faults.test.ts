import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { imbalances } from '../faults/backend.ts'
import { countOf, mostLinesAMinute, openScene, type Scene } from '../faults/scene.ts'
import { type Fault, type VendorName, vendorNames } from '../faults/vendors.ts'

// The short form of `npm run test:faults`: without timings, which mean nothing on a busy machine.
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
  await scene.setFault(names, fault)
  const { name } = await scene.runPhase(`${names} ${fault}`, ms)
  await scene.load.begin(`${names} back`, scene.backend.target)
  await nothingIsWrong(name)
  await scene.setFault(names, null)
  assert.ok((await scene.resumedSeconds(names)) < 60)
  await scene.load.sent(`${names} back`)
  await scene.load.pause()
  await nothingIsWrong(`${names} back`)
}

test('all four vendors are black holes: every user gets the answer, and at most eight sockets are open', async () => {
  await scene.runPhase('healthy', 2_000)
  await scene.vendors.forgetMostSockets()
  await faulted(vendorNames, 'black hole', 7_000)
  const mostSockets = await scene.vendors.mostSockets()
  assert.ok(mostSockets <= 8, `${mostSockets} sockets`)
})

for (const [vendor, fault] of [
  ['honeycomb', '429'],
  ['rollbar', 'HTML 502'],
  ['cloudwatch', 'bad TLS'],
  ['xray', 'closed'],
] as const) {
  test(`${vendor}, ${fault}: every user gets the answer, and delivery resumes`, () => faulted([vendor], fault, 1_500))
}

test('delivered signals are those that the vendors received, and each complains at most once a minute', async () => {
  for (const { signals, delivered, queued, taken, takenTwice, isBalanced } of await scene.settle()) {
    assert.deepEqual(
      { signals, queued, takenTwice, isBalanced },
      { signals, queued: 0, takenTwice: 0, isBalanced: true },
    )
    // The backend cannot see that a datagram was lost.
    if (signals === 'segments') assert.ok(taken <= delivered)
    else assert.equal(taken, delivered, signals)
    assert.ok(taken > 0)
  }
  assert.ok(mostLinesAMinute(scene.backend, { from: 0, to: performance.now() }) <= 1)
})

test('while all four vendors hang, the backend stops within ten seconds', async () => {
  await scene.setFault(vendorNames, 'black hole')
  const { name } = await scene.runPhase('the last', 2_000)
  await scene.load.pause()
  assert.equal(countOf((await scene.load.result(name)).errors), 0)
  const { code, seconds } = await scene.backend.end()
  assert.equal(code, 0)
  assert.ok(seconds < 10)
})
