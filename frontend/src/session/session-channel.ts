import { Session } from '@cruddur/shared/session'
import * as z from 'zod/mini'

const name = 'session'

const Change = z.object({
  session: Session,
  /** The user who has just signed out. */
  signedOut: z.nullable(z.string()),
  cause: z.nullable(z.string()),
})
export type Change = z.infer<typeof Change>

/** Tells the other tabs about a new session. */
export const tellTabs = (change: Change): void => {
  if (typeof BroadcastChannel === 'undefined') return
  const channel = new BroadcastChannel(name)
  channel.postMessage(change)
  channel.close()
}

export const onChangeElsewhere = (listener: (change: Change) => void): (() => void) => {
  if (typeof BroadcastChannel === 'undefined') return () => {}
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    // A tab with another version of the page may send other data.
    const change = z.safeParse(Change, data)
    if (change.success) listener(change.data)
  }
  return () => channel.close()
}
