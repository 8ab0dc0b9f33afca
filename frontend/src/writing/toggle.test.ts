import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { MutationObserver, QueryClient } from '@tanstack/react-query'
import { toggleOptions, wantedState, withWanted } from './toggle.ts'

/** A page with two activities, and a server that answers when the test lets it. */
const openPage = () => {
  const queries = new QueryClient()
  const asked: { isOn: boolean; answer: () => void; refuse: (error: Error) => void }[] = []
  const sent: boolean[] = []
  const failed: string[] = []
  const click = async (isOn: boolean, uuid = 'a') => {
    const options = toggleOptions<boolean>(queries, {
      key: ['like', uuid],
      send: (isOn) =>
        new Promise((resolve, reject) => asked.push({ isOn, answer: () => resolve(isOn), refuse: reject })),
      onSent: (answer) => sent.push(answer),
      onFailed: (error) => failed.push(error.message),
    })
    void new MutationObserver(queries, options).mutate(isOn).catch(() => {})
    await setImmediate()
  }
  const settle = async (index: number, error?: Error) => {
    if (error) asked[index]?.refuse(error)
    else asked[index]?.answer()
    await setImmediate()
  }
  return {
    ...{ click, settle, sent, failed },
    asked: () => asked.map(({ isOn }) => isOn),
    wanted: () => wantedState(queries, ['like', 'a']),
  }
}

test('shows a click until its answer', async () => {
  const { click, settle, wanted, sent } = openPage()
  assert.equal(wanted(), undefined)
  await click(true)
  assert.equal(wanted(), true)
  await settle(0)
  assert.equal(wanted(), undefined)
  assert.deepEqual(sent, [true])
})

test('sends a double click in order and ends unliked', async () => {
  const { click, settle, asked, wanted, sent } = openPage()
  await click(true)
  await click(false)
  assert.deepEqual(asked(), [true])
  assert.equal(wanted(), false)
  await settle(0)
  assert.deepEqual(asked(), [true, false])
  await settle(1)
  assert.deepEqual(sent, [true, false])
  assert.equal(wanted(), undefined)
})

test('sends only the last of the clicks that wait for an answer', async () => {
  const { click, settle, asked, wanted } = openPage()
  for (const isOn of [true, false, true, false]) await click(isOn)
  await settle(0)
  assert.deepEqual(asked(), [true, false])
  await settle(1)
  assert.equal(wanted(), undefined)
})

test('reports a failed click, and no longer shows it', async () => {
  const { click, settle, wanted, failed } = openPage()
  await click(true)
  await settle(0, new Error('no storage'))
  assert.deepEqual(failed, ['no storage'])
  assert.equal(wanted(), undefined)
})

test('sends the next click after a failure, and reports a failure only for the last click', async () => {
  const { click, settle, asked, failed } = openPage()
  await click(true)
  await click(false)
  await settle(0, new Error('the answer was lost'))
  assert.deepEqual(asked(), [true, false])
  await settle(1)
  assert.deepEqual(failed, [])
})

test('does not make one activity wait for another', async () => {
  const { click, asked } = openPage()
  await click(true, 'a')
  await click(true, 'b')
  assert.equal(asked().length, 2)
})

test('adds the click to the count of the server, unless the count has it already', () => {
  assert.deepEqual(withWanted(false, 3, true), { isOn: true, count: 4 })
  assert.deepEqual(withWanted(true, 3, false), { isOn: false, count: 2 })
  assert.deepEqual(withWanted(true, 3), { isOn: true, count: 3 })
  assert.deepEqual(withWanted(true, 4, true), { isOn: true, count: 4 })
})

test('never shows a count below zero', () => {
  assert.equal(withWanted(true, 0, false).count, 0)
})
