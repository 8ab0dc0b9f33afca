import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import * as z from 'zod/mini'
import { launchBrowser } from './browser.ts'
import type { CollectedSpan } from './collector.ts'
import { runOn } from './database.ts'
import { eventually } from './eventually.ts'
import { actAs, likeButtonOf, openFeed } from './feed.ts'
import { type FourVendors, startFourVendors, untilAllIsSampled } from './four-vendors.ts'
import { type Product, startProduct } from './product.ts'
import { isOnlySlow } from './trace.ts'

const cruds = 45
const rounds = 14
const grainMs = 1

// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html: other fields are refused.
const id = z.string().check(z.regex(/^[0-9a-f]{16}$/))
const traceId = z.string().check(z.regex(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/))
const name = z.string().check(z.regex(/^[\p{L}\p{N}\p{Zs}_.:/%&#=+\-@]{1,200}$/u))
const text = z.string().check(z.minLength(1))
const flag = z.optional(z.literal(true))
const exception = z.strictObject({
  id,
  message: z.optional(z.string()),
  type: z.optional(text),
  remote: z.optional(z.boolean()),
  truncated: z.optional(z.int()),
  skipped: z.optional(z.int()),
  cause: z.optional(id),
  stack: z.optional(
    z.array(z.strictObject({ path: text, line: z.int().check(z.positive()), label: z.optional(z.string()) })),
  ),
})
const request = {
  method: z.optional(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])),
  url: z.optional(z.url()),
}
const response = z.optional(
  z.strictObject({
    status: z.optional(z.int().check(z.minimum(100), z.maximum(599))),
    content_length: z.optional(z.int()),
  }),
)
const ofBoth = {
  id,
  name,
  start_time: z.number().check(z.positive()),
  end_time: z.number().check(z.positive()),
  error: flag,
  throttle: flag,
  fault: flag,
  cause: z.optional(
    z.union([
      id,
      z.strictObject({
        working_directory: z.optional(z.string()),
        paths: z.optional(z.array(z.string())),
        exceptions: z.array(exception),
      }),
    ]),
  ),
  // Indexed: at most 50 scalars of at most 1,000 characters.
  annotations: z.optional(
    z
      .record(
        z.string().check(z.regex(/^[A-Za-z0-9_]{1,500}$/)),
        z.union([z.string().check(z.maxLength(1_000)), z.number(), z.boolean()]),
      )
      .check(z.refine((annotations) => Object.keys(annotations).length <= 50)),
  ),
  metadata: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
}
const ofSubsegments = {
  ...ofBoth,
  namespace: z.optional(z.enum(['aws', 'remote'])),
  precursor_ids: z.optional(z.array(id)),
  // Documented inside `http.request`; AWS's own SDK puts it here.
  traced: z.optional(z.boolean()),
  http: z.optional(z.strictObject({ request: z.optional(z.strictObject(request)), response })),
  sql: z.optional(
    z.strictObject({
      connection_string: z.optional(text),
      url: z.optional(z.url()),
      sanitized_query: z.optional(text),
      database_type: z.optional(text),
      database_version: z.optional(text),
      driver_version: z.optional(text),
      user: z.optional(text),
      preparation: z.optional(z.enum(['call', 'statement'])),
    }),
  ),
}
const Inner: z.ZodMiniType = z.strictObject({ ...ofSubsegments, subsegments: z.optional(z.array(z.lazy(() => Inner))) })
const subsegments = z.optional(z.array(Inner))
const Segment = z.strictObject({
  ...ofBoth,
  trace_id: traceId,
  parent_id: z.optional(id),
  user: z.optional(z.string().check(z.minLength(1), z.maxLength(250))),
  origin: z.optional(text),
  service: z.optional(z.strictObject({ version: z.optional(text) })),
  aws: z.optional(z.strictObject({ xray: z.record(z.string(), z.string()) })),
  http: z.optional(
    z.strictObject({
      request: z.optional(
        z.strictObject({
          ...request,
          user_agent: z.optional(text),
          client_ip: z.optional(z.union([z.ipv4(), z.ipv6()])),
          x_forwarded_for: z.optional(z.boolean()),
        }),
      ),
      response,
    }),
  ),
  subsegments,
})
const LoneSubsegment = z.strictObject({
  ...ofSubsegments,
  type: z.literal('subsegment'),
  trace_id: traceId,
  parent_id: id,
  subsegments,
})

let vendors: FourVendors
let product: Product
let browser: Browser
let clicks = 0
let begunAt: number

/** The spans since the first click. */
const spans = (): CollectedSpan[] => vendors.honeycomb.spans.filter(({ startMs }) => startMs >= begunAt)
const roots = (): CollectedSpan[] =>
  spans().filter(
    (span) => span.parentSpanId === null && /^(click|scroll) /.test(span.name) && !isOnlySlow(span, spans()),
  )

before(async () => {
  vendors = await startFourVendors()
  product = await startProduct({ env: vendors.env })
  await runOn(
    product.databaseUrl,
    `INSERT INTO activities (user_uuid, message, created_at, expires_at)
     SELECT (SELECT uuid FROM users WHERE handle = 'garek'), 'Crud number ' || n, now() + n * interval '1 ms', now() + interval '1 day'
       FROM generate_series(1, ${cruds}) AS n`,
  )
  await untilAllIsSampled(vendors, product.backendUrl)
  browser = await launchBrowser()
  await clickAround(await openFeed(browser, product.url))
  await eventually(() => roots().length >= clicks, 30_000).catch(() => {})
  await browser.close()
  // Stopping sends the spans that still wait for their parent.
  await product.stop()
})

after(async () => {
  await browser?.close()
  await product?.stop()
  await vendors?.stop()
})

/** Liking the fourth crud from the top fails. */
const breakOne = `
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'this one is broken'; END $$;
  CREATE TRIGGER refuse BEFORE INSERT ON likes FOR EACH ROW
    WHEN (NEW.activity_uuid = '00000000-0000-4000-8000-000000000000') EXECUTE FUNCTION refuse();
  UPDATE activities SET uuid = '00000000-0000-4000-8000-000000000000' WHERE message = 'Crud number ${cruds - 3}'`

const clickAround = async (page: Page): Promise<void> => {
  await runOn(product.databaseUrl, breakOne)
  // All four cruds are in view, so a click does not scroll and load more.
  await page.setViewportSize({ width: 1280, height: 960 })
  await page.reload()
  await page.getByRole('article').first().waitFor()
  await vendors.honeycomb.waitFor((all) => all.some(({ name }) => name.startsWith('load')))
  begunAt = Date.now()
  const answered = async (click: () => Promise<unknown>, isAnswer: (path: string) => boolean): Promise<void> => {
    const answer = page.waitForResponse((response) => isAnswer(new URL(response.url()).pathname))
    await click()
    await (await answer).finished()
    clicks++
  }
  const like = (nth: number) =>
    answered(
      () => likeButtonOf(page, 'Garek').nth(nth).click(),
      (path) => path.endsWith('/like'),
    )
  for (let round = 0; round < rounds; round++) {
    await actAs(page, round % 2 ? 'Worf' : 'Andrew Brown')
    clicks++
    for (const nth of [0, 1, 3, 2]) await like(nth)
    for (const nth of [1, 2]) await like(nth)
  }
  // One page of cruds is less than the page keeps ready, so one scroll loads two.
  const shown = await page.getByRole('article').count()
  await answered(
    () => page.mouse.wheel(0, 20_000),
    (path) => path === '/api/activities/home',
  )
  await eventually(async () => (await page.getByRole('article').count()) >= shown + 20)
  await like(0)
}

describe('a hundred mixed clicks', () => {
  test('are a hundred, of every kind', () => {
    assert.equal(clicks, 100)
    assert.equal(roots().length, clicks)
    assert.deepEqual([...new Set(roots().map(({ name }) => name))].sort(), [
      'click act as',
      'click like',
      'click unlike',
      'scroll load more',
    ])
    const faults = spans().filter(
      ({ service, kind, attributes }) =>
        service === 'cruddur-backend' && kind === 'server' && attributes['http.response.status_code'] === 500,
    )
    assert.equal(faults.length, rounds)
  })

  test('are the same in X-Ray and Honeycomb: each span’s id, parent and times', () => {
    const nodes = Map.groupBy(vendors.nodes(), (node) => `${node.traceId} ${node.id}`)
    const differences: string[] = []
    for (const span of spans()) {
      const told = nodes.get(`1-${span.traceId.slice(0, 8)}-${span.traceId.slice(8)} ${span.spanId}`) ?? []
      const [node] = told
      const say = (what: string) => differences.push(`${span.service} ${span.kind} ${span.name}: ${what}`)
      if (!node || told.length > 1) say(`${told.length} times`)
      else {
        if (node.parentId !== span.parentSpanId) say(`below ${node.parentId}, not ${span.parentSpanId}`)
        if (Math.abs(node.startMs - span.startMs) > grainMs) say(`starts ${node.startMs - span.startMs} ms off`)
        if (Math.abs(node.endMs - span.endMs) > grainMs) say(`ends ${node.endMs - span.endMs} ms off`)
      }
    }
    assert.deepEqual(differences, [])
    assert.equal(new Set(spans().map(({ spanId }) => spanId)).size, spans().length)
  })

  test('make documents as AWS specifies them, below 64 kB each', () => {
    const wrong: string[] = []
    for (const document of vendors.xray.segments) {
      const result = z.safeParse('type' in document ? LoneSubsegment : Segment, document)
      if (!result.success) wrong.push(`${document.name}: ${JSON.stringify(result.error.issues)}`)
    }
    assert.deepEqual(wrong, [])
    const largest = Math.max(...vendors.xray.datagrams.map(({ length }) => length))
    assert.ok(largest < 64_000, `${largest} bytes`)
  })

  test('only the failed one is a fault, with its cause', () => {
    const servers = vendors
      .nodes()
      .filter(({ startMs, document }) => startMs >= begunAt && document.name === 'cruddur-backend' && document.http)
    const faults = servers.filter(({ document }) => document.fault)
    assert.equal(faults.length, rounds)
    const causes = vendors.xray.segments.filter((document) => JSON.stringify(document).includes('this one is broken'))
    assert.equal(causes.length, rounds)
    assert.deepEqual(
      servers.filter(({ document }) => document.throttle || document.error),
      [],
    )
  })
})
