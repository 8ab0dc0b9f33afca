import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTemplates } from '@cruddur/trace-web/testing/url-template'
import { apiRoutes } from './cruddur.ts'

const uuid = '8d8ab5d3-2f4f-4c7e-9d39-40a4bb4fcb0d'
const given: Record<string, string> = { handle: 'worf', uuid, message_group_uuid: uuid }
const filled = (path: string): string =>
  path.replace(/:([a-z_]+)/g, (_, name: string) => given[name] ?? assert.fail(name))

test('every endpoint of the API is found by a real path', () => {
  const template = createTemplates(apiRoutes)
  assert.ok(apiRoutes.length > 30)
  const wrong = apiRoutes.filter(({ method, path }) => template(method, filled(path)).path !== path)
  assert.deepEqual(wrong, [])
})
