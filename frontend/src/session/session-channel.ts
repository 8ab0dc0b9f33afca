import { Session } from '@cruddur/shared/session'
import * as z from 'zod/mini'

const name = 'session'

/** Tells the other tabs who acts now. */
export const tellTabs = (session: Session): void => {
  if (typeof BroadcastChannel === 'undefined') return
  const channel = new BroadcastChannel(name)
  channel.postMessage(session)
  channel.close()
}

export const hearTabs = (listener: (session: Session) => void): (() => void) => {
  if (typeof BroadcastChannel === 'undefined') return () => {}
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    // A tab of another version may say something else.
    const session = z.safeParse(Session, data)
    if (session.success) listener(session.data)
  }
  return () => channel.close()
}
