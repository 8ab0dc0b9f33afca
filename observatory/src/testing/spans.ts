import type { Span } from '../trace/span.ts'

export const traceId = '0af7651916cd43dd8448eb211c80319c'

const hexId = (id: string) => Buffer.from(id.padEnd(8, '.').slice(0, 8)).toString('hex')

type Given = Partial<Omit<Span, 'spanId' | 'parentSpanId'>> & { id: string; parent?: string }

/** A span whose ids are words, lasting from `startMs` for `durationMs`. */
export const span = ({ id, parent, ...rest }: Given): Span => ({
  traceId,
  spanId: hexId(id),
  parentSpanId: parent === undefined ? null : hexId(parent),
  name: id,
  kind: 'internal',
  service: 'cruddur-backend',
  startMs: 0,
  durationMs: 1,
  status: { code: 'unset', message: '' },
  attributes: {},
  resource: {},
  scope: { name: 'test', version: '' },
  events: [],
  links: [],
  ...rest,
})

/** Click, fetch, request, service, SQL: with the server's clock `offsetMs` ahead of the browser's. */
export const clickToSql = (offsetMs = 0): Span[] => {
  const base = 1_795_214_400_000
  const server = base + offsetMs
  const browser = { service: 'cruddur-frontend' }
  return [
    span({ id: 'click', ...browser, name: 'click like', startMs: base, durationMs: 40 }),
    span({ id: 'fetch', parent: 'click', ...browser, kind: 'client', startMs: base + 2, durationMs: 30 }),
    span({ id: 'server', parent: 'fetch', kind: 'server', startMs: server + 7, durationMs: 20 }),
    span({ id: 'like', parent: 'server', name: 'activity.like', startMs: server + 9, durationMs: 15 }),
    span({
      id: 'sql',
      parent: 'like',
      kind: 'client',
      startMs: server + 12,
      durationMs: 8,
      attributes: { 'db.system.name': 'postgresql', 'db.query.text': 'INSERT INTO likes VALUES ($1)' },
    }),
  ]
}
