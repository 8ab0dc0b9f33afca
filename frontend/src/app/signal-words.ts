import { hidden } from '@cruddur/shared/health'
import type { SignalState } from '@cruddur/wire/signal-account'

export type SignalAccounts = Omit<SignalState, 'lastStatus'> & Partial<Pick<SignalState, 'lastStatus'>>
type Status = { word: string; tone: 'good' | 'trouble' | 'off' }

const droppedOf = ({ dropped }: SignalAccounts, isOf = (_reason: string): boolean => true): number =>
  Object.entries(dropped).reduce((sum, [reason, count]) => sum + (isOf(reason) ? count : 0), 0)

/** Spans that are not sampled, and spans of refused requests, are dropped on purpose. */
const isLoss = (reason: string): boolean => !['not_sampled', 'refused_request'].includes(reason)

export const statusOf = (signal: SignalAccounts): Status => {
  const { destination, created, delivered, queued, lastError, lastStatus = null } = signal
  if (destination === null) return { word: 'Off', tone: 'off' }
  // The last error is kept for a while. The trouble is over when the queue is empty and the last answer was good.
  const isFailing = lastError !== null && (queued > 0 || delivered === 0 || (lastStatus ?? 0) >= 400)
  if (isFailing) return { word: 'Trouble', tone: 'trouble' }
  if (lastError !== null) return { word: 'Good again', tone: 'good' }
  if (droppedOf(signal, isLoss) > 0) return { word: 'Some dropped', tone: 'off' }
  return created === 0 ? { word: 'Nothing yet', tone: 'off' } : { word: 'Good', tone: 'good' }
}

/** Shortens the address to its host. The log group and stream after the address stay. */
const shortened = (destination: string): string =>
  destination.replace(/^\S+/, (address) => (URL.canParse(address) ? new URL(address).host : address))

export const destinationOf = ({ destination, because }: SignalAccounts): string => {
  if (destination === hidden) return 'Only operators can see where it goes.'
  return destination === null
    ? `Nothing is sent, because ${because}.`
    : `To ${shortened(destination)}, because ${because}.`
}

/** `queue_full` → `queue full` */
const plain = (reason: string): string => reason.replaceAll('_', ' ')

export const accountOf = (signal: SignalAccounts): string => {
  const { created, delivered, queued, dropped } = signal
  const lost = droppedOf(signal)
  const reasons = Object.entries(dropped)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} ${plain(reason)}`)
  return [
    `${created} created`,
    `${delivered} delivered`,
    queued > 0 && `${queued} queued`,
    lost > 0 && `${lost} dropped (${reasons.join(', ')})`,
  ]
    .filter(Boolean)
    .join(' · ')
}

export const problemOf = ({ lastError, lastStatus = null }: SignalAccounts): string | null => {
  if (lastError === null) return null
  const status = lastStatus !== null && !lastError.includes(String(lastStatus)) ? `; last answer: ${lastStatus}` : ''
  return `Last error: ${plain(lastError)}${status}`
}

export const hintOf = ({ destination }: SignalAccounts): string | null =>
  destination?.startsWith('udp:') ? 'UDP: losses cannot be seen.' : null
