import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { drawTable, limits, type Page, patterns, type Row, runMatrix, separate, until } from '../linkage/matrix.ts'
import { buildLinkage, type LinkageServer, startLinkage } from '../linkage/server.ts'
import { type Collector, startCollector } from './collector.ts'
import { type FirefoxPage, launchFirefox, noFirefox } from './firefox.ts'

describe('in Firefox', { skip: noFirefox }, () => {
  let collector: Collector
  let firefox: Awaited<ReturnType<typeof launchFirefox>>

  before(async () => {
    collector = await startCollector()
    firefox = await launchFirefox()
  })
  after(async () => {
    await firefox?.close()
    await collector?.stop()
  })

  const open = async (server: LinkageServer): Promise<FirefoxPage> => {
    const since = collector.spans.length
    const page = await firefox.newPage()
    await page.goto(server.url)
    const hasLoaded = () => collector.spans.slice(since).some(({ name }) => name === 'load /linkage')
    await until(hasLoaded, 'the load of the page', 30_000)
    return page
  }

  for (const context of ['zone', 'compiled'] as const)
    for (const mode of ['production', 'dev'] as const)
      test(`every action is one trace: ${context}, ${mode}`, async (t) => {
        process.env.PAGE_CONTEXT = context
        if (mode === 'production') await buildLinkage()
        const server = await startLinkage(mode, collector)
        t.after(() => server.stop())
        // On the first visit Vite finds and bundles the dependencies, and reloads the page meanwhile.
        if (mode === 'dev') await open(server).then((page) => page.close())
        const page = await open(server)
        const run = async (title: string, of: typeof patterns): Promise<Row[]> => {
          const rows = await runMatrix(page as Page, server, collector, { rounds: 1, strictMode: mode === 'dev', of })
          t.diagnostic(drawTable(`Firefox ${firefox.version}, ${context}, ${mode}, ${title}`, rows))
          return rows
        }
        const linked = await run('linked', patterns)
        const apart = await run('must not be linked', separate)
        const unlinked = await run('known limits', limits)
        await page.close()
        assert.deepEqual(
          [...linked, ...apart].filter((row) => row.linked < row.all),
          [],
        )
        assert.deepEqual(
          unlinked.filter(({ linked }) => linked > 0),
          [],
        )
      })
})
