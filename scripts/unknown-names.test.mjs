import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { unknownNames } from './unknown-names.mjs'

const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')

for (const [name, meant] of [
  ['HONEYCOMB_APIKEY', 'HONEYCOMB_API_KEY'],
  ['HONEYCOMB_KEY', 'HONEYCOMB_API_KEY'],
  ['ROLLBAR_TOKEN', 'ROLLBAR_ACCESS_TOKEN'],
  ['DATABSE_URL', 'DATABASE_URL'],
  ['PRT', 'PORT'],
  ['OTEL_EXPORTER_OTLP_ENDPIONT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  ['CAT_NAME', null],
]) {
  test(`${name} in .env is reported${meant ? `, with ${meant}` : ''}`, () => {
    const suggestion = meant ? ` Did you mean ${meant}?` : ''
    assert.deepEqual(unknownNames(`${name}=x`, example), [
      `.env sets ${name}, which Cruddur does not read.${suggestion}`,
    ])
  })
}

test('known names, and names that an SDK reads, are not reported', () => {
  const names = [
    'PORT',
    'OTEL_BSP_SCHEDULE_DELAY',
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    'AWS_PROFILE',
    'NODE_OPTIONS',
    'NO_COLOR',
  ]
  assert.deepEqual(unknownNames(names.map((name) => `${name}=x`).join('\n'), example), [])
})

test('an unchanged copy of .env.example has no unknown name', () => {
  assert.deepEqual(unknownNames(example, example), [])
})
