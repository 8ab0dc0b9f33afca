const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const counted = (amount: number, unit: string): string => `${amount} ${unit}${amount === 1 ? '' : 's'}`
const ago = (amount: number, unit: string): string => `${counted(Math.floor(amount), unit)} ago`
const left = (amount: number, unit: string): string => `${counted(amount, unit)} left`

export const timeAgo = (iso: string, now: number): string => {
  const ageMs = now - Date.parse(iso)
  if (ageMs < minute) return 'just now'
  if (ageMs < hour) return ago(ageMs / minute, 'minute')
  if (ageMs < day) return ago(ageMs / hour, 'hour')
  return ago(ageMs / day, 'day')
}

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

let inWords: Intl.DateTimeFormat | undefined

/** The first format of a page takes the browser several milliseconds, so it is not made with the other modules. */
export const exactTime = (iso: string): string => {
  inWords ??= new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'medium' })
  return inWords.format(new Date(iso))
}
