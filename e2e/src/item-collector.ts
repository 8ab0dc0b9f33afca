import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What Rollbar is sent about one fault, as far as tests look at it. */
export type CollectedItem = {
  uuid: string
  level: string
  environment: string
  context: string
  person?: { id: string }
  request: { url: string }
  client: { javascript: { code_version: string } }
  custom: Record<string, unknown>
  body: {
    trace?: { exception: { class: string; message: string }; frames: { filename: string }[] }
    telemetry: { type: string; body: Record<string, unknown> }[]
  }
}

export type ItemCollector = {
  /** The address of one item, as `VITE_ROLLBAR_ENDPOINT` wants it. */
  endpoint: string
  items: readonly CollectedItem[]
  /** Everything that was posted, as it was. */
  bodies: readonly string[]
  waitFor: (isEnough: (items: readonly CollectedItem[]) => boolean, timeoutMs?: number) => Promise<void>
  stop: () => Promise<void>
}

const open = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, OPTIONS',
  'access-control-allow-headers': 'Content-Type, X-Rollbar-Access-Token',
  'content-type': 'application/json',
}

/** Rollbar's item API on a free port. */
export const startItemCollector = async (token: string): Promise<ItemCollector> => {
  const items: CollectedItem[] = []
  const bodies: string[] = []
  const waiting = new Set<() => void>()

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = (status: number, body: object) => response.writeHead(status, open).end(JSON.stringify(body))
    if (request.method === 'OPTIONS') return void answer(200, {})
    const body = await text(request)
    if (request.method !== 'POST' || request.url !== '/api/1/item/') return void answer(404, { err: 1 })
    if (request.headers['x-rollbar-access-token'] !== token)
      return void answer(403, { err: 1, message: 'invalid access token' })
    bodies.push(body)
    const { data } = JSON.parse(body) as { data: CollectedItem }
    items.push(data)
    answer(200, { err: 0, result: { id: null, uuid: data.uuid } })
    for (const check of waiting) check()
  }

  const server = createServer((request, response) => {
    take(request, response).catch((error: unknown) => response.writeHead(400, open).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/1/item/`,
    items,
    bodies,
    waitFor: (isEnough, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!isEnough(items)) return
          clearTimeout(timer)
          waiting.delete(check)
          resolve()
        }
        const timer = setTimeout(() => {
          waiting.delete(check)
          reject(new Error(`not in ${timeoutMs} ms; came: ${JSON.stringify(items, null, 1)}`))
        }, timeoutMs)
        waiting.add(check)
        check()
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
