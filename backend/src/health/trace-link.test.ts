import assert from 'node:assert/strict'
import { test } from 'node:test'
import { traceLinkTemplateOf } from './trace-link.ts'

const place = { ui: 'https://ui.honeycomb.io', team: 'my team', environment: 'test' }

test('a template from the environment wins', () => {
  const template = 'http://localhost:4318/traces/{traceId}'
  assert.equal(traceLinkTemplateOf(template, place), template)
})

test('the link to Honeycomb has the trace, its start and its end', () => {
  assert.equal(
    traceLinkTemplateOf(undefined, place),
    'https://ui.honeycomb.io/my%20team/environments/test/trace?trace_id={traceId}&span={spanId}&trace_start_ts={startSeconds}&trace_end_ts={endSeconds}',
  )
})

test('Honeycomb Classic has no environments', () => {
  const template = traceLinkTemplateOf(undefined, { ui: 'https://ui.eu1.honeycomb.io', team: 't', dataset: 'cruddur' })
  assert.match(template ?? '', /^https:\/\/ui\.eu1\.honeycomb\.io\/t\/datasets\/cruddur\/trace\?trace_id=/)
})

test('without Honeycomb there is no link', () => {
  assert.equal(traceLinkTemplateOf(undefined, null), null)
})
