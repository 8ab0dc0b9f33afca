import { type Fields, isFields, type Protocol, parseFields, type Refusal, Refused, type Reply } from './protocol.ts'

export type LogLine = { id: string; group: string; stream: string; timeMs: number; message: string }

export type LogSink = {
  readonly line: (line: LogLine) => void
  readonly refused?: (refusal: Refusal) => void
}

type Event = { timestamp: number; message: string }

/** Enough for a batch of one mebibyte in which every character is escaped. */
const maxBodyBytes = 8 * 1024 * 1024
const maxStreams = 2_000
const maxEvents = 10_000
const maxBatchBytes = 1_048_576
const bytesOfEvent = 26
const hourMs = 3_600_000
const dayMs = 24 * hourMs
// AWS has ignored sequence tokens since 2023. Older clients still expect one.
const nextSequenceToken = '49545295115971876468408574808465530214343480843939348498'

/** CloudWatch Logs: the AWS JSON protocol 1.1 with the limits of AWS. Any signature will do. */
export const cloudWatchProtocol = (sink: LogSink): Protocol => {
  /** The names of the streams of each group. */
  const groups = new Map<string, Set<string>>()
  let lastId = 0

  const streamsOf = (input: Fields): Set<string> => {
    const streams = groups.get(groupName(input))
    if (!streams) throw refused('ResourceNotFoundException', 'The specified log group does not exist.')
    return streams
  }
  const checkRoom = () => {
    const count = [...groups.values()].reduce((sum, streams) => sum + 1 + streams.size, 0)
    if (count >= maxStreams) throw refused('LimitExceededException', 'Resource limit exceeded.')
  }

  const actions: Readonly<Record<string, (input: Fields) => object | undefined>> = {
    CreateLogGroup: (input) => {
      const name = groupName(input)
      if (groups.has(name)) throw refused('ResourceAlreadyExistsException', 'The specified log group already exists')
      checkRoom()
      groups.set(name, new Set())
      return undefined
    },
    DeleteLogGroup: (input) => {
      streamsOf(input)
      groups.delete(groupName(input))
      return undefined
    },
    CreateLogStream: (input) => {
      const [streams, name] = [streamsOf(input), streamName(input)]
      if (streams.has(name)) throw refused('ResourceAlreadyExistsException', 'The specified log stream already exists')
      checkRoom()
      streams.add(name)
      return undefined
    },
    DescribeLogStreams: (input) => {
      const prefix = String(input.logStreamNamePrefix ?? '')
      const names = [...streamsOf(input)].filter((name) => name.startsWith(prefix)).sort()
      return { logStreams: names.map((logStreamName) => ({ logStreamName, uploadSequenceToken: nextSequenceToken })) }
    },
    PutRetentionPolicy: (input) => {
      streamsOf(input)
      return undefined
    },
    PutLogEvents: (input) => {
      const [group, stream] = [groupName(input), streamName(input)]
      if (!streamsOf(input).has(stream)) {
        throw refused('ResourceNotFoundException', 'The specified log stream does not exist.')
      }
      const events = eventsIn(input)
      const now = Date.now()
      // Events are in chronological order, so those that are too old come first.
      const tooOld = events.filter(({ timestamp }) => timestamp < now - 14 * dayMs).length
      const tooNew = events.filter(({ timestamp }) => timestamp <= now + 2 * hourMs).length
      for (const [at, event] of events.entries()) {
        const { timestamp: timeMs, message } = event
        if (at >= tooOld && at < tooNew) sink.line({ id: String(++lastId), group, stream, timeMs, message })
        else {
          const reason = at < tooOld ? 'its time is older than 14 days' : 'its time is more than 2 hours ahead'
          sink.refused?.({ what: 'log event', reason, given: event })
        }
      }
      const rejected = {
        ...(tooNew < events.length && { tooNewLogEventStartIndex: tooNew }),
        ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
      }
      return { nextSequenceToken, ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }) }
    },
  }

  return {
    maxBodyBytes,
    refused: sink.refused ?? (() => {}),
    answer: ({ method, path, headers, body }) => {
      const action = String(headers['x-amz-target']).replace(/^Logs_20140328\./, '')
      if (method !== 'POST' || path !== '/') return reply(404, 'UnknownOperationException', 'there is only POST /')
      checkSignature(headers.authorization)
      const input = parseFields(body.length > 0 ? body : Buffer.from('{}'))
      if (!input) throw refused('SerializationException', 'the body is not a JSON object')
      const act = Object.hasOwn(actions, action) ? actions[action] : undefined
      if (!act) throw refused('UnknownOperationException', `“${action.slice(0, 64)}” is not an action of this double`)
      const result = act(input)
      return { status: 200, headers: { 'content-type': amzJson }, body: result ? JSON.stringify(result) : '' }
    },
    refuse: (_request, { status, type = typeOf[status] ?? 'SerializationException', message }) =>
      reply(status, type, message),
    // AWS has neither 401 nor 429 here. It says 400, and why.
    faults: {
      401: () => reply(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.'),
      429: () => reply(400, 'ThrottlingException', 'Rate exceeded', { 'retry-after': '2' }),
      500: () => reply(500, 'InternalFailure', 'The request processing has failed because of an unknown error.'),
    },
  }
}

