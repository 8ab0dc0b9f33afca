import { SpanKind } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { shortened } from './scrub.ts'

const sentByStrangers = ['url.path', 'user_agent.original', 'server.address']
const ofTheClient = ['client.address', 'client.port', 'network.peer.address', 'network.peer.port']

/** What the HTTP instrumentations record of a request, less what no exporter may see, or not at such length. */
export class RedactRequests implements SpanProcessor {
  readonly #keepsClientAddress: boolean

  constructor({ keepsClientAddress }: { keepsClientAddress: boolean }) {
    this.#keepsClientAddress = keepsClientAddress
  }

  onStart(): void {}

  onEnd({ attributes, kind }: ReadableSpan): void {
    // Query strings carry tokens and names.
    delete attributes['url.query']
    const url = attributes['url.full']
    if (typeof url === 'string') attributes['url.full'] = withoutQuery(url)
    if (kind !== SpanKind.SERVER) return
    if (!this.#keepsClientAddress) for (const key of ofTheClient) delete attributes[key]
    for (const key of sentByStrangers) {
      const text = attributes[key]
      if (typeof text === 'string') attributes[key] = shortened(text)
    }
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

export const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '')
