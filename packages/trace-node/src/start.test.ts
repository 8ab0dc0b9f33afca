import assert from 'node:assert/strict'
import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { startHoneycomb, startVendorDoubles } from '@cruddur/vendor-doubles'
import manifest from '../package.json' with { type: 'json' }

const here = import.meta.dirname
const register = join(here, 'register.ts')

const run = async (args: string[], env: Record<string, string>, options: SpawnOptions = {}) => {
  const child = spawn(process.execPath, args, {
    cwd: here,
    ...options,
    env: { PATH: process.env.PATH, ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text))
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}

const application = `
  const { traced, annotate } = tracing()
  const read = traced('cart.read', async (id) => {
    annotate({ 'app.cart': id })
    if (id === '13') throw new Error('The cart is broken.')
    return { id }
  })
  const app = express()
  app.use(serverTiming(), requestLog(), relay())
  app.get('/carts/:id', (req, res, next) => read(req.params.id).then((cart) => res.json(cart), next))
  app.use(faults())
  app.use((error, req, res, next) => res.status(500).end())
  const server = app.listen(0, '127.0.0.1', async () => {
    const url = 'http://127.0.0.1:' + server.address().port
    for (const id of ids) await (await fetch(url + '/carts/' + id)).arrayBuffer()
    await shutdownTracing(60_000)
    process.exit(0)
  })`

const asModule = (ids: string[]) => [
  '--input-type=module',
  '--eval',
  `import express from 'express'
  import { shutdownTracing, tracing } from './index.ts'
  import { faults, relay, requestLog, serverTiming } from './express.ts'
  const ids = ${JSON.stringify(ids)}
  ${application}`,
]

const asCommonJs = (ids: string[]) => [
  '--input-type=commonjs',
  '--eval',
  `const express = require('express')
  const { shutdownTracing, tracing } = require('./index.ts')
  const { faults, relay, requestLog, serverTiming } = require('./express.ts')
  const ids = ${JSON.stringify(ids)}
  ${application}`,
]

for (const [name, args] of [
  ['an ESM application with --import', ['--import', register, ...asModule(['7'])]],
  ['a CommonJS application with --require', ['--require', register, ...asCommonJs(['7'])]],
] as const) {
  test(`traces ${name}, with everything from the environment`, async (t) => {
    const vendor = await startHoneycomb()
    t.after(vendor.stop)
    const { code, stdout, stderr } = await run([...args], { ...vendor.env, OTEL_SERVICE_NAME: 'shop-api' })
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stderr, /import-in-the-middle|telemetry/)
    const request = vendor.spans.find(({ name: spanName }) => spanName === 'GET /carts/:id')
    const useCase = vendor.spans.find(({ name: spanName }) => spanName === 'cart.read')
    assert.equal(request?.service, 'shop-api')
    assert.equal(useCase?.parentSpanId, request.spanId)
    assert.equal(useCase.attributes['app.cart'], '7')
    assert.match(stdout, new RegExp(`"trace_id":"${request.traceId}".*"path":"/carts/7","status":200`))
  })
}

