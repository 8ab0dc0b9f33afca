import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { setTimeout as after } from 'node:timers/promises'
import { createObservatory } from '../observatory.ts'
import type { Trace, TraceList } from '../trace/span.ts'
import type { Modes } from '../trace/vendor.ts'

/** A whole observatory on ports of its own. */
export const startObservatory = async (t: TestContext) => {
  const { server, daemon, close } = createObservatory({ pageFolder: '/nowhere' })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const xrayPort = await daemon.listen(0)
  const socket = createSocket('udp4')
  t.after(async () => {
    socket.close()
    await close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const list = async (query = ''): Promise<TraceList> => (await fetch(`${url}/api/traces${query}`)).json() as never
  const trace = async (traceId: string): Promise<Trace | null> => {
    const answer = await fetch(`${url}/api/traces/${traceId}`)
    return answer.ok ? ((await answer.json()) as Trace) : null
  }
  const break_ = async (modes: Partial<Modes>) => {
    const answer = await fetch(`${url}/api/faults`, { method: 'PUT', body: JSON.stringify(modes) })
    assert.equal(answer.status, 200)
    return answer.json()
  }
  const datagram = (text: string) =>
    new Promise<void>((resolve, reject) => {
      socket.send(text, xrayPort, '127.0.0.1', (error) => (error ? reject(error) : resolve()))
    })
  return { url, xrayPort, list, trace, break: break_, datagram }
}

/** Calls `ask` until it returns a value other than null, undefined or false. */
export const until = async <Found>(ask: () => Promise<Found | null | false | undefined>): Promise<Found> => {
  for (const endsAt = performance.now() + 30_000; performance.now() < endsAt; await after(10)) {
    const found = await ask()
    if (found !== null && found !== undefined && found !== false) return found
  }
  throw new Error('no such value within 30 s')
}
