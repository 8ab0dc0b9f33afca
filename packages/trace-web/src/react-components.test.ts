import './testing.ts'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { after, afterEach, test } from 'node:test'
import { trace } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-web'
import { useRollbar, useRollbarPerson } from '@rollbar/react'
import { cleanup, configure, render, screen, waitFor } from '@testing-library/react'
import { type ComponentType, createElement as h, type ReactNode, useEffect } from 'react'
import type Rollbar from 'rollbar'
import { createProvider } from '#sdk'
import { connectReports } from './connect-reports.ts'
import { onFault, referenceOf, reportFaultsTo, reporting } from './faults.ts'
import { ErrorBoundary, useRoute } from './react-components.ts'
import { rollbar } from './rollbar.ts'
import { ErrorBoundary as RollbarBoundary, RollbarProvider } from './rollbar-react.ts'

const spans = new InMemorySpanExporter()
trace.setGlobalTracerProvider(createProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))

type Item = { level: string; uuid: string; person?: object; custom?: { fault?: string; trace_id?: string } }
const items: Item[] = []
const vendor = createServer(async (request, response) => {
  const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }
  if (request.method === 'POST') items.push(((await json(request)) as { data: Item }).data)
  response.writeHead(200, headers).end('{"err":0,"result":{}}')
})
await once(vendor.listen(0, '127.0.0.1'), 'listening')
after(() => vendor.close())
afterEach(cleanup)
configure({ asyncUtilTimeout: 30_000 })

const Broken = ({ error }: { error: Error }): never => {
  throw error
}
const Fallback = ({ error, resetError }: { error: unknown; resetError: () => void }) =>
  h('button', { type: 'button', onClick: resetError }, String(error))
const seen: Rollbar[] = []
const Hooks = () => {
  const instance = useRollbar()
  useRollbarPerson({ id: 'worf' })
  useEffect(() => {
    seen.push(instance)
    instance.info(`drawn ${seen.length}`)
  }, [instance])
  return null
}
const Page = () => {
  useRoute('/crud/:uuid')
  return null
}
const Part = ({ state: { error } }: { state: { error: Error | null } }) => (error ? h(Broken, { error }) : 'whole')
const Boundary = RollbarBoundary as unknown as ComponentType<{ fallbackUI: typeof Fallback; children?: ReactNode }>
const quietly = { onCaughtError: () => {} }

test('an error boundary shows its fallback, records the fault in a trace, and can try again', () => {
  const faults: string[] = []
  const forget = onFault(({ kind }) => faults.push(kind))
  const error = new Error('no list')
  const state = { error: error as Error | null }
  render(h(ErrorBoundary, { fallbackUI: Fallback }, h(Part, { state })), quietly)
  assert.deepEqual(faults, ['render'])
  assert.match(String(referenceOf(error)), /^[0-9a-f]{32}$/)
  state.error = null
  screen.getByRole('button', { name: 'Error: no list' }).click()
  return screen.findByText('whole').then(forget)
})

test('Rollbar’s hooks and boundaries work before its package has arrived, and then have the real instance', async () => {
  const { port } = vendor.address() as AddressInfo
  reportFaultsTo(rollbar({ accessToken: 'token', endpoint: `http://127.0.0.1:${port}/api/1/item/` }))
  const early = new Error('early')
  const boundary = (error: Error) => h(Boundary, { fallbackUI: Fallback }, h(Broken, { error }))
  const { rerender } = render(h(RollbarProvider, null, h(Hooks), boundary(early)), quietly)
  assert.equal(reporting().queue.account().queued, 1)

  await connectReports('1.0.0')
  await waitFor(() => assert.equal(seen.length, 2))
  const late = new Error('late')
  rerender(h(RollbarProvider, null, h(Hooks), h('p', null, boundary(late))))
  await waitFor(() => assert.equal(items.length, 4))

  const faults = items.filter(({ level }) => level === 'error')
  assert.deepEqual(
    faults.map(({ custom }) => [custom?.fault, custom?.trace_id]),
    [early, late].map((error) => ['render', referenceOf(error)]),
  )
  assert.deepEqual(
    items.filter(({ level }) => level === 'info').map(({ person }) => person),
    [{ id: 'worf' }, { id: 'worf' }],
  )
  await waitFor(() => {
    const { created, delivered, queued } = reporting().queue.account()
    assert.deepEqual({ created, delivered, queued }, { created: 2, delivered: 2, queued: 0 })
  })
})

test('useRoute names the navigation after the template of the route, once', () => {
  spans.reset()
  const { rerender } = render(h(Page))
  rerender(h(Page))
  assert.deepEqual(
    spans.getFinishedSpans().map(({ name }) => name),
    ['navigate /crud/:uuid'],
  )
})
