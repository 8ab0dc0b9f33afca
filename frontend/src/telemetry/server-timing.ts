import { serverTiming } from '@cruddur/shared/telemetry'

/** The server's own account of an answer: how long it took, and when it began by the server's clock. */
export type ServerAccount = { totalMs: number | null; atMs: number | null }

const number = (text: string | undefined): number | null => {
  const value = Number.parseFloat(text ?? '')
  return Number.isFinite(value) ? value : null
}

export const parseServerTiming = (header: string | null): ServerAccount => {
  const account: ServerAccount = { totalMs: null, atMs: null }
  for (const metric of (header ?? '').split(',')) {
    const [name, ...parameters] = metric.split(';').map((part) => part.trim())
    const value = (key: string) =>
      parameters
        .find((parameter) => parameter.startsWith(`${key}=`))
        ?.slice(key.length + 1)
        .replaceAll('"', '')
    if (name === serverTiming.total) account.totalMs = number(value('dur'))
    if (name === serverTiming.at) account.atMs = number(value('desc'))
  }
  return account
}

/**
 * Server clock less browser clock, as NTP reckons it: what the request and the answer took on their way is taken to be equal.
 * All four by their own side's clock, in milliseconds since the epoch.
 */
export const clockOffset = (sent: number, received: number, answered: number, arrived: number): number =>
  (received - sent + (answered - arrived)) / 2
