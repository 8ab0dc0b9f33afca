import type { IncomingMessage, ServerResponse } from 'node:http'
import { decodeTraceRequest, MalformedOtlp } from '@cruddur/shared/otlp'
import { BodyTooLarge, BodyUnreadable, readBody } from './body.ts'
import { readSpans } from './read-spans.ts'
import type { TraceStore } from './store.ts'

const maxBodyBytes = 20 * 1024 * 1024

const jsonType = 'application/json'
const protobufTypes = ['application/x-protobuf', 'application/protobuf']

/** `POST /v1/traces`, with Honeycomb's answers. It asks for no key: here there is nothing to pay for. */
export const takeTraces =
  (store: TraceStore, onChange: (traceIds: Iterable<string>) => void) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
    const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
    const json = type === jsonType
    const refuse = (status: number, code: number, reason: string) => {
      store.refuse({ atMs: Date.now(), reason: `${reason} (${status})`, span: null })
      onChange([])
      answerStatus(response, status, json ? jsonType : protobufTypes.includes(type) ? type : 'text/plain', code, reason)
    }
    if (!json && !protobufTypes.includes(type)) {
      return refuse(415, invalidArgument, `unsupported content type ${type ? `“${type.slice(0, 100)}”` : ''}`.trim())
    }
    if (encoding !== 'identity' && encoding !== 'gzip') {
      return refuse(415, invalidArgument, `unsupported content encoding “${encoding.slice(0, 100)}”`)
    }
    try {
      const body = await readBody(request, encoding === 'gzip', maxBodyBytes)
      const { spans, refusals } = readSpans(decodeTraceRequest(body, json ? jsonType : 'application/x-protobuf'))
      for (const refusal of refusals) store.refuse(refusal)
      for (const span of spans) store.add(span)
      onChange(new Set(spans.map((span) => span.traceId)))
      response.writeHead(200, { 'content-type': type }).end(json ? '{}' : '')
    } catch (error) {
      if (error instanceof BodyTooLarge) {
        response.setHeader('connection', 'close')
        refuse(413, resourceExhausted, `the body is larger than ${maxBodyBytes / 1024 / 1024} MiB`)
      } else if (error instanceof MalformedOtlp || error instanceof BodyUnreadable) {
        if (request.destroyed && !request.complete) return
        refuse(400, invalidArgument, `failed to parse OTLP request body: ${error.message}`)
      } else throw error
    }
  }

const invalidArgument = 3
const resourceExhausted = 8

/** A google.rpc.Status in the request's own content type. */
const answerStatus = (response: ServerResponse, status: number, type: string, code: number, message: string) => {
  const body =
    type === jsonType ? JSON.stringify({ code, message }) : type === 'text/plain' ? message : packed(code, message)
  response.writeHead(status, { 'content-type': type === 'text/plain' ? 'text/plain; charset=utf-8' : type }).end(body)
}

const packed = (code: number, message: string): Uint8Array => {
  const text = Buffer.from(message).subarray(0, 0x3fff)
  return Buffer.concat([Buffer.from([0x08, code, 0x12, (text.length & 0x7f) | 0x80, text.length >> 7]), text])
}
