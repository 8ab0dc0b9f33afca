import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CloudWatchLogs, type CloudWatchLogsServiceException } from '@aws-sdk/client-cloudwatch-logs'
import { startObservatory } from '../testing/start.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const group = { logGroupName: 'cruddur' }
const stream = { ...group, logStreamName: 'laptop-1' }
const hourMs = 3_600_000
const now = Date.now()
const event = (message: string, timestamp = now) => ({ message, timestamp })

const start = async (t: Parameters<typeof startObservatory>[0]) => {
  const observatory = await startObservatory(t)
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const logs = new CloudWatchLogs({ endpoint: observatory.url, region: 'us-east-1', credentials, maxAttempts: 1 })
  t.after(() => logs.destroy())
  return { ...observatory, logs }
}

const startWithStream = async (t: Parameters<typeof startObservatory>[0]) => {
  const all = await start(t)
  await all.logs.createLogGroup(group)
  await all.logs.createLogStream(stream)
  return all
}

test('the AWS client creates a group and a stream and finds them, and its lines appear in their trace', async (t) => {
  const { logs, trace, list } = await startWithStream(t)
  await logs.putRetentionPolicy({ ...group, retentionInDays: 7 })
  const line = { level: 'error', message: 'broken', trace_id: traceId, span_id: '00f067aa0ba902b7', user_id: 'andrew' }
  const answer = await logs.putLogEvents({ ...stream, logEvents: [event(JSON.stringify(line)), event('plain')] })
  assert.ok(answer.nextSequenceToken)
  assert.equal(answer.rejectedLogEventsInfo, undefined)

  const [found, ...others] = (await trace(traceId))?.logs ?? []
  assert.deepEqual(others, [])
  assert.deepEqual(
    [found?.timeMs, found?.group, found?.stream, found?.level, found?.message, found?.spanId, found?.fields],
    [now, 'cruddur', 'laptop-1', 'error', 'broken', '00f067aa0ba902b7', { user_id: 'andrew' }],
  )
  assert.equal((await trace('untraced'))?.logs[0]?.message, 'plain')
  const { traces, status } = await list()
  assert.deepEqual(
    traces.map(({ rootName, spanCount, logCount, complete }) => [rootName, spanCount, logCount, complete]),
    [['broken', 0, 1, false]],
  )
  assert.deepEqual([status.window.untraced, status.refused.requests], [1, 0])

  const { logStreams = [] } = await logs.describeLogStreams({ ...group, logStreamNamePrefix: 'laptop' })
  assert.deepEqual(
    logStreams.map(({ logStreamName }) => logStreamName),
    ['laptop-1'],
  )
})

test('events that are too old or too new are left out of a batch, named in the answer, and shown', async (t) => {
  const { logs, trace, list } = await startWithStream(t)
  const put = async (...timestamps: number[]) => {
    const logEvents = timestamps.map((timestamp, at) => event(`${at}`, timestamp))
    return (await logs.putLogEvents({ ...stream, logEvents })).rejectedLogEventsInfo
  }
  const old = now - 14 * 24 * hourMs
  assert.deepEqual(await put(old - 60_000, old + 60_000), { tooOldLogEventEndIndex: 1 })
  assert.deepEqual(await put(now, now + 3 * hourMs, now + 3 * hourMs), { tooNewLogEventStartIndex: 1 })
  assert.equal((await trace('untraced'))?.logs.length, 2)
  const { status } = await list()
  assert.equal(status.refused.logs, 3)
  assert.match(status.refusals.at(-1)?.reason ?? '', /older than 14 days/)
})

type Ask = (logs: CloudWatchLogs) => Promise<unknown>
const put = (logEvents: { message: string; timestamp: number }[], where = stream): Ask => {
  return (logs) => logs.putLogEvents({ ...where, logEvents })
}
const many = (count: number, message: string) => Array.from({ length: count }, () => event(message))

