import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api'
import { shortestMs } from '../testing.ts'
import { TraceContextPropagator, TraceStateList } from './trace-context.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const propagator = new TraceContextPropagator()

const passOn = (headers: Record<string, string>): Record<string, string> => {
  const context = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
  const sent: Record<string, string> = {}
  propagator.inject(context, sent, defaultTextMapSetter)
  return sent
}

const withState = (tracestate: string) =>
  passOn({ traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate }).tracestate

test('passes on the random flag of level 2 unchanged', () => {
  for (const flags of ['00', '01', '02', '03']) {
    const traceparent = `00-${traceId}-b7ad6b7169203331-${flags}`
    assert.equal(passOn({ traceparent }).traceparent, traceparent)
  }
})

test('marks the id of a trace that begins here as random', () => {
  const spanContext = { traceId, spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED }
  const sent: Record<string, string> = {}
  propagator.inject(trace.setSpanContext(ROOT_CONTEXT, spanContext), sent, defaultTextMapSetter)
  assert.equal(sent.traceparent, `00-${traceId}-b7ad6b7169203331-03`)
})

test('ignores a malformed traceparent', () => {
  for (const traceparent of ['', 'x', `00-${traceId}-b7ad6b7169203331`, `ff-${traceId}-b7ad6b7169203331-01`])
    assert.deepEqual(passOn({ traceparent, tracestate: 'foo=1' }), {})
})

test('passes on a valid tracestate with every key that level 2 allows', () => {
  for (const given of ['foo=1', 'foo=1,bar=2', 'foo@=1,bar=2', 'foo@bar@baz=1', `${'z'.repeat(256)}=1`, 'foo= !~'])
    assert.equal(withState(given), given)
  assert.equal(withState('foo=1 , bar=2,,\tbaz=3'), 'foo=1,bar=2,baz=3')
  assert.equal(withState('foo=1,bar=2,foo=3'), 'foo=1,bar=2')
})

test('discards a whole tracestate when one member is invalid', () => {
  const tooMany = Array.from({ length: 33 }, (_, at) => `k${at}=1`).join(',')
  for (const bad of ['@foo=1', 'FOO=1', 'foo.bar=1', 'foo', '=1', 'foo=', 'foo=a=b', `${'z'.repeat(257)}=1`, 'foo=ä'])
    assert.equal(withState(`bar=2,${bad}`), undefined, bad)
  assert.equal(withState(tooMany), undefined)
})

test('reads a tracestate in linear time, even when most of it is blank', () => {
  const timeOf = (length: number): number => {
    const blanks = `foo=1${' '.repeat(length)}x`
    return shortestMs(() => assert.equal(TraceStateList.parse(blanks), null))
  }
  // In quadratic time the ratio would be 256.
  const ratio = timeOf(64_000) / timeOf(4_000)
  assert.ok(ratio < 100, `16 times as long takes ${ratio} times the time`)
})

test('moves a changed member to the front, and drops the last of a full list', () => {
  const list = TraceStateList.parse('a=1,b=2,c=3')
  assert.equal(list?.set('c', '4').serialize(), 'c=4,a=1,b=2')
  assert.equal(list?.unset('b').serialize(), 'a=1,c=3')
  assert.equal(list?.set('Bad', '1').serialize(), 'a=1,b=2,c=3')
  const full = TraceStateList.parse(Array.from({ length: 32 }, (_, at) => `k${at}=1`).join(','))
  assert.equal(full?.set('ot', 'th:8').get('ot'), 'th:8')
  assert.equal(full?.set('ot', 'th:8').get('k31'), undefined)
})
