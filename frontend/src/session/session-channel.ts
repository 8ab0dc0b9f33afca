import { Session } from '@cruddur/shared/session'
import * as z from 'zod/mini'

const name = 'session'

/** Who acts now, and the `traceparent` of what changed it. */
const Change = z.object({ session: Session, cause: z.nullable(z.string()) })
type Change = z.infer<typeof Change>

/** Tells the other tabs who acts now. */
export const tellTabs = (change: Change): void => {
  if (typeof BroadcastChannel === 'undefined') return
  const channel = new BroadcastChannel(name)
  channel.postMessage(change)
  channel.close()
}

export const hearTabs = (listener: (change: Change) => void): (() => void) => {
  if (typeof BroadcastChannel === 'undefined') return () => {}
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    // A tab of another version may say something else.
    const change = z.safeParse(Change, data)
    if (change.success) listener(change.data)
  }
  return () => channel.close()
}
