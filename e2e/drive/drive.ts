import { launchBrowser } from '../src/browser.ts'
import { type CollectedSpan, startCollector } from '../src/collector.ts'
import { runOn } from '../src/database.ts'
import { openBrowserOf } from '../src/person.ts'
import { startProduct } from '../src/product.ts'
import { isOnlySlow } from '../src/trace.ts'
import { untilQuiet } from '../src/trace-check.ts'
import { type Driver, steps } from './acts.ts'
import { type Done, isByPage, type Judgement, judge, record, type Sent } from './ground-truth.ts'

export type Result = {
  seed: number
  acts: Judgement[]
  wrong: Judgement[]
  requests: number
  /** Requests whose trace has no named root of the page. */
  rootless: Sent[]
  /** Roots of the page that belong to no act, by name. */
  background: Map<string, number>
  /** Background roots that are neither work of the page itself, nor preparation, nor slow acts. */
  unexplained: CollectedSpan[]
}

const pausesMs = [0, 0, 60, 250, 700, 1_500, 3_000]
const cruds = 150
const quietMs = 800
/** After these acts the next one sometimes starts before the answer. */
const hastyAfter = ['like', 'unlike', 'repost', 'undo repost', 'share']
const hasty = ['open a crud', 'open a profile', 'notifications', 'messages', 'following', 'theme', 'profile']

type Options = {
  seed: number
  actions: number
  /** Another OTLP/HTTP endpoint that also gets every span. */
  handOnTo?: string | undefined
}

