import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'

/** Query strings carry tokens and names: the HTTP instrumentations record them, and no exporter may see them. */
export class DropQueryStrings implements SpanProcessor {
  onStart(): void {}

  onEnd({ attributes }: ReadableSpan): void {
    delete attributes['url.query']
    const url = attributes['url.full']
    if (typeof url === 'string') attributes['url.full'] = withoutQuery(url)
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

export const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '')
