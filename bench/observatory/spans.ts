import { context, SpanKind, trace } from '@opentelemetry/api'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

export const spansOfTrace = 8

const statement = `SELECT a.uuid, u.handle, u.display_name, a.message, a.likes_count, a.replies_count, a.reposts_count
FROM activities a JOIN users u ON u.uuid = a.user_uuid
WHERE a.reply_to_activity_uuid IS NULL AND a.expires_at > now() ORDER BY a.created_at DESC, a.uuid DESC LIMIT $2`
const database = { 'db.system.name': 'postgresql', 'db.namespace': 'cruddur', 'server.address': 'localhost' }
const request = {
  'http.request.method': 'GET',
  'http.response.status_code': 200,
  'http.route': '/api/activities/home',
  'url.path': '/api/activities/home',
  'url.scheme': 'http',
  'server.address': 'localhost',
  'network.protocol.version': '1.1',
}
const user = { 'app.user_id': '5a056cd6-1031-402c-a134-c42976e7285c' }

/** A request for this many home feeds, in OTLP's protobuf: eight spans each, as the backend sends them. */
export const otlpBody = (traces: number): Uint8Array<ArrayBuffer> => {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const tracer = provider.getTracer('bench')
  const span = (name: string, kind: SpanKind, attributes: object, inside: () => void = () => {}) => {
    const one = tracer.startSpan(name, { kind, attributes: { ...attributes } }, parent)
    const outer = parent
    parent = trace.setSpan(parent, one)
    inside()
    parent = outer
    one.end()
  }
  let parent = context.active()
  const query = () => {
    span('pg-pool.connect', SpanKind.CLIENT, database)
    const summary = { 'db.query.text': statement, 'db.query.summary': 'SELECT activities' }
    span('SELECT activities', SpanKind.CLIENT, { ...database, ...summary })
  }
  for (let at = 0; at < traces; at++) {
    span('GET /api/activities/home', SpanKind.SERVER, { ...request, ...user }, () => {
      span('session.authenticate', SpanKind.INTERNAL, user, query)
      span('activity.home', SpanKind.INTERNAL, { ...user, 'app.feed': 'everyone', 'app.result_length': 20 }, () => {
        query()
        span('activity.replies', SpanKind.INTERNAL, user)
      })
    })
  }
  const bytes = ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans())
  if (!bytes || exporter.getFinishedSpans().length !== traces * spansOfTrace) throw new Error('the spans were not made')
  return new Uint8Array(bytes)
}
