import { type Fields, isFields, type Refusal, Refused } from './protocol.ts'

export type LogLine = { id: string; group: string; stream: string; timeMs: number; message: string }

export type LogSink = {
  readonly line: (line: LogLine) => void
  readonly refused?: (refusal: Refusal) => void
}

type Stream = { createdMs: number; firstMs?: number; lastMs?: number; ingestedMs?: number }
type Group = { createdMs: number; retentionDays?: number; streams: Map<string, Stream> }
type Event = { timestamp: number; message: string }

const account = 'arn:aws:logs:us-east-1:000000000000:log-group:'
const maxStreams = 2_000
const maxEvents = 10_000
const maxBytes = 1_048_576
const bytesOfEvent = 26
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]
// AWS has ignored sequence tokens since 2023. Older clients still expect one.
const nextSequenceToken = '49545295115971876468408574808465530214343480843939348498'

/** The groups and streams of one account, with the limits of AWS. */
export class LogGroups {
  readonly #sink: LogSink
  readonly #groups = new Map<string, Group>()
  #streams = 0
  #lastId = 0

  constructor(sink: LogSink) {
    this.#sink = sink
  }

  act(action: string, input: Fields): object | null {
    switch (action) {
      case 'CreateLogGroup':
        return this.#createGroup(input)
      case 'CreateLogStream':
        return this.#createStream(input)
      case 'DeleteLogGroup':
        return this.#deleteGroup(input)
      case 'DescribeLogGroups':
        return this.#describeGroups(input)
      case 'DescribeLogStreams':
        return this.#describeStreams(input)
      case 'PutRetentionPolicy':
        return this.#retain(input)
      case 'PutLogEvents':
        return this.#put(input)
      default:
        throw refused('UnknownOperationException', `“${action}” is not an action of this double`)
    }
  }

  #createGroup(input: Fields): null {
    const name = groupName(input)
    if (this.#groups.has(name)) {
      throw refused('ResourceAlreadyExistsException', 'The specified log group already exists')
    }
    this.#checkRoom()
    this.#groups.set(name, { createdMs: Date.now(), streams: new Map() })
    return null
  }

  #deleteGroup(input: Fields): null {
    this.#streams -= 1 + this.#group(input).streams.size
    this.#groups.delete(groupName(input))
    return null
  }

  #createStream(input: Fields): null {
    const { streams } = this.#group(input)
    const name = streamName(input)
    if (streams.has(name)) {
      throw refused('ResourceAlreadyExistsException', 'The specified log stream already exists')
    }
    this.#checkRoom()
    streams.set(name, { createdMs: Date.now() })
    return null
  }

  #checkRoom(): void {
    if (++this.#streams > maxStreams) throw refused('LimitExceededException', 'Resource limit exceeded.')
  }

  #describeGroups(input: Fields): object {
    const prefix = optionalText(input, 'logGroupNamePrefix')
    const names = [...this.#groups.keys()].filter((name) => name.startsWith(prefix)).sort()
    const { page, nextToken } = pageOf(names, input)
    const logGroups = page.map((name) => {
      const { createdMs, retentionDays } = this.#groups.get(name) as Group
      return {
        logGroupName: name,
        creationTime: createdMs,
        ...(retentionDays && { retentionInDays: retentionDays }),
        metricFilterCount: 0,
        arn: `${account}${name}:*`,
        storedBytes: 0,
        logGroupClass: 'STANDARD',
      }
    })
    return { logGroups, ...(nextToken && { nextToken }) }
  }

  #describeStreams(input: Fields): object {
    const group = groupName(input)
    const { streams } = this.#group(input)
    const prefix = optionalText(input, 'logStreamNamePrefix')
    const byTime = input.orderBy === 'LastEventTime'
    if (byTime && prefix) throw invalid('Cannot order by LastEventTime with a logStreamNamePrefix.')
    const names = [...streams.keys()].filter((name) => name.startsWith(prefix)).sort()
    if (byTime) names.sort((a, b) => (streams.get(a)?.lastMs ?? 0) - (streams.get(b)?.lastMs ?? 0))
    if (input.descending === true) names.reverse()
    const { page, nextToken } = pageOf(names, input)
    const logStreams = page.map((name) => {
      const { createdMs, firstMs, lastMs, ingestedMs } = streams.get(name) as Stream
      return {
        logStreamName: name,
        creationTime: createdMs,
        ...(firstMs !== undefined && { firstEventTimestamp: firstMs, lastEventTimestamp: lastMs }),
        ...(ingestedMs !== undefined && { lastIngestionTime: ingestedMs }),
        uploadSequenceToken: nextSequenceToken,
        arn: `${account}${group}:log-stream:${name}`,
        storedBytes: 0,
      }
    })
    return { logStreams, ...(nextToken && { nextToken }) }
  }

  #retain(input: Fields): null {
    const group = this.#group(input)
    const days = input.retentionInDays
    if (!retentions.includes(days as number)) {
      throw invalid(`1 validation error detected: Value '${days}' at 'retentionInDays' is not one of ${retentions}`)
    }
    group.retentionDays = days as number
    return null
  }

  #put(input: Fields): object {
    const group = this.#group(input)
    const name = streamName(input)
    const stream = group.streams.get(name)
    if (!stream) throw refused('ResourceNotFoundException', 'The specified log stream does not exist.')
    const events = eventsIn(input)
    const now = Date.now()
    const retentionMs = (group.retentionDays ?? Number.POSITIVE_INFINITY) * dayMs
    const count = (isOut: (event: Event) => boolean) => events.filter(isOut).length
    // Events are in chronological order: the ones that are too old come first.
    const tooOld = count(({ timestamp }) => timestamp < now - 14 * dayMs)
    const expired = count(({ timestamp }) => timestamp < now - retentionMs)
    const tooNew = events.length - count(({ timestamp }) => timestamp > now + 2 * hourMs)
    const from = Math.max(tooOld, expired)
    const taken = events.slice(from, tooNew)

    for (const { timestamp, message } of taken) {
      const id = String(++this.#lastId)
      this.#sink.line({ id, group: groupName(input), stream: name, timeMs: timestamp, message })
    }
    if (taken.length > 0) {
      stream.firstMs = Math.min(stream.firstMs ?? Number.POSITIVE_INFINITY, taken[0]?.timestamp ?? now)
      stream.lastMs = Math.max(stream.lastMs ?? 0, taken.at(-1)?.timestamp ?? now)
      stream.ingestedMs = now
    }
    for (const event of [...events.slice(0, from), ...events.slice(Math.max(from, tooNew))]) this.#refuse(event, now)
    const rejected = {
      ...(tooNew < events.length && { tooNewLogEventStartIndex: tooNew }),
      ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
      ...(expired > tooOld && { expiredLogEventEndIndex: expired }),
    }
    return { nextSequenceToken, ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }) }
  }

  #refuse(event: Event, now: number): void {
    const why = event.timestamp > now ? 'more than 2 hours ahead' : 'older than 14 days, or than its group keeps'
    this.#sink.refused?.({ what: 'log event', reason: `its time is ${why}`, given: event })
  }

  #group(input: Fields): Group {
    const group = this.#groups.get(groupName(input))
    if (!group) throw refused('ResourceNotFoundException', 'The specified log group does not exist.')
    return group
  }
}

