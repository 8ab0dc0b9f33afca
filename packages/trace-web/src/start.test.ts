import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startPage } from './start.ts'
import { origin } from './testing.ts'

type Sent = { url: string; service: unknown; names: string[] }
type Body = {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] }
    scopeSpans: { spans: { name: string }[] }[]
  }[]
}

test('a page that names only its service sends its spans to the relay at its own origin', async () => {
  const { promise, resolve } = Promise.withResolvers<Sent>()
  globalThis.fetch = async (url, init) => {
    const { resourceSpans } = JSON.parse(new TextDecoder().decode(init?.body as Uint8Array)) as Body
    resolve({
      url: String(url),
      service: resourceSpans[0]?.resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue,
      names: resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
      ),
    })
    return new Response('{}')
  }
  startPage({ service: 'shop-web' })
  const { url, service, names } = await promise
  assert.equal(url, `${origin}/relay/v1/traces`)
  assert.equal(service, 'shop-web')
  assert.ok(names.includes('load'), names.join())
})
