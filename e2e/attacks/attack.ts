import { type RequestOptions, request } from 'node:http'
import { connect, type Socket } from 'node:net'

export type Address = { readonly host: string; readonly port: number }

/** The running product as an attacker sees it. */
export type Target = {
  /** Where the page's server, the backend and the observatory listen. */
  readonly frontend: Address
  readonly backend: Address
  readonly observatory: Address
  /** The attacker's own address. */
  readonly localAddress: string
  /** What all three processes have written so far. */
  readonly output: () => string
}

export type Attack = {
  readonly name: string
  /** Settings that the product needs for this attack. */
  readonly env?: Readonly<Record<string, string>>
  /** Ends by itself, and returns the results. */
  readonly run: (target: Target) => Promise<Readonly<Record<string, unknown>>>
}

/** A raw connection from the attacker's address. It never throws: a refused connection is closed. */
export const open = ({ localAddress }: Target, { host, port }: Address): Socket =>
  connect({ host, port, localAddress }).on('error', () => {})

/** Without a complete answer, `status` is the reason. */
export type Answer = { readonly status: string; readonly ms: number; readonly cookie: string }

/** Sends one request and reads the answer. It never rejects. */
export const send = (options: RequestOptions, body: string | Buffer = '', withinMs = 15_000): Promise<Answer> =>
  new Promise((resolve) => {
    const startedAt = performance.now()
    let cookie = ''
    const settle = (status: string) => resolve({ status, cookie, ms: performance.now() - startedAt })
    const sent = request({ agent: false, ...options }, (response) => {
      cookie = response.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
      response.resume().once('end', () => settle(String(response.statusCode)))
      response.once('error', () => settle('broken off'))
    })
    sent.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message))
    sent.setTimeout(withinMs, () => sent.destroy(new Error(`no answer in ${withinMs / 1_000} s`)))
    sent.end(body)
  })

export const postJson = (options: RequestOptions, json: object): Promise<Answer> => {
  const body = JSON.stringify(json)
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return send({ ...options, method: 'POST', headers }, body)
}

/** Sends one request after the other until the time is up, and counts the answers by status. */
export const sendUntil = async (
  endsAt: number,
  counts: Record<string, number>,
  once: () => Promise<Answer>,
): Promise<void> => {
  while (performance.now() < endsAt) {
    const { status } = await once()
    counts[status] = (counts[status] ?? 0) + 1
  }
}

export const countsOf = (statuses: readonly (string | number)[]): string =>
  Object.entries(Object.groupBy(statuses, String))
    .map(([status, of]) => `${of?.length} × ${status}`)
    .join(', ')

/** In milliseconds. */
export const percentilesOf = (all: readonly number[]): { p50: number; p99: number } => {
  const sorted = all.toSorted((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)
  return { p50: at(0.5), p99: at(0.99) }
}
