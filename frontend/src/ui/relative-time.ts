const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const ago = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

export const timeAgo = (iso: string, now: number): string => {
  const ageMs = now - Date.parse(iso)
  if (ageMs < minute) return 'just now'
  if (ageMs < hour) return ago.format(-Math.floor(ageMs / minute), 'minute')
  if (ageMs < day) return ago.format(-Math.floor(ageMs / hour), 'hour')
  return ago.format(-Math.floor(ageMs / day), 'day')
}

const left = (amount: number, unit: string): string => `${amount} ${unit}${amount === 1 ? '' : 's'} left`

/** Rounded, so that a new crud still has "5 days left" a second later. */
export const timeLeft = (iso: string, now: number): string => {
  const leftMs = Date.parse(iso) - now
  if (leftMs <= 0) return 'expired'
  const seconds = Math.ceil(leftMs / second)
  if (seconds < 60) return left(seconds, 'second')
  const minutes = Math.round(leftMs / minute)
  if (minutes < 60) return left(minutes, 'minute')
  const hours = Math.round(leftMs / hour)
  if (hours < 24) return left(hours, 'hour')
  return left(Math.round(leftMs / day), 'day')
}

export const isExpired = (iso: string, now: number): boolean => Date.parse(iso) <= now

/** From 1 to 0, in hundredths: fine enough for the eye, and rarely drawn again. */
export const shareLeft = (createdIso: string, expiresIso: string, now: number): number => {
  const created = Date.parse(createdIso)
  const expires = Date.parse(expiresIso)
  if (!(expires > created)) return 0
  return Math.round(Math.min(1, Math.max(0, (expires - now) / (expires - created))) * 100) / 100
}

const inWords = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'medium' })
export const exactTime = (iso: string): string => inWords.format(new Date(iso))
