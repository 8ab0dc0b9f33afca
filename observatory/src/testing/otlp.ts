/** An OTLP/JSON request with plain spans, as a sender would post it. */
export const otlpRequest = (spans: object[], service = 'cruddur-backend'): object => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [{ scope: { name: 'test', version: '1' }, spans }],
    },
  ],
})

export const otlpSpan = (fields: object = {}): object => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'GET /api/activities/home',
  kind: 2,
  startTimeUnixNano: '1795214400123456789',
  endTimeUnixNano: '1795214400133456789',
  attributes: [{ key: 'http.route', value: { stringValue: '/api/activities/home' } }],
  status: {},
  ...fields,
})
