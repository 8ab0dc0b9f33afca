import type { Exception } from '@opentelemetry/api'
import { scrubText } from './scrub.ts'

const mostFrames = 50
const longestLine = 500
const mostCauses = 5

/**
 * A copy of an error that is safe to give to a vendor's package: scrubbed text, plain paths, at most five causes, and
 * without the fields (`errors`, `detail`, `parameters` …) in which libraries keep their input.
 */
export const cleanError = (thrown: unknown, depth = 0): Error => {
  const { name, message, stack, cause } = partsOf(thrown)
  const clean = new Error(scrubText(message))
  clean.name = name
  clean.stack = [`${name}: ${clean.message}`, ...framesOf(stack)].join('\n')
  if (cause !== undefined && depth < mostCauses) clean.cause = cleanError(cause, depth + 1)
  return clean
}

/** The text for anything that was thrown. An application may format its stacks as something other than text. */
export const textOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return String(thrown)
  const { name, message, stack } = thrown
  return typeof stack === 'string' ? stack : `${name}: ${message}`
}

/** An error for `span.recordException`, which takes text only. */
export const recordable = (error: Error): Exception =>
  typeof error.stack === 'string' ? error : { name: error.name, message: error.message, stack: textOf(error) }

const partsOf = (thrown: unknown): { name: string; message: string; stack: string; cause?: unknown } => {
  try {
    if (!(thrown instanceof Error)) return { name: 'Thrown', message: String(thrown), stack: '' }
    const { name, message, stack, cause } = thrown
    const inner = thrown instanceof AggregateError ? thrown.errors.map((error) => messageOf(error)) : []
    return { name: String(name), message: [message, ...inner].filter(Boolean).join('; '), stack: String(stack), cause }
  } catch {
    return { name: 'Thrown', message: 'an unreadable value', stack: '' }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const framesOf = (stack: string): string[] =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, mostFrames)
    .map((line) => line.replace('file://', '').slice(0, longestLine))