const refusals: [string, Ask, string, RegExp][] = [
  ['a group that exists', (logs) => logs.createLogGroup(group), 'ResourceAlreadyExistsException', /log group/],
  ['a stream that exists', (logs) => logs.createLogStream(stream), 'ResourceAlreadyExistsException', /log stream/],
  [
    'a stream in an unknown group',
    (logs) => logs.createLogStream({ ...stream, logGroupName: 'none' }),
    'ResourceNotFoundException',
    /log group/,
  ],
  [
    'the streams of an unknown group',
    (logs) => logs.describeLogStreams({ logGroupName: 'none' }),
    'ResourceNotFoundException',
    /log group/,
  ],
  [
    'events for an unknown group',
    put([event('x')], { ...stream, logGroupName: 'none' }),
    'ResourceNotFoundException',
    /group/,
  ],
  [
    'events for an unknown stream',
    put([event('x')], { ...stream, logStreamName: 'none' }),
    'ResourceNotFoundException',
    /log stream/,
  ],
  [
    'an invalid group name',
    (logs) => logs.createLogGroup({ logGroupName: 'a b' }),
    'InvalidParameterException',
    /logGroupName/,
  ],
  [
    'an invalid stream name',
    (logs) => logs.createLogStream({ ...group, logStreamName: 'a:b' }),
    'InvalidParameterException',
    /logStreamName/,
  ],
  ['no events', put([]), 'InvalidParameterException', /greater than or equal to 1/],
  ['10,001 events', put(many(10_001, 'x')), 'InvalidParameterException', /less than or equal to 10000/],
  ['an empty message', put([event('')]), 'InvalidParameterException', /logEvents.1.member.message/],
  ['a negative time', put([event('x', -1)]), 'InvalidParameterException', /logEvents.1.member.timestamp/],
  ['events out of order', put([event('x'), event('y', now - 1)]), 'InvalidParameterException', /chronological order/],
  [
    'a batch of more than 24 hours',
    put([event('x', now - 24 * hourMs - 1), event('y')]),
    'InvalidParameterException',
    /cannot span more than 24 hours/,
  ],
  [
    'an event of more than 1 MiB',
    put([event('x'.repeat(1_048_576))]),
    'InvalidParameterException',
    /Log event too large/,
  ],
  [
    'a batch of 1,048,577 bytes, with 26 for each event',
    put([...many(3, 'x'.repeat(262_118)), event('x'.repeat(262_119))]),
    'InvalidParameterException',
    /Upload too large: 1048577 bytes/,
  ],
]

for (const [what, ask, name, message] of refusals) {
  test(`${what}: ${name}`, async (t) => {
    const { logs, list } = await startWithStream(t)
    await assert.rejects(ask(logs), (error: CloudWatchLogsServiceException) => {
      assert.equal(error.name, name)
      assert.match(error.message, message)
      assert.equal(error.$metadata.httpStatusCode, 400)
      return true
    })
    const { status } = await list()
    assert.equal(status.window.logs, 0)
    assert.equal(status.refused.requests, name === 'InvalidParameterException' ? 1 : 0)
  })
}

test('a batch of exactly 1,048,576 bytes is accepted', async (t) => {
  const { logs, list } = await startWithStream(t)
  await logs.putLogEvents({ ...stream, logEvents: many(4, 'x'.repeat(262_118)) })
  assert.equal((await list()).status.window.logs, 4)
})

const signed = 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c'
const raw: [string, Record<string, string>, string, string][] = [
  ['no signature', {}, '{}', 'MissingAuthenticationTokenException'],
  ['half a signature', { authorization: 'AWS4-HMAC-SHA256 Credential=a' }, '{}', 'IncompleteSignatureException'],
  [
    'an unknown action',
    { authorization: signed, 'x-amz-target': 'Logs_20140328.Fly' },
    '{}',
    'UnknownOperationException',
  ],
  ['no action', { authorization: signed }, '{}', 'UnknownOperationException'],
  ['no JSON', { authorization: signed, 'x-amz-target': 'Logs_20140328.CreateLogGroup' }, 'x', 'SerializationException'],
]

for (const [what, headers, body, type] of raw) {
  test(`a request with ${what} is refused: ${type}`, async (t) => {
    const { url, list } = await startObservatory(t)
    const answer = await fetch(`${url}/`, { method: 'POST', headers, body })
    assert.equal(answer.status, 400)
    assert.equal(answer.headers.get('content-type'), 'application/x-amz-json-1.1')
    assert.equal(((await answer.json()) as { __type: string }).__type, type)
    assert.equal((await list()).status.refused.requests, 1)
  })
}

test('DELETE clears the traces and keeps the log groups', async (t) => {
  const { logs, url, list } = await startWithStream(t)
  await logs.putLogEvents({ ...stream, logEvents: [event('x')] })
  await fetch(`${url}/api/traces`, { method: 'DELETE' })
  assert.equal((await list()).status.window.logs, 0)
  await logs.putLogEvents({ ...stream, logEvents: [event('y')] })
  assert.equal((await list()).status.window.logs, 1)
})
