import { serviceName } from '@cruddur/shared/telemetry'
import type { Span } from '../trace/span.ts'
import { isSql } from '../trace/summary.ts'

const fixed: Record<string, string> = { [serviceName.frontend]: 'browser', [serviceName.backend]: 'server' }
const others = ['sky', 'pink', 'leaf', 'clay']

/** A service has the same colour in every trace. */
export const colourOfService = (service: string): string => {
  let sum = 0
  for (const character of service) sum = (sum * 31 + character.charCodeAt(0)) % 9973
  return fixed[service] ?? others[sum % others.length] ?? 'sky'
}

export const colourOf = (span: Span): string => (isSql(span) ? 'sql' : colourOfService(span.service))
