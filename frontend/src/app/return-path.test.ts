import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountPath, returnPath } from './return-path.ts'

test('after signing in one is back where one was', () => {
  assert.equal(returnPath('/messages'), '/messages')
  assert.equal(returnPath('/search?term=%23cloud'), '/search?term=%23cloud')
})

test('an address outside of the page leads home', () => {
  for (const from of [
    null,
    '',
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    ' //evil.example',
  ])
    assert.equal(returnPath(from), '/', String(from))
})

test('signing in does not return to signing in', () => {
  assert.equal(returnPath('/signin?from=/messages'), '/')
  assert.equal(returnPath('/signup'), '/')
})

test('the way to sign in remembers the page, and what it was asked with', () => {
  assert.equal(accountPath('/signin', { pathname: '/search', search: '?term=a' }), '/signin?from=%2Fsearch%3Fterm%3Da')
  assert.equal(accountPath('/signin', { pathname: '/', search: '' }), '/signin')
})

test('between the account pages the memory is handed on', () => {
  assert.equal(accountPath('/signup', { pathname: '/signin', search: '?from=%2Fmessages' }), '/signup?from=%2Fmessages')
})
