import assert from 'node:assert/strict'
import { test } from 'node:test'
import { traceLinkTemplateOf } from './trace-link.ts'

const team = { HONEYCOMB_API_KEY: 'key', HONEYCOMB_TEAM: 'my team', HONEYCOMB_ENVIRONMENT: 'test' }

test('a template that is set wins', () => {
  const TRACE_LINK_TEMPLATE = 'http://localhost:4318/traces/{traceId}'
  assert.equal(traceLinkTemplateOf({ ...team, TRACE_LINK_TEMPLATE }), TRACE_LINK_TEMPLATE)
})

test('with the key and the team it is the trace at Honeycomb, with its start and its end, and never the key', () => {
  assert.equal(
    traceLinkTemplateOf(team),
    'https://ui.honeycomb.io/my%20team/environments/test/trace?trace_id={traceId}&span={spanId}&trace_start_ts={startSeconds}&trace_end_ts={endSeconds}',
  )
})

test('otherwise there is nowhere to link to', () => {
  assert.equal(traceLinkTemplateOf({}), null)
  assert.equal(traceLinkTemplateOf({ HONEYCOMB_TEAM: 'team' }), null)
})
