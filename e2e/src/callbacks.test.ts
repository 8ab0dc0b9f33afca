import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { carryContext } from '@cruddur/trace-web/compile'
import type { Findings } from '@cruddur/trace-web/testing/judge'
import { randomProgram } from '@cruddur/trace-web/testing/random-program'
import { traceWeb } from '@cruddur/trace-web/vite'
import { build, type Plugin, type Rolldown } from 'vite'
import type { Page } from '../linkage/matrix.ts'
import { launchBrowser } from './browser.ts'
import { eventually } from './eventually.ts'
import { launchFirefox, noFirefox } from './firefox.ts'

declare const callbacks: {
  start: (name: string, kind: 'linked' | 'separate') => void
  found: Record<string, string[]>
  between: string[]
  linked: string[]
  separate: Record<string, string[]>
}

declare const runProgram: (seed: number, generators: string[]) => Promise<Findings>

const programs = 60

let server: Server
let url: string

const bundle = async (file: string, plugins: Plugin[] = []): Promise<[type: string, body: string]> => {
  const rolldownOptions = { input: resolve(import.meta.dirname, file), preserveEntrySignatures: 'strict' as const }
  const target = 'esnext'
  const options = { configFile: false as const, logLevel: 'error' as const, plugins }
  const output = await build({ ...options, build: { write: false, target, rolldownOptions } })
  return ['text/javascript', (output as Rolldown.RolldownOutput).output[0].code]
}

const htmlOf = (script: string): [type: string, body: string] => [
  'text/html',
  `<!doctype html><body></body><script type="module" src="${script}"></script>`,
]

/** The two modules of a random program, of which the build step has compiled one. */
const moduleOf = (path: string): [type: string, body: string] | undefined => {
  const [, seed, kind] = /^\/program\/(\d+)\/(compiled|native)\.js$/.exec(path) ?? []
  if (!seed) return undefined
  const { compiled, native } = randomProgram(Number(seed))
  const code = kind === 'native' ? native : carryContext(compiled, { from: '/frames.js' })?.code
  return ['text/javascript', code ?? compiled]
}

before(async () => {
  const answers: Record<string, [type: string, body: string]> = {
    '/': htmlOf('/page.js'),
    '/page.js': await bundle('../linkage/callbacks-page.ts', traceWeb({ context: 'compiled' })),
    '/programs': htmlOf('/programs.js'),
    '/programs.js': await bundle('../linkage/programs-page.ts'),
    '/frames.js': await bundle(fileURLToPath(import.meta.resolve('@cruddur/trace-web/frames'))),
    '/script.js': ['text/javascript', ''],
    '/events': ['text/event-stream', 'data: one\n\n'],
    '/plain': ['text/plain', 'plain'],
  }
  server = createServer((request, response) => {
    const [type, body] = answers[request.url ?? ''] ?? moduleOf(request.url ?? '') ?? ['text/plain', '']
    response.writeHead(200, { 'content-type': type }).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://localhost:${(server.address() as AddressInfo).port}/`
})

after(() => {
  server?.close()
  server?.closeAllConnections()
})

type Opened = { page: Page & { goto: (url: string) => Promise<unknown> }; close: () => Promise<void> }

const browsers: Record<string, { skip: string | false; open: () => Promise<Opened> }> = {
  Chromium: {
    skip: false,
    open: async () => {
      const browser = await launchBrowser()
      return { page: (await browser.newPage()) as Opened['page'], close: () => browser.close() }
    },
  },
  Firefox: {
    skip: noFirefox,
    open: async () => {
      const browser = await launchFirefox()
      return { page: await browser.newPage(), close: () => browser.close() }
    },
  },
}

for (const [name, { skip, open }] of Object.entries(browsers))
  describe(`a callback in ${name}`, { skip }, () => {
    let opened: Opened
    let page: Opened['page']

    before(async () => {
      opened = await open()
      page = opened.page
      await page.goto(url)
      await eventually(() => page.evaluate(() => 'callbacks' in window, ''))
    })
    after(() => opened?.close())

    const found = (one: string): Promise<string[]> => page.evaluate((key) => callbacks.found[key] ?? [], one)

    test('runs in the context in which it was given', async (t) => {
      for (const one of await page.evaluate(() => callbacks.linked, ''))
        await t.test(one, async () => {
          await page.evaluate((key) => callbacks.start(key, 'linked'), one)
          await eventually(async () => (await found(one)).length > 0)
          assert.deepEqual([...new Set(await found(one))], ['A'])
        })
    })

    test('but not in that context, where something else causes it', async (t) => {
      for (const [one, expected] of Object.entries(await page.evaluate(() => callbacks.separate, '')))
        await t.test(one, async () => {
          await page.evaluate((key) => callbacks.start(key, 'separate'), one)
          const has = (selector: string) => page.evaluate((key) => document.querySelector(key) !== null, selector)
          if (await has('#click')) await page.locator('#click').click()
          if (await has('#key')) {
            await page.locator('#key').focus()
            await page.keyboard.press('Enter')
          }
          await eventually(async () => (await found(one)).length >= expected.length)
          // Long enough for a surplus call.
          await setTimeout(100)
          assert.deepEqual(await found(one), expected)
        })
    })

    test('and between two jobs there is no context', async () => {
      assert.deepEqual(await page.evaluate(() => callbacks.between, ''), [])
    })

    test('and in random programs no probe finds the context of another flow', async (t) => {
      await page.goto(`${url}programs`)
      await eventually(() => page.evaluate(() => 'runProgram' in window, ''))
      let right = 0
      for (let seed = 1; seed <= programs; seed++) {
        const { generators } = randomProgram(seed)
        const findings = await page.evaluate(
          (text) => {
            const [one, names] = JSON.parse(text)
            return runProgram(one, names)
          },
          JSON.stringify([seed, generators]),
        )
        assert.deepEqual(findings.wrong.slice(0, 5), [], `program ${seed}`)
        right += findings.right
      }
      t.diagnostic(`${programs} programs: ${right} probes right`)
      assert.ok(right > 4_000)
    })
  })
