import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, test } from 'node:test'

const { SamplingRule: rule } = JSON.parse(readFileSync(new URL('json/xray.json', import.meta.url), 'utf8'))
const group = JSON.parse(readFileSync(new URL('json/xray-group.json', import.meta.url), 'utf8'))
const writes = ['/CreateSamplingRule', '/UpdateSamplingRule', '/CreateGroup', '/UpdateGroup']
const defaultRule = {
  RuleName: 'Default',
  Priority: 10000,
  FixedRate: 0.05,
  ReservoirSize: 1,
  ServiceName: '*',
  Version: 1,
}

let xray

beforeEach(async () => {
  xray = await standInForXRay()
})
afterEach(() => xray.close())

describe('npm run aws:xray', () => {
  test('creates the rule and the group, then leaves them alone', async () => {
    const first = await run()
    assert.deepEqual(first, { code: 0, out: 'sampling rule Cruddur: created\ngroup Cruddur: created\n', err: '' })
    assert.deepEqual(xray.rules.at(-1), rule)
    assert.deepEqual(xray.groups, [group])

    xray.calls.length = 0
    const second = await run()
    assert.deepEqual(second, { code: 0, out: 'sampling rule Cruddur: unchanged\ngroup Cruddur: unchanged\n', err: '' })
    assert.deepEqual(xray.written(), [])
  })

  test('restores a changed rule and group, and names each change', async () => {
    xray.rules.push({ ...rule, FixedRate: 1, ReservoirSize: 50, RuleARN: 'arn:aws:xray:::rule' })
    xray.groups.push({
      GroupName: 'Cruddur',
      GroupARN: 'arn:aws:xray:::group',
      FilterExpression: 'service("backend-flask")',
    })
    const { code, out } = await run()
    assert.equal(code, 0)
    assert.match(out, /^sampling rule Cruddur: updated \(FixedRate 1 → 0\.1, ReservoirSize 50 → 5\)$/m)
    assert.match(out, /^group Cruddur: updated \(FilterExpression .*backend-flask.* → .*cruddur-backend.*\)$/m)
    assert.deepEqual(xray.written(), ['/UpdateSamplingRule', '/UpdateGroup'])
    assert.deepEqual(xray.rules.at(-1), { ...rule, RuleARN: 'arn:aws:xray:::rule' })
    assert.equal((await run()).out, 'sampling rule Cruddur: unchanged\ngroup Cruddur: unchanged\n')
  })

  test('finds a rule and a group on a later page', async () => {
    xray.rules.push({ ...rule })
    xray.groups.push({ GroupName: 'Default', FilterExpression: '' }, { ...group })
    xray.pageSize = 1
    assert.equal((await run()).out, 'sampling rule Cruddur: unchanged\ngroup Cruddur: unchanged\n')
  })

  test('with --dry-run says what it would do and writes nothing', async () => {
    xray.rules.push({ ...rule, FixedRate: 1 })
    const { code, out } = await run('--dry-run')
    assert.equal(code, 0)
    assert.match(out, /^sampling rule Cruddur: would be updated \(FixedRate 1 → 0\.1\)$/m)
    assert.match(out, /^group Cruddur: would be created$/m)
    assert.deepEqual(xray.written(), [])
  })

  for (const [without, env, why] of [
    ['a key', { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, /No AWS key/],
    ['a region', { AWS_REGION: '' }, /No AWS region/],
    ['network', { AWS_ENDPOINT_URL_XRAY: 'http://127.0.0.1:1' }, /X-Ray cannot be reached/],
  ])
    test(`with --dry-run and without ${without}, shows the whole rule and group`, async () => {
      const { code, out } = await run(env, '--dry-run')
      assert.equal(code, 0)
      const [first, ...rest] = out.trim().split('\n')
      assert.match(first, why)
      assert.deepEqual(rest, [
        `sampling rule Cruddur: would be created or updated to ${JSON.stringify(rule)}`,
        `group Cruddur: would be created or updated to ${JSON.stringify(group)}`,
      ])
    })

  test('tries again when X-Ray throttles it', async () => {
    xray.refuseNext(429, 'ThrottledException', 'Rate exceeded')
    const { code, out } = await run()
    assert.equal(code, 0)
    assert.match(out, /created/)
  })

  test('says in one line that a key was refused', async () => {
    xray.refuseAll(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.')
    const { code, out, err } = await run()
    assert.equal(code, 1)
    assert.equal(out, '')
    assert.equal(
      err,
      'AWS refused the key: The security token included in the request is invalid. (UnrecognizedClientException)\n',
    )
  })

  test('says in one line which permission is missing', async () => {
    const words = 'User: arn:aws:iam::1:user/a is not authorized to perform: xray:GetSamplingRules'
    xray.refuseAll(403, 'AccessDeniedException', words)
    const { code, err } = await run()
    assert.equal(code, 1)
    assert.equal(err, `The key lacks a permission: ${words}\n`)
  })

  test('says in one line that the key or the region is missing, or that X-Ray cannot be reached', async () => {
    const noKey = await run({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' })
    assert.deepEqual([noKey.code, noKey.err.split('\n').length], [1, 2])
    assert.match(noKey.err, /^No AWS key: put AWS_ACCESS_KEY_ID/)

    for (const AWS_REGION of ['', undefined]) {
      const noRegion = await run({ AWS_REGION })
      assert.deepEqual(noRegion, { code: 1, out: '', err: 'No AWS region: put AWS_REGION into .env.\n' })
    }

    const { port } = xray
    await xray.close()
    const nobody = await run({ AWS_ENDPOINT_URL_XRAY: `http://127.0.0.1:${port}` })
    assert.equal(nobody.code, 1)
    assert.match(nobody.err, /^X-Ray cannot be reached: .*\n$/)
  })

  test('gives up when X-Ray never answers, or never finishes its answer', async () => {
    for (const fault of ['hang', 'drip']) {
      xray.fault = fault
      const { code, err } = await run('--timeout', '1')
      assert.deepEqual([code, err], [1, 'X-Ray did not answer in time: try a longer --timeout.\n'], fault)
    }
  })
})

async function run(...args) {
  const env = typeof args[0] === 'object' ? args.shift() : {}
  const child = spawn(process.execPath, [new URL('apply-xray.mjs', import.meta.url).pathname, ...args], {
    env: {
      PATH: process.env.PATH,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'a-secret',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/nowhere',
      AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
      AWS_ENDPOINT_URL_XRAY: `http://127.0.0.1:${xray.port}`,
      ...env,
    },
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  assert.ok(!(out + err).includes('a-secret'), 'the secret is in the output')
  return { code: child.exitCode, out, err }
}

/** X-Ray's REST-JSON protocol, as its service model describes it. Refuses what X-Ray refuses, and unsigned requests. */
async function standInForXRay() {
  const state = { rules: [{ ...defaultRule }], groups: [], calls: [], pageSize: 100, fault: null, refusal: null }
  const refuse = (response, { status, type, message }) => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type })
    response.end(JSON.stringify({ message }))
  }
  const invalid = (message) => ({ refusal: { status: 400, type: 'InvalidRequestException', message } })
  const page = (items, key, token) => {
    const from = Number(token ?? 0)
    const next = from + state.pageSize
    return { [key]: items.slice(from, next), ...(next < items.length && { NextToken: String(next) }) }
  }
  const operations = {
    '/GetSamplingRules': ({ NextToken }) =>
      page(
        state.rules.map((SamplingRule) => ({ SamplingRule, CreatedAt: 0, ModifiedAt: 0 })),
        'SamplingRuleRecords',
        NextToken,
      ),
    '/CreateSamplingRule': ({ SamplingRule }) => {
      if (SamplingRule?.Version !== 1) return invalid('Version must be 1')
      if (state.rules.some(({ RuleName }) => RuleName === SamplingRule.RuleName))
        return invalid('Rule name already exists')
      state.rules.push(SamplingRule)
      return { SamplingRuleRecord: { SamplingRule } }
    },
    '/UpdateSamplingRule': ({ SamplingRuleUpdate }) => {
      if ('Version' in SamplingRuleUpdate) return invalid('Unknown member Version')
      const there = state.rules.find(({ RuleName }) => RuleName === SamplingRuleUpdate.RuleName)
      return there
        ? { SamplingRuleRecord: { SamplingRule: Object.assign(there, SamplingRuleUpdate) } }
        : invalid('No such rule')
    },
    '/Groups': ({ NextToken }) => page(state.groups, 'Groups', NextToken),
    '/CreateGroup': (wanted) => {
      if (state.groups.some(({ GroupName }) => GroupName === wanted.GroupName)) return invalid('Group already exists')
      state.groups.push(wanted)
      return { Group: wanted }
    },
    '/UpdateGroup': (wanted) => {
      const there = state.groups.find(({ GroupName }) => GroupName === wanted.GroupName)
      return there ? { Group: Object.assign(there, wanted) } : invalid('No such group')
    },
  }

  const server = createServer(async (request, response) => {
    const body = await text(request)
    state.calls.push(request.url)
    if (state.fault === 'hang') return
    if (state.fault === 'drip') {
      response.writeHead(200, { 'content-type': 'application/json' })
      const drip = setInterval(() => response.write(' '), 100)
      response.once('close', () => clearInterval(drip))
      return
    }
    const refusal = state.refusal
    if (refusal?.once) state.refusal = null
    if (refusal) return refuse(response, refusal)
    if (
      !/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/xray\/aws4_request, /.test(
        request.headers.authorization,
      )
    )
      return refuse(response, {
        status: 403,
        type: 'MissingAuthenticationTokenException',
        message: 'Missing Authentication Token',
      })
    const answer = operations[request.url]?.(JSON.parse(body || '{}')) ?? invalid(`No operation at ${request.url}`)
    if (answer.refusal) return refuse(response, answer.refusal)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return Object.assign(state, {
    port: server.address().port,
    written: () => state.calls.filter((path) => writes.includes(path)),
    refuseAll: (status, type, message) => (state.refusal = { status, type, message }),
    refuseNext: (status, type, message) => (state.refusal = { status, type, message, once: true }),
    close: async () => {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  })
}
