import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveEvent } from '@cruddur/shared/live'
import { type Browser, type Channel, LiveSource, type Stream } from './live-source.ts'

const gone = (uuid = '3f3f3f3f-3f3f-4f3f-8f3f-3f3f3f3f3f3f'): LiveEvent => ({ kind: 'gone', uuid })

/** A browser whose tabs share a lock and a channel. */
const createBrowser = () => {
  const streams: (Stream & { isClosed: boolean })[] = []
  const channels = new Set<Channel>()
  const timers: { run: () => void; ms: number }[] = []
  let queue = Promise.resolve()

  const browser: Browser = {
    openStream: () => {
      const stream = {
        readyState: 0,
        onopen: null,
        onmessage: null,
        onerror: null,
        isClosed: false,
        close: () => {
          stream.isClosed = true
        },
      } as Stream & { isClosed: boolean }
      streams.push(stream)
      return stream
    },
    openChannel: () => {
      const channel: Channel = {
        onmessage: null,
        postMessage: (data) => {
          for (const other of channels)
            if (other !== channel) other.onmessage?.call(other as BroadcastChannel, { data } as MessageEvent)
        },
        close: () => void channels.delete(channel),
      }
      channels.add(channel)
      return channel
    },
    withLock: (whileHeld, signal) => {
      queue = queue.then(() => (signal.aborted ? undefined : whileHeld()))
      return queue
    },
    later: (run, ms) => {
      const timer = { run, ms }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    },
  }
  const openTab = () => {
    const heard: LiveEvent[] = []
    const source = new LiveSource(browser, (event) => heard.push(event))
    source.start()
    return { source, heard }
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return { streams, timers, openTab, settle }
}

const opened = (stream: Stream | undefined) => stream?.onopen?.call(stream as EventSource, {} as Event)
const said = (stream: Stream | undefined, data: string) =>
  stream?.onmessage?.call(stream as EventSource, { data } as MessageEvent)
const failed = (stream: Stream | undefined, readyState: number) => {
  if (!stream) return
  Object.assign(stream, { readyState })
  stream.onerror?.call(stream as EventSource, {} as Event)
}

test('one of three tabs listens, and all three get its events', async () => {
  const { streams, openTab, settle } = createBrowser()
  const tabs = [openTab(), openTab(), openTab()]
  await settle()
  assert.equal(streams.length, 1)
  opened(streams[0])
  said(streams[0], JSON.stringify(gone()))
  for (const { heard } of tabs) assert.deepEqual(heard, [gone()])
})

test('the next tab listens when the first one closes', async () => {
  const { streams, openTab, settle } = createBrowser()
  const [first, second] = [openTab(), openTab()]
  await settle()
  first.source.stop()
  await settle()
  assert.equal(streams[0]?.isClosed, true)
  assert.equal(streams.length, 2)
  said(streams[1], JSON.stringify(gone()))
  assert.deepEqual(second.heard, [gone()])
  assert.deepEqual(first.heard, [])
})

test('every tab fetches everything again after a broken connection, and not before', async () => {
  const { streams, openTab, settle } = createBrowser()
  const [first, second] = [openTab(), openTab()]
  await settle()
  opened(streams[0])
  assert.deepEqual(first.heard, [])
  failed(streams[0], 0)
  opened(streams[0])
  for (const { heard } of [first, second]) assert.deepEqual(heard, [{ kind: 'resync' }])
})

test('opens a refused stream again after longer and longer waits', async () => {
  const { streams, timers, openTab, settle } = createBrowser()
  openTab()
  await settle()
  const waits = []
  for (let n = 0; n < 8; n++) {
    failed(streams.at(-1), 2)
    const [timer] = timers.splice(0)
    waits.push(timer?.ms ?? 0)
    timer?.run()
  }
  assert.equal(streams.length, 9)
  assert.ok((waits[0] ?? 0) < 1_300 && (waits[7] ?? 0) > 20_000 && Math.max(...waits) < 38_000, String(waits))
  opened(streams.at(-1))
  failed(streams.at(-1), 2)
  assert.ok((timers[0]?.ms ?? 0) < 1_300, 'a short wait after a success')
})

test('opens a new stream for another user, but only in the tab that listens', async () => {
  const { streams, openTab, settle } = createBrowser()
  const [first, second] = [openTab(), openTab()]
  await settle()
  second.source.restart()
  assert.equal(streams.length, 1)
  first.source.restart()
  assert.equal(streams.length, 2)
  assert.equal(streams[0]?.isClosed, true)
  opened(streams[1])
  assert.deepEqual(first.heard, [], 'the page fetches everything for the new user already')
})

test('ignores data that is not a live event', async () => {
  const { streams, openTab, settle } = createBrowser()
  const { heard } = openTab()
  await settle()
  for (const data of ['', '{', '{"kind":"gone"}', '{"kind":"dance"}', 'null']) said(streams[0], data)
  assert.deepEqual(heard, [])
})

test('fetches everything again when the page comes back from the cache', async () => {
  const { streams, openTab, settle } = createBrowser()
  const { source, heard } = openTab()
  await settle()
  opened(streams[0])
  source.stop()
  source.start({ isLate: true })
  await settle()
  opened(streams[1])
  assert.deepEqual(heard, [{ kind: 'resync' }])
})