const amzJson = 'application/x-amz-json-1.1'
const typeOf: Record<number, string> = { 413: 'RequestEntityTooLargeException', 503: 'ServiceUnavailableException' }
const reply = (status: number, type: string, message: string, headers = {}): Reply => ({
  status,
  headers: { 'content-type': amzJson, 'x-amzn-errortype': type, ...headers },
  body: JSON.stringify({ __type: type, message }),
})

/** Clients use these errors to find their stream. */
const expectedTypes = ['ResourceAlreadyExistsException', 'ResourceNotFoundException']
const refused = (type: string, message: string) =>
  new Refused(400, message, { type, ...(expectedTypes.includes(type) && { refusal: null }) })
const invalid = (message: string) => refused('InvalidParameterException', message)
const invalidValue = (value: unknown, where: string, constraint: string) =>
  invalid(`1 validation error detected: Value '${value}' at '${where}' failed to satisfy constraint: ${constraint}`)

const checkSignature = (authorization: string | undefined): void => {
  if (!authorization) throw refused('MissingAuthenticationTokenException', 'Missing Authentication Token')
  const missing = ['Credential', 'SignedHeaders', 'Signature'].filter((part) => !authorization.includes(`${part}=`))
  if (authorization.startsWith('AWS4-HMAC-SHA256 ') && missing.length === 0) return
  const message = `Authorization header requires ${missing.join(', ') || 'AWS4-HMAC-SHA256'}.`
  throw refused('IncompleteSignatureException', message)
}

const groupName = (input: Fields): string => nameIn(input, 'logGroupName', /^[.\-_/#A-Za-z0-9]{1,512}$/)
const streamName = (input: Fields): string => nameIn(input, 'logStreamName', /^[^:*]{1,512}$/)
const nameIn = (input: Fields, where: string, form: RegExp): string => {
  const value = input[where]
  if (typeof value === 'string' && form.test(value)) return value
  throw invalidValue(value, where, `Member must satisfy regular expression pattern: ${form.source}`)
}

const eventsIn = ({ logEvents: given }: Fields): Event[] => {
  const count = Array.isArray(given) ? given.length : 0
  if (count === 0) throw invalidValue('[]', 'logEvents', 'Member must have length greater than or equal to 1')
  if (count > maxEvents) {
    throw invalidValue(`[${count}]`, 'logEvents', `Member must have length less than or equal to ${maxEvents}`)
  }
  const events = (given as unknown[]).map(eventOf)
  const sizes = events.map(({ message }) => Buffer.byteLength(message) + bytesOfEvent)
  const largest = Math.max(...sizes)
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  if (largest > maxBatchBytes) throw invalid(`Log event too large: ${largest} bytes exceeds limit of ${maxBatchBytes}`)
  if (events.some(({ timestamp }, at) => timestamp < (events[at - 1]?.timestamp ?? 0))) {
    throw invalid('Log events in a single PutLogEvents request must be in chronological order.')
  }
  if (bytes > maxBatchBytes) throw invalid(`Upload too large: ${bytes} bytes exceeds limit of ${maxBatchBytes}`)
  if ((events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0) > dayMs) {
    throw invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.')
  }
  return events
}

const eventOf = (given: unknown, at: number): Event => {
  const { timestamp, message } = isFields(given) ? given : {}
  const where = `logEvents.${at + 1}.member`
  if (!(Number.isSafeInteger(timestamp) && (timestamp as number) >= 0)) {
    throw invalidValue(timestamp, `${where}.timestamp`, 'Member must have value greater than or equal to 0')
  }
  if (typeof message !== 'string' || message === '') {
    throw invalidValue(message, `${where}.message`, 'Member must have length greater than or equal to 1')
  }
  return { timestamp: timestamp as number, message }
}
