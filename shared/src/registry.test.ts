import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  browserAttr,
  metricAttr,
  metricName,
  relayAttr,
  samplingAttr,
  scriptAttr,
  userIdKey,
  webVitalAttr,
} from '@cruddur/wire/names'
import * as conventions from '@opentelemetry/semantic-conventions/incubating'
import { parse } from 'yaml'
import { attr, backgroundActions, logAttr, ownActions, pageActs, spanName } from './telemetry.ts'

type Reference = { ref: string }
type Definitions = {
  file_format: string
  attributes?: { key: string }[]
  spans?: {
    type: string
    name: { note: string }
    attributes?: Reference[]
    annotations?: { acts?: string[]; names?: string[] }
  }[]
  metrics?: { name: string; attributes: Reference[] }[]
  attribute_groups?: { attributes: Reference[] }[]
}

const folder = new URL('../registry/', import.meta.url)
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml') && !['manifest.yaml', 'instrumentation.yaml'].includes(name))
  .map((name) => parse(readFileSync(new URL(name, folder), 'utf8')) as Definitions)

const ours = files.flatMap(({ attributes = [] }) => attributes).map(({ key }) => key)
const spans = files.flatMap((file) => file.spans ?? [])
const metrics = files.flatMap((file) => file.metrics ?? [])
const standardOnes = files
  .flatMap(({ attribute_groups = [] }) => attribute_groups)
  .flatMap(({ attributes }) => attributes)
  .map(({ ref }) => ref)
const inCode: string[] = [
  ...new Set(
    [attr, browserAttr, relayAttr, samplingAttr, logAttr, metricAttr, scriptAttr, webVitalAttr, { userIdKey }].flatMap(
      (names) => Object.values(names),
    ),
  ),
]

const published = new Set<string>(
  Object.entries(conventions).flatMap(([name, value]) =>
    name.startsWith('ATTR_') && typeof value === 'string' ? value : [],
  ),
)
const namespaceOf = (key: string) => key.slice(0, key.indexOf('.'))

test('has the same attributes in code and registry', () => {
  const known = new Set([...ours, ...standardOnes])
  assert.deepEqual(
    inCode.filter((key) => !known.has(key)),
    [],
    'in shared/src/telemetry.ts, but not in shared/registry/',
  )
  assert.deepEqual(
    ours.filter((key) => !inCode.includes(key)),
    [],
    'in shared/registry/attributes.yaml, but not in shared/src/telemetry.ts',
  )
})

test('has the same spans, acts and metrics in code and registry', () => {
  const ofBackend = spans.filter(({ type }) => !type.startsWith('page.'))
  assert.deepEqual(ofBackend.map(({ type }) => type).sort(), Object.values(spanName).sort())
  for (const { type, name } of ofBackend) assert.equal(name.note, type)
  const annotated = (type: string) => spans.find((span) => span.type === type)?.annotations
  assert.deepEqual(annotated('page.action')?.acts, [...pageActs])
  assert.deepEqual(annotated('page.own_action')?.names, [...ownActions])
  assert.deepEqual(annotated('page.background')?.names, [...backgroundActions])
  assert.deepEqual(metrics.map(({ name }) => name).sort(), Object.values(metricName).sort())
})

test('refers only to attributes that exist', () => {
  const known = new Set([...ours, ...standardOnes])
  const unknown = [...spans, ...metrics].flatMap(({ attributes = [] }) =>
    attributes.filter(({ ref }) => !known.has(ref)),
  )
  assert.deepEqual(unknown, [])
})

test('knows only published standard attributes', () => {
  assert.deepEqual(
    standardOnes.filter((key) => !published.has(key)),
    [],
  )
})

test('keeps our own attributes out of the namespaces of the conventions', () => {
  // The conventions use `app.` for installed applications, with names unlike ours.
  const taken = new Set([...published].map(namespaceOf).filter((namespace) => namespace !== 'app'))
  assert.deepEqual(
    ours.filter((key) => taken.has(namespaceOf(key))),
    [],
  )
  const near = ours.filter((key) =>
    [...published].some((one) => one === key || one.startsWith(`${key}.`) || key.startsWith(`${one}.`)),
  )
  assert.deepEqual(near, [])
})
