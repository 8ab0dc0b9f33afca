import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Fields, isFields } from '../trace/item.ts'
import { BodyTooLarge, BodyUnreadable, readBody } from './body.ts'
import type { Refusing } from './faults.ts'
import type { Intake } from './intake.ts'
import { AwsError, LogGroups } from './log-groups.ts'

/** A batch of a mebibyte, when every character of it is escaped. */
const maxBodyBytes = 8 * 1024 * 1024
const target = /^Logs_20140328\.(\w{1,64})$/

/** `POST /` with an action in its header: the AWS JSON protocol 1.1, as the SDK's client for CloudWatch Logs speaks it. */
export const takeLogs = (intake: Intake) => {
  const { store, changed } = intake
  const groups = new LogGroups(intake)

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const action = target.exec(String(request.headers['x-amz-target'] ?? ''))?.[1] ?? ''
    const refuse = ({ status, type, message }: AwsError) => {
      const { vendor, what } = { vendor: 'cloudwatch', what: 'request' } as const
      const reason = `${action && `${action}: `}${type}: ${message} (${status})`
      // An answer like these is part of how a client finds its stream.
      if (type !== 'ResourceAlreadyExistsException' && type !== 'ResourceNotFoundException') {
        store.refuse({ atMs: Date.now(), vendor, what, reason: reason.slice(0, 400), name: '', traceId: '' })
        changed([])
      }
      const { headers, body } = spoken(status, type, message)
      response.writeHead(status, headers).end(body)
    }
    try {
      const body = await readBody(request, false, maxBodyBytes)
      wantSigned(request)
      const result = groups.act(action, parse(body))
      response.writeHead(200, { 'content-type': amzJson }).end(result ? JSON.stringify(result) : '')
    } catch (error) {
      if (error instanceof AwsError) return refuse(error)
      if (error instanceof BodyTooLarge) {
        response.setHeader('connection', 'close')
        return refuse(new AwsError('RequestEntityTooLargeException', 'the request is too large', 413))
      }
      if (!(error instanceof BodyUnreadable)) throw error
      if (!request.destroyed || request.complete) refuse(new AwsError('SerializationException', 'no body'))
    }
  }
}

/** Whose key it is cannot be known here; that there is one, and a whole signature, can. */
const wantSigned = ({ headers: { authorization } }: IncomingMessage): void => {
  if (!authorization) throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token')
  const parts = ['Credential', 'SignedHeaders', 'Signature'].filter((part) => !authorization.includes(`${part}=`))
  if (authorization.startsWith('AWS4-HMAC-SHA256 ') && parts.length === 0) return
  throw new AwsError(
    'IncompleteSignatureException',
    `Authorization header requires ${parts.join(', ') || 'AWS4-HMAC-SHA256'}.`,
  )
}

const parse = (body: Uint8Array): Fields => {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString() || '{}')
    if (isFields(value)) return value
  } catch {}
  throw new AwsError('SerializationException', 'the body is not a JSON object')
}

const amzJson = 'application/x-amz-json-1.1'
const spoken = (status: number, type: string, message: string, headers = {}) => ({
  status,
  headers: { 'content-type': amzJson, 'x-amzn-errortype': type, ...headers },
  body: JSON.stringify({ __type: type, message }),
})

/** AWS has no 401 and no 429 here: it says 400, and why. */
export const cloudWatchRefusing: Refusing = {
  401: () => spoken(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.'),
  429: () => spoken(400, 'ThrottlingException', 'Rate exceeded', { 'retry-after': '2' }),
  500: () => spoken(500, 'InternalFailure', 'The request processing has failed because of an unknown error.'),
}