test('names a request after its whole route, wherever Express finds it', async (t) => {
  const vendor = await startHoneycomb()
  t.after(vendor.stop)
  const routes = {
    '/': '/',
    '/?page=2': '/',
    '/api/carts/1': '/api/carts/:id',
    '/api/orders/2': '/api/orders/:id',
    '/api/fails/3': '/api/fails/:id',
    '/tenants/acme/shop/items/4': '/tenants/:tenant/shop/items/:id',
    '/tenants/acme/shop/bills/5': '/tenants/:tenant/shop/bills/:id',
    '/v1/users/6': '/v1/users/:id',
    '/v2/users/7': '/v2/users/:id',
    '/API/orders/8': '/api/orders/:id',
    '/recovered/9': '/recovered/:id',
    '/recovered-later/9': '/recovered-later/:id',
    '/guarded/10': '/guarded/:id',
    '/api/nothing': undefined,
    '/nothing': undefined,
  }
  const app = `import express, { Router } from 'express'
    import { shutdownTracing } from './index.ts'
    const answer = (req, res) => res.end()
    const with_ = (router, path, handler = answer) => router.get(path, handler)
    const app = express()
    app.get('/', answer)
    app.use('/api', (req, res, next) => setTimeout(next))
    app.use('/api', with_(Router(), '/carts/:id'))
    app.use('/api', with_(with_(Router(), '/orders/:id'), '/fails/:id', async () => { throw new Error('no') }))
    const tenants = Router()
    tenants.use('/shop', with_(Router(), '/items/:id'))
    tenants.use('/shop', with_(Router(), '/bills/:id'))
    app.use('/tenants/:tenant', tenants)
    for (const version of ['/v1', '/v2']) app.use(version, with_(express(), '/users/:id'))
    app.use('/recovered', () => { throw new Error('no') })
    app.use('/recovered-later', async () => { throw new Error('no') })
    app.get('/guarded/:id', (req, res, next) => next('route'))
    app.use((error, req, res, next) => req.url.startsWith('/recovered') ? next() : res.status(500).end())
    app.get('/recovered/:id', answer)
    app.get('/recovered-later/:id', answer)
    app.get('/guarded/:id', answer)
    const server = app.listen(0, '127.0.0.1', async () => {
      for (const path of ${JSON.stringify(Object.keys(routes))})
        await (await fetch('http://127.0.0.1:' + server.address().port + path)).arrayBuffer()
      await shutdownTracing(60_000)
      process.exit(0)
    })`
  const { code, stderr } = await run(['--import', register, '--input-type=module', '--eval', app], vendor.env)
  assert.equal(code, 0, stderr)
  const requests = vendor.spans
    .filter(({ kind }) => kind === 'server')
    .sort((one, other) => one.startMs - other.startMs)
  assert.deepEqual(
    requests.map(({ name, attributes }) => [name, attributes['http.route']]),
    Object.values(routes).map((route) => [route ? `GET ${route}` : 'GET', route]),
  )
})

test('keeps its name without a detector, and no argument of its command', async (t) => {
  const vendor = await startHoneycomb()
  t.after(vendor.stop)
  const program = `import { shutdownTracing, tracing } from './index.ts'
    await tracing().traced('work', async () => {})()
    await shutdownTracing(60_000)`
  for (const detectors of ['none', 'all']) {
    const env = { ...vendor.env, OTEL_SERVICE_NAME: 'shop-api', OTEL_NODE_RESOURCE_DETECTORS: detectors }
    const args = ['--import', register, '--input-type=module', '--eval', program, '--', 'serve', '--password=canary']
    const { code, stderr } = await run(args, env)
    assert.equal(code, 0, stderr)
  }
  const resources = vendor.spans.map(({ resource }) => resource)
  assert.deepEqual(
    resources.map(({ 'service.name': name, 'process.pid': pid }) => [name, typeof pid]),
    [
      ['shop-api', 'undefined'],
      ['shop-api', 'number'],
    ],
  )
  assert.doesNotMatch(JSON.stringify(resources), /canary/)
})

test('puts the span, the segment, the item and the log line of a fault under one id', async (t) => {
  const vendors = await startVendorDoubles()
  t.after(vendors.stop)
  const { code, stderr } = await run(['--import', register, ...asModule(['13'])], {
    ...vendors.env,
    CLOUDWATCH_LOG_GROUP: 'shop',
    OTEL_SERVICE_NAME: 'shop-api',
  })
  assert.equal(code, 0, stderr)
  const { traceId = '' } = vendors.honeycomb.spans.find(({ name }) => name === 'GET /carts/:id') ?? {}
  assert.match(traceId, /^[0-9a-f]{32}$/)
  const xrayId = `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`
  // The client of this test is in the same process: its request is a segment too.
  await vendors.xray.waitFor((segments) => segments.length === 2)
  for (const segment of vendors.xray.segments) assert.deepEqual([segment.trace_id, segment.name], [xrayId, 'shop-api'])
  const [item] = vendors.rollbar.items
  assert.equal(vendors.rollbar.items.length, 1)
  assert.ok(JSON.stringify(item).includes(traceId))
  const lines = vendors.cloudwatch.lines.map(({ message }) => JSON.parse(message))
  assert.deepEqual(
    lines.map(({ level, trace_id }) => [level, trace_id]),
    [
      ['error', traceId],
      ['info', traceId],
    ],
  )
  assert.equal(lines[0].rollbar_uuid, item?.uuid)
})

