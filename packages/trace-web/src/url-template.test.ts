import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTemplates, scrub, withoutQuery } from './url-template.ts'

const uuid = '8d8ab5d3-2f4f-4c7e-9d39-40a4bb4fcb0d'
const template = createTemplates([{ method: 'POST', path: '/api/activities/:uuid/like' }])
const named = (method: string, path: string): string => template(method, path).path

test('of two matching routes the one with the longer literal prefix wins, in any order', () => {
  const routes = [
    { method: 'GET', path: '/api/activities/:uuid' },
    { method: 'GET', path: '/api/activities/@:handle' },
    { method: 'GET', path: '/api/activities/home' },
  ]
  for (const order of [routes, routes.toReversed()]) {
    const find = createTemplates(order)
    for (const path of ['@worf', 'home'])
      assert.equal(find('GET', `/api/activities/${path}`).path, `/api/activities/${path.replace('worf', ':handle')}`)
  }
})

test('in a path outside the API, ids become :id', () => {
  assert.deepEqual(template('GET', `/files/${uuid}/page/17`), { path: '/files/:id/page/:id', isApi: false })
  assert.equal(named('GET', '/health'), '/health')
  assert.equal(named('GET', `/api/activities/${uuid}/like/again`), '/api/activities/:id/like/again')
  assert.equal(named('GET', `/api/activities/${uuid}/like`), '/api/activities/:id/like', 'another method')
})

test('the version of an API is not an id', () => {
  assert.equal(named('GET', '/api/v1/orders/17'), '/api/v1/orders/:id')
  assert.equal(named('GET', '/v2.1/orders'), '/v2.1/orders')
  assert.equal(named('GET', '/vouchers/v17x'), '/vouchers/:id')
})

test('addresses lose their query strings and fragments', () => {
  assert.equal(withoutQuery('https://cruddur.test/search?q=secret#there'), 'https://cruddur.test/search')
  assert.equal(
    scrub('cannot read https://cruddur.test/a?token=secret (at http://cruddur.test/b.js#x:1)'),
    'cannot read https://cruddur.test/a (at http://cruddur.test/b.js)',
  )
})
