import { LogGroups, type LogSink } from './log-groups.ts'
import { type Protocol, parseFields, Refused, type Reply } from './protocol.ts'

/** A batch of a mebibyte, when every character of it is escaped. */
const maxBodyBytes = 8 * 1024 * 1024
const target = /^Logs_20140328\.(\w{1,64})$/
const types: Record<number, string> = { 413: 'RequestEntityTooLargeException', 503: 'ServiceUnavailableException' }

/** The AWS JSON protocol 1.1, as the SDK's client for CloudWatch Logs speaks it. */
export const cloudWatchProtocol = (sink: LogSink): Protocol => {
  const groups = new LogGroups(sink)
  return {
    maxBodyBytes,
    refused: sink.refused ?? (() => {}),
    answer: ({ method, path, headers, body }) => {
      const action = target.exec(String(headers['x-amz-target'] ?? ''))?.[1] ?? ''
      if (method !== 'POST' || path !== '/') return reply(404, 'UnknownOperationException', 'there is only POST /')
      checkSignature(headers.authorization)
      const input = parseFields(body.length > 0 ? body : Buffer.from('{}'))
      if (!input) throw new Refused(400, 'the body is not a JSON object', { type: 'SerializationException' })
      const result = groups.act(action, input)
      return { status: 200, headers: { 'content-type': amzJson }, body: result ? JSON.stringify(result) : '' }
    },
    refuse: (_request, { status, type, message }) =>
      reply(status, type ?? types[status] ?? 'SerializationException', message),
    // AWS has neither 401 nor 429 here. It says 400, and why.
    faults: {
      401: () => reply(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.'),
      429: () => reply(400, 'ThrottlingException', 'Rate exceeded', { 'retry-after': '2' }),
      500: () => reply(500, 'InternalFailure', 'The request processing has failed because of an unknown error.'),
    },
  }
}

/** That a whole signature is there. Whose key made it cannot be known here. */
const checkSignature = (authorization: string | undefined): void => {
  if (!authorization) {
    throw new Refused(400, 'Missing Authentication Token', { type: 'MissingAuthenticationTokenException' })
  }
  const missing = ['Credential', 'SignedHeaders', 'Signature'].filter((part) => !authorization.includes(`${part}=`))
  if (authorization.startsWith('AWS4-HMAC-SHA256 ') && missing.length === 0) return
  throw new Refused(400, `Authorization header requires ${missing.join(', ') || 'AWS4-HMAC-SHA256'}.`, {
    type: 'IncompleteSignatureException',
  })
}

const amzJson = 'application/x-amz-json-1.1'
const reply = (status: number, type: string, message: string, headers = {}): Reply => ({
  status,
  headers: { 'content-type': amzJson, 'x-amzn-errortype': type, ...headers },
  body: JSON.stringify({ __type: type, message }),
})