const expected = ['ResourceAlreadyExistsException', 'ResourceNotFoundException']
const refused = (type: string, message: string) =>
  new Refused(400, message, { type, ...(expected.includes(type) && { refusal: null }) })
const invalid = (message: string) => refused('InvalidParameterException', message)
const wrongValue = (value: unknown, where: string, constraint: string) =>
  invalid(`1 validation error detected: Value '${value}' at '${where}' failed to satisfy constraint: ${constraint}`)

const groupName = (input: Fields): string => named(input.logGroupName, 'logGroupName', /^[.\-_/#A-Za-z0-9]{1,512}$/)
const streamName = (input: Fields): string => named(input.logStreamName, 'logStreamName', /^[^:*]{1,512}$/)

const named = (value: unknown, where: string, form: RegExp): string => {
  if (typeof value === 'string' && form.test(value)) return value
  throw wrongValue(value, where, `Member must satisfy regular expression pattern: ${form.source}`)
}

const optionalText = (input: Fields, name: string): string => (typeof input[name] === 'string' ? input[name] : '')

const pageOf = (names: readonly string[], { limit = 50, nextToken: token = '0' }: Fields) => {
  if (!(Number.isInteger(limit) && (limit as number) >= 1 && (limit as number) <= 50)) {
    throw wrongValue(limit, 'limit', 'Member must have value between 1 and 50')
  }
  const from = Number(token)
  if (!Number.isInteger(from)) throw invalid('The specified nextToken is invalid.')
  const to = from + (limit as number)
  return { page: names.slice(from, to), nextToken: to < names.length ? String(to) : null }
}

const eventsIn = ({ logEvents: given }: Fields): Event[] => {
  if (!Array.isArray(given) || given.length === 0) {
    throw wrongValue('[]', 'logEvents', 'Member must have length greater than or equal to 1')
  }
  if (given.length > maxEvents) {
    throw wrongValue(`[${given.length}]`, 'logEvents', `Member must have length less than or equal to ${maxEvents}`)
  }
  const events = given.map(eventOf)
  let bytes = 0
  let before = 0
  for (const { timestamp, message } of events) {
    const size = Buffer.byteLength(message) + bytesOfEvent
    if (size > maxBytes) throw invalid(`Log event too large: ${size} bytes exceeds limit of ${maxBytes}`)
    if (timestamp < before) {
      throw invalid('Log events in a single PutLogEvents request must be in chronological order.')
    }
    bytes += size
    before = timestamp
  }
  if (bytes > maxBytes) throw invalid(`Upload too large: ${bytes} bytes exceeds limit of ${maxBytes}`)
  if (before - (events[0]?.timestamp ?? 0) > dayMs) {
    throw invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.')
  }
  return events
}

const eventOf = (given: unknown, at: number): Event => {
  const { timestamp, message } = isFields(given) ? given : {}
  const where = `logEvents.${at + 1}.member`
  if (!(Number.isSafeInteger(timestamp) && (timestamp as number) >= 0)) {
    throw wrongValue(timestamp, `${where}.timestamp`, 'Member must have value greater than or equal to 0')
  }
  if (typeof message !== 'string' || message === '') {
    throw wrongValue(message, `${where}.message`, 'Member must have length greater than or equal to 1')
  }
  return { timestamp: timestamp as number, message }
}
