import { parseUrl } from '../node-20.ts'
import { outsideTraces } from '../outside-traces.ts'
import { messageOf } from './export-queue.ts'
import { agentFor, post } from './post.ts'

/** Where the traces of a key are shown. */
export type HoneycombPlace = {
  /** The origin of Honeycomb's pages. The EU has its own. */
  readonly ui: string
  readonly team: string
} & ({ readonly environment: string } | { readonly dataset: string })

export type HoneycombOptions = {
  readonly api: string
  readonly key: string
  /** Honeycomb Classic has no environments: links name the dataset there. */
  readonly dataset: string
  readonly say: (line: string) => void
  readonly timeoutMs?: number
  readonly againMs?: number
}

export type Honeycomb = {
  /** null until Honeycomb has answered. */
  readonly place: () => HoneycombPlace | null
  /** Asks until the place is known. */
  readonly findPlace: () => Promise<void>
  readonly markDeploy: (message: string) => Promise<void>
  readonly close: () => void
}

const defaultApi = 'https://api.honeycomb.io'
const longestWaitMs = 60 * 60_000

/** The API of the region that gets the spans, unless another one is given. */
export const honeycombApiOf = (given: string | undefined, otlpEndpoint: string | undefined): string => {
  if (given) return new URL(given).origin
  const host = parseUrl(otlpEndpoint ?? '')?.hostname ?? ''
  return /(^|\.)honeycomb\.io$/.test(host) ? `https://${host}` : defaultApi
}

export const honeycombUiOf = (api: string): string => api.replace('//api.', '//ui.')

const slugsOf = (authorizations: unknown): { team: string; environment: string } => {
  const { team, environment } = (authorizations ?? {}) as Record<string, { slug?: unknown } | undefined>
  if (typeof team?.slug === 'string' && team.slug !== '' && typeof environment?.slug === 'string')
    return { team: team.slug, environment: environment.slug }
  throw new SyntaxError('the slugs are missing')
}

/** Makes optional requests to Honeycomb's API, in the background and outside of all traces. */
export const createHoneycomb = ({ api, key, dataset, say, ...options }: HoneycombOptions): Honeycomb => {
  const { timeoutMs = 5_000, againMs = 60_000 } = options
  const agent = agentFor(api, 1)
  const closed = new AbortController()
  let place: HoneycombPlace | null = null
  let timer: NodeJS.Timeout | undefined

  const ask = async (method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> => {
    const answer = await post({
      url: api + path,
      method,
      agent,
      headers: { 'X-Honeycomb-Team': key, ...(body && { 'Content-Type': 'application/json' }) },
      body: Buffer.from(body ? JSON.stringify(body) : ''),
      abort: AbortSignal.any([closed.signal, AbortSignal.timeout(timeoutMs)]),
    })
    // Following a redirect would send the key to another host.
    if (answer.status < 200 || answer.status >= 300) throw new Refused(answer.status)
    return JSON.parse(answer.body.toString())
  }

  const findPlace = async (waitMs = againMs): Promise<void> => {
    try {
      const { team, environment } = slugsOf(await ask('GET', '/1/auth'))
      place = { ui: honeycombUiOf(api), team, ...(environment === '' ? { dataset } : { environment }) }
    } catch (error) {
      if (closed.signal.aborted) return
      if (waitMs === againMs)
        say(`Cannot link to traces: Honeycomb does not say where it shows them (${reasonOf(error)}).`)
      if (isFinal(error)) return
      timer = setTimeout(() => void findPlace(Math.min(2 * waitMs, longestWaitMs)), waitMs).unref()
    }
  }

  const markDeploy = async (message: string): Promise<void> => {
    try {
      await ask('POST', '/1/markers/__all__', { message, type: 'deploy' })
    } catch (error) {
      if (!closed.signal.aborted) say(`Honeycomb did not accept the marker of this deploy (${reasonOf(error)}).`)
    }
  }

  return {
    place: () => place,
    findPlace: () => outsideTraces(() => findPlace()),
    markDeploy: (message) => outsideTraces(() => markDeploy(message)),
    close: () => {
      closed.abort()
      clearTimeout(timer)
      agent.destroy()
    },
  }
}

class Refused extends Error {
  readonly status: number

  constructor(status: number) {
    super(`HTTP ${status}`)
    this.status = status
  }
}

// The same key would be refused again.
const isFinal = (error: unknown): boolean => error instanceof Refused && (error.status === 401 || error.status === 403)

const reasonOf = (error: unknown): string => {
  if (error instanceof SyntaxError) return 'its answer is malformed'
  return messageOf(error)
}
