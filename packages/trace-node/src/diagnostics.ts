import type { DiagLogger } from '@opentelemetry/api'

const quietMs = 60_000

/** Writes at most one line a minute, with the number of lines left out. */
export const createDiagLogger = (
  write: (line: string) => void,
  now: () => number = () => performance.now(),
): DiagLogger => {
  let quietUntil = Number.NEGATIVE_INFINITY
  let leftOut = 0
  const say = (message: string, ...details: unknown[]) => {
    if (now() < quietUntil) return void leftOut++
    const times = leftOut > 0 ? ` (and ${leftOut} more since the last line)` : ''
    quietUntil = now() + quietMs
    leftOut = 0
    write(`telemetry: ${reasonIn([message, ...details])}${times}`)
  }
  return { error: say, warn: say, info: () => {}, debug: () => {}, verbose: () => {} }
}

const maxLength = 300

// The SDK passes errors as JSON, with the stack inside.
const reasonIn = (said: unknown[]): string => {
  const text = said.map((part) => messageIn(part)).join(' ')
  return text.replace(/\s+/g, ' ').slice(0, maxLength)
}

const messageIn = (part: unknown): string => {
  if (part instanceof Error) return part.message
  if (typeof part !== 'string') return String(part)
  if (!part.startsWith('{')) return part
  try {
    const { message, name, code } = JSON.parse(part)
    return [name, code, message].filter(Boolean).join(' ')
  } catch {
    return part
  }
}