const lines = (output: string) =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

test('logs the route of the span, also below a router and after an async handler failed', async (t) => {
  const vendor = await startHoneycomb()
  t.after(vendor.stop)
  const program = `
    import express from 'express'
    import { shutdownTracing } from './index.ts'
    import { faults, requestLog } from './express.ts'
    const router = express.Router({ mergeParams: true })
    router.get('/fine/:id', async (req, res) => void res.json({}))
    router.get('/broken', async () => { await null; throw new Error('broken') })
    const app = express()
    app.use(requestLog())
    app.use('/shops/:shop', router)
    app.use(faults())
    app.use((error, req, res, next) => res.status(500).end())
    const server = app.listen(0, '127.0.0.1', async () => {
      const url = 'http://127.0.0.1:' + server.address().port
      for (const path of ['fine/7', 'broken']) await (await fetch(url + '/shops/1/' + path)).arrayBuffer()
      await shutdownTracing(60_000)
      process.exit(0)
    })`
  const args = ['--import', register, '--input-type=module', '--eval', program]
  const { stdout, stderr } = await run(args, { ...vendor.env, OTEL_SERVICE_NAME: 'shop-api' })
  assert.equal(stderr, '')
  const routes = ['/shops/:shop/fine/:id', '/shops/:shop/broken']
  const logged = lines(stdout).filter(({ path }) => path)
  assert.deepEqual(
    logged.map(({ route }) => route),
    routes,
  )
  const requests = vendor.spans.filter(({ kind }) => kind === 'server')
  assert.deepEqual(
    requests.map(({ attributes }) => attributes['http.route']),
    routes,
  )
})

test('leaves an uncaught error to an application that has a handler of its own, and exits without one', async () => {
  const crash = (handler: string) => {
    const program = `${handler}
      setTimeout(() => { throw new Error('first') }, 1)
      setTimeout(() => { throw new Error('second') }, 50)
      setTimeout(() => { console.log('still here'); process.exit(0) }, 200)`
    const args = ['--import', register, '--input-type=module', '--eval', program]
    return run(args, { OTEL_TRACES_EXPORTER: 'none' })
  }
  const handled = await crash(`process.on('uncaughtException', ({ message }) => console.log('handled', message))`)
  assert.equal(handled.code, 0)
  assert.deepEqual(
    handled.stdout.split('\n').filter((line) => line && !line.startsWith('{')),
    ['handled first', 'handled second', 'still here'],
  )
  const messages = (output: string) => lines(output).map(({ message, error }) => `${message} ${error.split('\n')[0]}`)
  assert.deepEqual(messages(handled.stdout), [
    'an error was not caught Error: first',
    'an error was not caught Error: second',
  ])
  const crashed = await crash('')
  assert.equal(crashed.code, 1)
  assert.deepEqual(messages(crashed.stdout), ['the process crashed Error: first'])
})

test('describes errors of an application that formats its stacks as something other than text', async (t) => {
  const vendor = await startHoneycomb()
  t.after(vendor.stop)
  const program = `
    import { shutdownTracing, tracing } from './index.ts'
    import { faults } from './express.ts'
    Error.prepareStackTrace = (error, sites) => sites.map((site) => site.getFileName())
    const broken = new Error('broken')
    await tracing().traced('work', async () => { throw broken })().catch(() => {})
    faults()(broken, { headers: {}, socket: {} }, {}, () => {})
    await shutdownTracing(60_000)
    process.exit(0)`
  const args = ['--import', register, '--input-type=module', '--eval', program]
  const { stdout, stderr } = await run(args, { ...vendor.env, OTEL_SERVICE_NAME: 'shop-api' })
  assert.equal(stderr, '')
  assert.equal(lines(stdout)[0].error, 'Error: broken')
  const [event] = vendor.spans[0]?.events ?? []
  assert.deepEqual(
    [event?.attributes['exception.message'], event?.attributes['exception.stacktrace']],
    ['broken', 'Error: broken'],
  )
})

