import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

type CollectedLine = { [field: string]: unknown; message: string; trace_id?: string; path?: string }

export type LogListener = {
  /** As `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS` wants it. */
  url: string
  lines: readonly CollectedLine[]
  /** Everything that was posted, as it was, with its headers. */
  bodies: readonly string[]
  groups: ReadonlySet<string>
  stop: () => Promise<void>
}

type Input = { logGroupName: string; logStreamName: string; logEvents: { message: string; timestamp: number }[] }

class AwsRefusal extends Error {}

/** CloudWatch Logs on a free port: the AWS JSON protocol 1.1, with a group and a stream that must be made first. */
export const startLogListener = async (): Promise<LogListener> => {
  const lines: CollectedLine[] = []
  const bodies: string[] = []
  const groups = new Set<string>()
  const streams = new Set<string>()

  const actions: Record<string, (input: Input) => object> = {
    'Logs_20140328.CreateLogGroup': ({ logGroupName }) => {
      groups.add(logGroupName)
      return {}
    },
    'Logs_20140328.CreateLogStream': ({ logGroupName, logStreamName }) => {
      if (!groups.has(logGroupName)) throw new AwsRefusal('ResourceNotFoundException')
      streams.add(`${logGroupName} ${logStreamName}`)
      return {}
    },
    'Logs_20140328.PutLogEvents': ({ logGroupName, logStreamName, logEvents }) => {
      if (!streams.has(`${logGroupName} ${logStreamName}`)) throw new AwsRefusal('ResourceNotFoundException')
      lines.push(...logEvents.map(({ message }) => JSON.parse(message) as CollectedLine))
      return { nextSequenceToken: '1' }
    },
  }

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request)
    const content = String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
    bodies.push(`${JSON.stringify(request.headers)}\n${content}`)
    const answer = (status: number, given: object) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(given))
    try {
      const act = actions[String(request.headers['x-amz-target'])]
      if (!act) throw new AwsRefusal('UnknownOperationException')
      answer(200, act(JSON.parse(content)))
    } catch (error) {
      if (!(error instanceof AwsRefusal)) throw error
      answer(400, { __type: error.message, message: 'refused' })
    }
  }

  const server = createServer((request, response) => {
    take(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lines,
    bodies,
    groups,
    stop: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
