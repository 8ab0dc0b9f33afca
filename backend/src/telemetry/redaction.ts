import { SpanKind } from '@opentelemetry/api'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import { shortened } from './scrub.ts'
import { onSpanEnd } from './span-processor.ts'

const chosenByClient = ['url.path', 'user_agent.original', 'server.address']
const clientAddress = ['client.address', 'client.port', 'network.peer.address', 'network.peer.port']

/** Removes query strings and client addresses from HTTP spans, and shortens what a client may make long. */
export const redactRequests = ({ keepsClientAddress }: { keepsClientAddress: boolean }): SpanProcessor =>
  onSpanEnd(({ attributes, kind }) => {
    // Query strings carry tokens and names.
    delete attributes['url.query']
    const url = attributes['url.full']
    if (typeof url === 'string') attributes['url.full'] = withoutQuery(url)
    if (kind !== SpanKind.SERVER) return
    if (!keepsClientAddress) for (const key of clientAddress) delete attributes[key]
    for (const key of chosenByClient) {
      const text = attributes[key]
      if (typeof text === 'string') attributes[key] = shortened(text)
    }
  })

export const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '')
