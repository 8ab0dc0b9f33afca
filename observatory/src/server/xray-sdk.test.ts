import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { startObservatory, until } from '../testing/start.ts'
import { mergeSegments, segmentRows } from '../trace/segment.ts'

process.env.AWS_XRAY_MANUAL_MODE = 'true'
const { default: AWSXRay } = await import('aws-xray-sdk-core')
const inside = createRequire(import.meta.url)
const sampling = (name: string) => inside(`aws-xray-sdk-core/dist/lib/middleware/sampling/${name}`)

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const xrayTraceId = '1-4bf92f35-77b34da6a3ce929d0e0e4736'

test('segments of the X-Ray SDK are accepted, with streamed subsegments in their place', async (t) => {
  const { xrayPort, trace, list } = await startObservatory(t)
  AWSXRay.setDaemonAddress(`127.0.0.1:${xrayPort}`)
  const segment = new AWSXRay.Segment('cruddur-backend', xrayTraceId)
  const service = segment.addNewSubsegment('activity.home')
  const sql = service.addNewSubsegment('cruddur@localhost')
  service.addMetadata('results-size', 3)
  sql.streamSubsegments()
  sql.close()
  sql.flush()
  service.close(new Error('broken'))
  segment.close()

  const found = await until(async () => {
    const now = await trace(traceId)
    return now?.segments.some(({ name, subsegments }) => name === 'cruddur-backend' && subsegments) && now
  })
  assert.equal((await list()).status.refused.segments, 0)
  assert.deepEqual(
    segmentRows(mergeSegments(found.segments)).map(({ segment: { name, fault }, depth }) => [name, depth, fault]),
    [
      ['cruddur-backend', 0, undefined],
      ['activity.home', 1, true],
      ['cruddur@localhost', 2, undefined],
    ],
  )
})

test('a name that the SDK allows and X-Ray does not is refused', async (t) => {
  const { xrayPort, list } = await startObservatory(t)
  AWSXRay.setDaemonAddress(`127.0.0.1:${xrayPort}`)
  new AWSXRay.Segment('bad<name>', xrayTraceId).close()
  const { status } = await until(async () => (await list()).status.refused.segments > 0 && (await list()))
  assert.match(status.refusals[0]?.reason ?? '', /character "<"/)
})

test('the SDK’s sampler gets its rules and its targets', async (t) => {
  const { xrayPort } = await startObservatory(t)
  AWSXRay.setDaemonAddress(`127.0.0.1:${xrayPort}`)
  const connector = sampling('service_connector')
  const cache = sampling('rule_cache')
  const rules: { getName: () => string }[] = await new Promise((resolve, reject) => {
    connector.fetchSamplingRules((error: Error | null, found: []) => (error ? reject(error) : resolve(found)))
  })
  assert.deepEqual(
    rules.map((rule) => rule.getName()),
    ['Default'],
  )
  cache.loadRules(rules)
  cache.timestamp(Math.floor(Date.now() / 1000))
  const sampler = sampling('default_sampler')
  sampler.started = true
  assert.equal(
    sampler.shouldSample({ serviceName: 'cruddur-backend', host: 'x', httpMethod: 'GET', urlPath: '/' }),
    'Default',
  )

  const targets: Record<string, { rate: number; quota: number; interval: number }> = await new Promise(
    (resolve, reject) => {
      connector.fetchTargets(rules, (error: Error | null, found: never) => (error ? reject(error) : resolve(found)))
    },
  )
  const { rate, quota, interval } = targets.Default ?? {}
  assert.deepEqual([rate, quota, interval], [1, 1, 10])
})

test('clients share the reservoir of a rule, and an unknown rule is named', async (t) => {
  const { xrayPort } = await startObservatory(t)
  const ask = async (ClientID: string, RuleName = 'Default') => {
    const body = JSON.stringify({ SamplingStatisticsDocuments: [{ RuleName, ClientID }] })
    return (await fetch(`http://127.0.0.1:${xrayPort}/SamplingTargets`, { method: 'POST', body })).json() as Promise<{
      SamplingTargetDocuments: { ReservoirQuota: number; ReservoirQuotaTTL: number }[]
      UnprocessedStatistics: { RuleName: string }[]
    }>
  }
  assert.equal((await ask('a')).SamplingTargetDocuments[0]?.ReservoirQuota, 1)
  const second = (await ask('b')).SamplingTargetDocuments[0]
  assert.equal(second?.ReservoirQuota, 0)
  assert.ok((second?.ReservoirQuotaTTL ?? 0) > Date.now() / 1000)
  assert.deepEqual(
    (await ask('a', 'Other')).UnprocessedStatistics.map(({ RuleName }) => RuleName),
    ['Other'],
  )
})

test('the daemon forwards no other requests', async (t) => {
  const { xrayPort } = await startObservatory(t)
  const base = `http://127.0.0.1:${xrayPort}`
  assert.equal((await fetch(`${base}/PutTraceSegments`, { method: 'POST', body: '{}' })).status, 403)
  assert.equal((await fetch(`${base}/GetSamplingRules`)).status, 403)
})
