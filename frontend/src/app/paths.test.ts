import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountPath, returnPath } from './paths.ts'

test('returns to the same page after signing in', () => {
  assert.equal(returnPath('/messages'), '/messages')
  assert.equal(returnPath('/search?term=%23cloud'), '/search?term=%23cloud')
})

test('goes home instead of to another site', () => {
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

test('does not return to an account page', () => {
  assert.equal(returnPath('/signin?from=/messages'), '/')
  assert.equal(returnPath('/signup'), '/')
})

test('the sign-in address carries the page and its query', () => {
  assert.equal(accountPath('/signin', { pathname: '/search', search: '?term=a' }), '/signin?from=%2Fsearch%3Fterm%3Da')
  assert.equal(accountPath('/signin', { pathname: '/', search: '' }), '/signin')
})

test('the account pages pass on the page to return to', () => {
  assert.equal(accountPath('/signup', { pathname: '/signin', search: '?from=%2Fmessages' }), '/signup?from=%2Fmessages')
})
