import assert from 'node:assert/strict'
import { test } from 'node:test'
import { activityAddress, searchAddress } from './addresses.ts'

test('an address encodes any search term', () => {
  assert.equal(searchAddress('#warp & more'), '/search?term=%23warp+%26+more')
  assert.equal(activityAddress({ handle: 'worf', uuid: 'a' }), '/@worf/status/a')
})