test('starts once, however often it is asked to', async (t) => {
  const vendor = await startHoneycomb()
  t.after(vendor.stop)
  const program = `
    import { shutdownTracing, signals, startTracing, tracing } from './index.ts'
    startTracing({ service: 'another' })
    await tracing().traced('work', async () => {})()
    await shutdownTracing(60_000)
    console.log(signals().length)
    process.exit(0)`
  const env = { ...vendor.env, OTEL_SERVICE_NAME: 'shop-api' }
  const { stdout, stderr } = await run(['--import', register, '--input-type=module', '--eval', program], env)
  assert.deepEqual([stdout, stderr], ['7\n', ''])
  assert.deepEqual(
    vendor.spans.map(({ service, name }) => [service, name]),
    [['shop-api', 'work']],
  )
})

test("prints OpenTelemetry's own messages at OTEL_LOG_LEVEL", async () => {
  const args = ['--import', register, '--input-type=module', '--eval', 'process.exit(0)']
  const said = async (env: Record<string, string>) => {
    const { stdout, stderr } = await run(args, { OTEL_TRACES_EXPORTER: 'none', ...env })
    return stdout + stderr
  }
  assert.equal(await said({}), '')
  assert.match(await said({ OTEL_LOG_LEVEL: 'debug' }), /@opentelemetry/)
})

test('says that Express was loaded too early, once', async () => {
  const program = `
    import express from 'express'
    import { shutdownTracing, startTracing, tracing } from './index.ts'
    import { faults, relay, requestLog, serverTiming } from './express.ts'
    startTracing({ service: 'shop-api' })
    const ids = ['1', '2']
    ${application}`
  const { stderr } = await run(['--input-type=module', '--eval', program], { OTEL_TRACES_EXPORTER: 'none' })
  assert.equal(stderr.match(/Express was loaded before the tracing started/g)?.length, 1, stderr)
})

const homeOf = (name: string): string => {
  const found = [join(here, '..'), join(here, '../../..')]
    .map((home) => join(home, 'node_modules', name))
    .find(existsSync)
  return realpathSync(found ?? assert.fail(`${name} is not installed`))
}

// A copy of the package with only its dependencies.
const alone = () => {
  const folder = mkdtempSync(join(tmpdir(), 'trace-node-'))
  cpSync(here, join(folder, 'src'), { recursive: true, filter: (path) => !path.includes('.test.') })
  cpSync(join(here, '../package.json'), join(folder, 'package.json'))
  for (const name of Object.keys(manifest.dependencies)) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(homeOf(name), link)
  }
  return folder
}

const configured = [
  [{ ROLLBAR_ACCESS_TOKEN: 'a-token' }, ['rollbar']],
  [{ AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000' }, ['aws-xray-sdk-core']],
  [{ CLOUDWATCH_LOG_GROUP: 'shop' }, ['winston', 'winston-cloudwatch', '@aws-sdk/client-cloudwatch-logs']],
] as const

test('needs no package of a vendor that is not configured, and names what to install for one that is', async (t) => {
  const folder = alone()
  t.after(() => rmSync(folder, { recursive: true }))
  const start = (env: Record<string, string>) =>
    run(
      ['--import', './src/register.ts', '--input-type=module', '--eval', 'console.log("started")'],
      { OTEL_TRACES_EXPORTER: 'none', ...env },
      { cwd: folder },
    )
  const { code, stdout, stderr } = await start({})
  assert.deepEqual([code, stdout, stderr], [0, 'started\n', ''])
  for (const [env, names] of configured) {
    const refused = await start(env)
    assert.equal(refused.code, 1)
    assert.equal(refused.stdout, '')
    assert.match(refused.stderr, new RegExp(`^The tracing needs .*Run: npm install ${names.join(' ')}\n$`))
  }
})
