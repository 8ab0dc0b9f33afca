import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientOf } from './client-name.ts'

test('a browser and its system are recognised by the User-Agent header', () => {
  const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
  const known = {
    [`Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/126.0.0.0 Safari/537.36`]: 'Chrome on Linux',
    [`Mozilla/5.0 (X11; Linux x86_64) ${webkit} HeadlessChrome/126.0.0.0 Safari/537.36`]: 'Chrome on Linux',
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0`]:
      'Edge on Windows',
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/126.0.0.0 Safari/537.36 OPR/112.0.0.0`]:
      'Opera on Windows',
    [`Mozilla/5.0 (Linux; Android 14; SM-S918B) ${webkit} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36`]:
      'Samsung Internet on Android',
    [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webkit} Chrome/126.0.0.0 Safari/537.36`]: 'Chrome on ChromeOS',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0': 'Firefox on macOS',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15':
      'Safari on macOS',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1':
      'Safari on iPhone',
    'Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0 Mobile/15E148 Safari/604.1':
      'Chrome on iPad',
    'Something Firefox/1.0': 'Firefox',
  }
  for (const [userAgent, client] of Object.entries(known)) assert.equal(clientOf(userAgent), client)
})

test('an unknown header means an unknown browser, and no part of the header is stored', () => {
  for (const userAgent of [undefined, '', 'node', 'curl/8.7.1', '<script>alert(1)</script>', 'x'.repeat(10_000)]) {
    assert.equal(clientOf(userAgent), 'Unknown browser')
  }
  const longest = clientOf(`SamsungBrowser/1 worf@example.com ${'CrOS '.repeat(5_000)}`)
  assert.equal(longest, 'Samsung Internet on ChromeOS')
})
