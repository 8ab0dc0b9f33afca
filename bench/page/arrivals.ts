import { setTimeout as delay } from 'node:timers/promises'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Browser, Page, Request } from 'playwright-core'
import type { Kind } from './arms.ts'
import { leave, load, open, placeOf, type Visit } from './measure.ts'
import { type Signal, traceIn } from './signals.ts'
import type { Site } from './site.ts'

/** `own id`: the two meet at the vendor by an id of its own, and not in one trace. `–`: one of the two did not arrive. */
type Answer = 'yes' | 'no' | 'own id' | '–'
type Sizes = { readonly gzip: number; readonly brotli: number }

export type Arrivals = {
  /** The document and the scripts that it names, and all that a visit with a click fetched. */
  readonly first: Sizes
  readonly all: Sizes
  readonly header: string | null
  readonly clickAndRequest: Answer
  readonly clicksApart: Answer
  readonly loadAndRequest: Answer
  readonly requestSpan: Answer
  readonly errorHasId: Answer
  readonly clickAndError: Answer
  readonly clickAndRollbar: Answer
  readonly complaints: readonly string[]
}

/** Longer than the second after which Sentry ends a load, and than Datadog's wait for a second click. */
const pauseMs = 1_500

const sizesOf = (texts: readonly Buffer[]): Sizes => {
  const total = (sizes: number[]) => sizes.reduce((sum, size) => sum + size, 0)
  return {
    gzip: total(texts.map((text) => gzipSync(text, { level: 9 }).length)),
    brotli: total(texts.map((text) => brotliCompressSync(text).length)),
  }
}

/** Everything of the page that is a document or a script, by its path. */
const recordFiles = (page: Page): Map<string, Promise<Buffer>> => {
  const files = new Map<string, Promise<Buffer>>()
  page.on('response', (response) => {
    const isCode = ['document', 'script'].includes(response.request().resourceType())
    if (isCode && response.ok()) files.set(new URL(response.url()).pathname, response.body())
  })
  return files
}

const recordRequests = (page: Page): Request[] => {
  const requests: Request[] = []
  page.on('request', (request) => requests.push(request))
  return requests
}

const click = async ({ page }: Visit, button: ReturnType<Page['getByRole']>): Promise<void> => {
  const { x, y } = await placeOf(button)
  await page.mouse.click(x, y)
  await delay(pauseMs)
}

const together = (one: readonly Signal[], other: readonly Signal[]): Answer => {
  if (one.length === 0 || other.length === 0) return '–'
  const isIn = (ids: (string | null)[]) => (id: string | null) => id !== null && ids.includes(id)
  if (other.every(({ traceId }) => isIn(one.map((each) => each.traceId))(traceId))) return 'yes'
  const ownIds = one.flatMap((each) => each.ownIds)
  return other.every((each) => each.ownIds.some(isIn(ownIds))) ? 'own id' : 'no'
}

const of = (signals: readonly Signal[], kind: Kind, from: Signal['from'] = 'tracing') =>
  signals.filter((signal) => signal.kind === kind && signal.from === from)

/** A visit with two clicks that ask the backend, then one with a click that fails. All that is said is what came out. */
export const arrivalsOf = async (browser: Browser, site: Site): Promise<Arrivals> => {
  const visit = await open(browser, site)
  const files = recordFiles(visit.page)
  const requests = recordRequests(visit.page)
  await load(visit)
  await delay(pauseMs)
  const { asks, button } = site
  const ofLoad = requests.find((request) => asks.load.test(request.url()))
  await site.prepare(visit.page)
  for (const _ of ['one', 'two']) await click(visit, button(visit.page))
  const ofClicks = requests.filter((request) => asks.click.test(request.url()))
  const [document = Buffer.of(), ...scripts] = await Promise.all(files.values())
  const named = [...files.keys()].slice(1).map((path) => document.includes(path))
  await leave(visit)
  const { signals } = site.take()

  const ids = ofClicks.map((request) => traceIn(request.headers()))
  /** What the backend was told, as if it were a span: without a header it has no trace. */
  const told = (id: ReturnType<typeof traceIn>): Signal => {
    const span = of(signals, 'request').find(({ traceId }) => traceId !== null && traceId === id?.traceId)
    return { kind: 'request', traceId: id?.traceId ?? null, ownIds: span?.ownIds ?? [], url: '', from: 'tracing' }
  }
  const unsaid = ids.some((id) => !id)
  const spans = of(signals, 'request').map(({ traceId }) => traceId)

  const hasId = (signals: readonly Signal[]): Answer => {
    if (signals.length === 0) return '–'
    return signals.every(({ traceId }) => traceId) ? 'yes' : 'no'
  }

  const broken = site.arm.page === 'minimal' ? await fail(browser, site) : []
  const arrived = [...signals, ...broken]
  return {
    first: sizesOf([document, ...scripts.filter((_, index) => named[index])]),
    all: sizesOf([document, ...scripts]),
    header: ids[0]?.header ?? null,
    clickAndRequest: together(of(signals, 'click'), ids.map(told)),
    clicksApart: unsaid ? '–' : new Set(ids.map((id) => id?.traceId)).size === ids.length ? 'yes' : 'no',
    loadAndRequest: together(of(signals, 'load'), ofLoad ? [told(traceIn(ofLoad.headers()))] : []),
    requestSpan: unsaid ? '–' : ids.every((id) => id && spans.includes(id.traceId)) ? 'yes' : 'no',
    errorHasId: hasId(of(broken, 'error')),
    clickAndError: together(of(broken, 'click'), of(broken, 'error')),
    clickAndRollbar: together(of(broken, 'click'), of(broken, 'error', 'Rollbar')),
    complaints: [
      ...(ofClicks.length === 2 ? [] : [`two clicks made ${ofClicks.length} requests`]),
      ...site.arm.sends.filter((kind) => of(arrived, kind).length === 0).map((kind) => `no ${kind} arrived`),
      ...[...new Set(site.refused)].map((path) => `the sink does not know ${path}`),
    ],
  }
}

const fail = async (browser: Browser, site: Site): Promise<readonly Signal[]> => {
  const visit = await open(browser, site)
  await load(visit)
  await delay(pauseMs)
  await click(visit, visit.page.getByRole('button', { name: 'Break' }))
  await leave(visit)
  return site.take().signals
}