export const drive = async ({ seed, actions, handOnTo }: Options): Promise<Result> => {
  const random = randomOf(seed)
  const collector = await startCollector({ handOnTo })
  const product = await startProduct({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
  const browser = await launchBrowser()
  const sent: Sent[] = []
  const acts: Done[] = []
  try {
    await runOn(
      product.databaseUrl,
      `INSERT INTO activities (uuid, user_uuid, message, created_at, expires_at)
       SELECT gen_random_uuid(), (SELECT uuid FROM users WHERE handle = 'garek'), 'Number ' || n, now() - n * interval '1 minute', now() + interval '1 day'
         FROM generate_series(1, ${cruds}) AS n`,
    )
    const drivers = [
      await signUp(browser, product.url, { handle: 'ezri', name: 'Ezri Dax', other: 'nog' }),
      await signUp(browser, product.url, { handle: 'nog', name: 'Nog', other: 'ezri' }),
    ]
    for (const { page, who } of drivers) record(page, who, sent)

    for (const { page } of drivers) page.setDefaultTimeout(30_000)
    const names = shuffled(Object.keys(steps), random)
    for (let done = 0; done < actions; done++) {
      const driver = { ...(drivers[random() < 0.8 ? 0 : 1] as (typeof drivers)[number]), random }
      // Every act once, then at random.
      const name = names[done < names.length ? done : Math.floor(random() * names.length)] as string
      const before = acts.findLast(({ who }) => who === driver.who)
      if (before) before.endMs = Math.min(before.endMs, Date.now())
      acts.push(await perform(driver, name, sent))
      if (hastyAfter.includes(name) && random() < 0.5) {
        const next = hasty[Math.floor(random() * hasty.length)] as string
        acts.push(await perform(driver, next, sent, { isHasty: true }))
        done++
      }
      await driver.page.waitForTimeout(pausesMs[Math.floor(random() * pausesMs.length)] as number)
    }
    await drivers[0]?.page.waitForTimeout(3_000)
    await untilQuiet(collector)
    for (const { page } of drivers) await page.context().close()
    await untilQuiet(collector)
  } finally {
    await browser.close()
    await product.stop()
    await collector.stop()
  }

  const { judgements, background, rootless } = judge(acts, sent, collector.spans)
  return {
    seed,
    acts: judgements,
    wrong: judgements.filter(({ problems }) => problems.length > 0),
    requests: sent.length,
    rootless,
    background: new Map([...Map.groupBy(background, ({ name }) => name)].map(([name, all]) => [name, all.length])),
    unexplained: background.filter(
      (root) => !isByPage(root) && !isPreparation(root, acts) && !isSlowAct(root, acts, collector.spans),
    ),
  }
}

/** A slow act becomes a trace even without requests. */
const isSlowAct = (root: CollectedSpan, acts: readonly Done[], spans: readonly CollectedSpan[]): boolean =>
  isOnlySlow(root, spans) && acts.some(({ startMs, endMs }) => root.startMs >= startMs - 60 && root.startMs <= endMs)

/** Roots between two acts are clicks that prepare the next one. */
const isPreparation = ({ startMs }: CollectedSpan, acts: readonly Done[]): boolean =>
  !acts.some((act) => startMs >= act.startMs - 5 && startMs <= act.actedMs)

/** Waits until the browser sends no more requests. */
const waitUntilQuiet = async ({ page, who }: Driver, sent: readonly Sent[]): Promise<void> => {
  for (let tries = 0; tries < 50; tries++) {
    const last = sent.findLast((one) => one.who === who)
    if (!last || Date.now() - last.atMs > quietMs) return
    await page.waitForTimeout(100)
  }
}

const perform = async (
  driver: Driver,
  name: string,
  sent: readonly Sent[],
  { isHasty = false } = {},
): Promise<Done> => {
  const { ready, run, ...step } = steps[name] as (typeof steps)[string]
  if (ready && !isHasty) {
    await ready(driver)
    await waitUntilQuiet(driver, sent)
  }
  const startMs = Date.now()
  const done: Done = { who: driver.who, name, ...step, startMs, actedMs: startMs, endMs: startMs }
  try {
    await run(driver)
  } catch (error) {
    done.failure = String(error).split('\n')[0] ?? ''
  }
  const isSent = () =>
    (step.must ?? []).every((pattern) =>
      sent.some(({ what, atMs, who }) => who === driver.who && atMs >= startMs && pattern.test(what)),
    )
  for (let tries = 0; tries < 200 && !isSent(); tries++) await driver.page.waitForTimeout(20)
  done.actedMs = Date.now()
  done.endMs = done.actedMs + 600
  return done
}

type Browser = Awaited<ReturnType<typeof launchBrowser>>

const signUp = async (
  browser: Browser,
  url: string,
  { handle, name, other }: { handle: string; name: string; other: string },
): Promise<Omit<Driver, 'random'>> => {
  const { page } = await openBrowserOf(browser, url, { handle, name })
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(`${url}/signup`)
  const form = page.getByRole('main')
  await form.getByLabel('Handle').fill(handle)
  await form.getByLabel('Name', { exact: true }).fill(name)
  await form.getByLabel(/mail/i).fill(`${handle}@example.com`)
  await form.getByLabel('Password', { exact: true }).fill('a long enough password')
  await form.locator('button[type="submit"]').click()
  await page.locator('.account[data-somebody]').waitFor()
  return { who: handle, page, handle, other }
}

export const reportOf = ({ seed, acts, wrong, requests, rootless, background, unexplained }: Result): string =>
  [
    `Seed ${seed}: ${acts.length} acts, ${acts.length - wrong.length} correct; ${requests} requests, ${rootless.length} without a named root.`,
    ...wrong.flatMap(({ act, problems }) => [
      `✖ ${act.who}: ${act.name}`,
      ...problems.map((problem) => `    ${problem}`),
    ]),
    ...rootless.map(({ who, what, traceId }) => `✖ no named root: ${who} ${what} ${traceId}`),
    ...unexplained.map(({ name, traceId }) => `✖ no act explains the root “${name}” ${traceId}`),
    `Done: ${[...Map.groupBy(acts, ({ act }) => act.name)].map(([name, all]) => `${name} × ${all.length}`).join(', ')}.`,
    `Background: ${[...background].map(([name, count]) => `${name} × ${count}`).join(', ') || 'nothing'}.`,
  ].join('\n')

/** Random numbers from 0 to 1, the same for the same seed. */
const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const shuffled = <Item>(items: readonly Item[], random: () => number): Item[] =>
  items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
