import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTemplates, scrub, withoutQuery } from './url-template.ts'

const uuid = '8d8ab5d3-2f4f-4c7e-9d39-40a4bb4fcb0d'
const template = createTemplates([
  '/api/activities/:uuid',
  '/api/activities/home',
  '/api/activities/:uuid/like',
  '/api/users/:handle/activities',
])

test("a real path becomes the contract's", () => {
  assert.equal(template(`/api/activities/${uuid}/like`), '/api/activities/:uuid/like')
  assert.equal(template('/api/users/worf/activities'), '/api/users/:handle/activities')
})

test('a path without parameters is not taken for a parameter', () => {
  assert.equal(template('/api/activities/home'), '/api/activities/home')
})

test('a path outside the contract loses its identifiers', () => {
  assert.equal(template(`/files/${uuid}/page/17`), '/files/:id/page/:id')
  assert.equal(template('/health'), '/health')
})

test('a segment more or less is another path', () => {
  assert.equal(template(`/api/activities/${uuid}/like/again`), '/api/activities/:id/like/again')
})

test('addresses lose what people typed', () => {
  assert.equal(withoutQuery('https://cruddur.test/search?q=secret#there'), 'https://cruddur.test/search')
  assert.equal(
    scrub('cannot read https://cruddur.test/a?token=secret (at http://cruddur.test/b.js#x:1)'),
    'cannot read https://cruddur.test/a (at http://cruddur.test/b.js)',
  )
})
