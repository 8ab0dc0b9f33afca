import { createHash, randomBytes } from 'node:crypto'
import http from 'node:http'

export type Target = {
  readonly url: string
  readonly cookie: string
  /** Liked again and again. The answer never changes. */
  readonly activity: string
}

export type Measured = {
  readonly requests: number
  /** Milliseconds since each request was due, sorted. A slow server gets just as many requests. */
  readonly latencies: readonly number[]
  /** No answer at all. */
  readonly errors: Readonly<Record<string, number>>
  /** Answers that differ from those of a healthy backend. */
  readonly different: Readonly<Record<string, number>>
}

type Request = { readonly method: string; readonly path: string; readonly body?: () => string }
type Requests = Readonly<Record<'feed' | 'like' | 'fault' | 'relay', (target: Target) => Request>>

const requests: Requests = {
  feed: () => ({ method: 'GET', path: '/api/activities/home' }),
  like: ({ activity }) => ({ method: 'POST', path: `/api/activities/${activity}/like` }),
  fault: () => ({ method: 'GET', path: '/rollbar/test' }),
  relay: () => ({ method: 'POST', path: '/relay/v1/traces', body: browserSpan }),
}
const turns = [
  ...['feed', 'like', 'feed', 'fault', 'feed', 'feed', 'like', 'feed', 'feed', 'relay'],
  ...['feed', 'like', 'feed', 'fault', 'feed', 'feed', 'like', 'feed', 'feed', 'feed'],
] as readonly (keyof Requests)[]

const browserSpan = (): string => {
  const now = BigInt(Date.now()) * 1_000_000n
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'click like',
    kind: 1,
    startTimeUnixNano: String(now - 5_000_000n),
    endTimeUnixNano: String(now),
    attributes: [{ key: 'app.action', value: { stringValue: 'like' } }],
    status: {},
  }
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ scope: {}, spans: [span] }] }],
  })
}

const answerWithinMs = 5_000

type Phase = { requests: number; latencies: number[]; open: number; errors: Counts; different: Counts }
type Counts = Record<string, number>

const emptyPhase = (): Phase => ({ requests: 0, latencies: [], open: 0, errors: {}, different: {} })

/** Sends this many requests a second, whether or not they are answered. */
export const createLoad = (requestsPerSecond: number | string) => {
  const perSecond = Number(requestsPerSecond)
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 })
  const expected = new Map<string, string>()
  const phases = new Map<string, Phase>()
  let running: { phase: Phase; target: Target } | undefined
  let dueAt = 0
  let turn = 0
  let total = 0
  let timer: NodeJS.Timeout | undefined

  const send = ({ phase, target }: NonNullable<typeof running>, due: number) => {
    const name = turns[turn++ % turns.length] ?? 'feed'
    const { method, path, body } = requests[name](target)
    phase.requests++
    phase.open++
    total++
    let settled = false
    const settle = (count?: Counts, what = '') => {
      if (settled) return
      settled = true
      phase.open--
      phase.latencies.push(performance.now() - due)
      if (count) count[what] = (count[what] ?? 0) + 1
    }
    const sent = body?.()
    const headers = {
      Cookie: target.cookie,
      ...(sent !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(sent) }),
    }
    const fail = (error: Error) => settle(phase.errors, `${name}: ${error.message}`)
    const answered = (response: http.IncomingMessage) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', fail)
      response.on('end', () => {
        const answer = fingerprint(response.statusCode ?? 0, String(Buffer.concat(chunks)))
        const before = expected.get(name) ?? answer
        expected.set(name, before)
        if (answer === before) settle()
        else settle(phase.different, `${name}: ${answer.slice(0, 3)} instead of ${before.slice(0, 3)}`)
      })
    }
    const attempt = () => {
      const request = http.request(target.url + path, { method, agent, headers }, answered)
      // As a browser does: the server may just have closed an idle connection.
      request.on('error', (error) => (request.reusedSocket && !settled ? attempt() : fail(error)))
      request.end(sent)
      const timer = setTimeout(() => {
        settle(phase.errors, `${name}: no answer within ${answerWithinMs / 1_000} s`)
        request.destroy()
      }, answerWithinMs)
      request.once('close', () => clearTimeout(timer))
    }
    attempt()
  }

  const next = () => {
    if (!running) return
    const now = performance.now()
    while (dueAt <= now) {
      send(running, dueAt)
      dueAt += 1_000 / perSecond
    }
    timer = setTimeout(next, dueAt - now)
  }

  return {
    /** Counts requests under this name from now on. */
    begin: (name: string, target: Target): void => {
      const phase = phases.get(name) ?? emptyPhase()
      phases.set(name, phase)
      const wasRunning = running !== undefined
      running = { phase, target }
      if (wasRunning) return
      dueAt = performance.now()
      next()
    },
    /** Waits until a request of this phase was sent. A phase can be shorter than the time between two requests. */
    sent: async (name: string): Promise<void> => {
      while (!phases.get(name)?.requests) await new Promise((resolve) => setTimeout(resolve, 10))
    },
    pause: (): void => {
      running = undefined
      clearTimeout(timer)
    },
    /** Waits until all requests of the phase are settled. */
    result: async (name: string): Promise<Measured> => {
      const phase = phases.get(name) ?? emptyPhase()
      while (phase.open > 0) await new Promise((resolve) => setTimeout(resolve, 10))
      phases.delete(name)
      const { requests, latencies, errors, different } = phase
      return { requests, latencies: latencies.sort((a, b) => a - b), errors, different }
    },
    total: (): number => total,
  }
}

// The reference in the answer of a fault is different each time.
const fingerprint = (status: number, body: string): string => {
  const same = body.replace(/"traceId":"[0-9a-f]{32}"/, '"traceId":"…"')
  return `${status} ${createHash('sha256').update(same).digest('hex')}`
}
