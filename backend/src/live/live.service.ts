import { setImmediate as turn } from 'node:timers/promises'
import { attr, spanName } from '@cruddur/shared/telemetry'
import * as z from 'zod/mini'
import { unauthenticated, unavailable } from '../errors.ts'
import { LiveNote } from '../live-note.ts'
import { annotate, annotateUser, inTraceOf, log, traced } from '../telemetry/index.ts'
import { type Listener, Listeners, type LiveLimits, type LiveStream, liveLimits } from './listeners.ts'
import { selectOpenSessions } from './live.queries.ts'
import { openLiveConnection } from './live-connection.ts'
import { concerns, eventsOf } from './live-events.ts'

const queueMax = 1_000
/** After a flood of notes every page reads everything again, at most this often. */
const resyncIntervalMs = 1_000
const beatIntervalMs = 15_000
const sessionCheckIntervalMs = 60_000
const complaintIntervalMs = 60_000
/** The note of an ended session can arrive before its stream opens. */
const endedSessionMs = 60_000

type Options = { url: string; ready: Promise<void>; limits?: Partial<LiveLimits> | undefined }

type Recognise = () => Promise<{ user: { uuid: string }; sessionUuid: string } | null>

export type Live = {
  /** Resolves when it listens to the database for the first time. Until then every stream is refused. */
  readonly ready: Promise<void>
  /** Call `close` when the stream has gone. */
  readonly open: (address: string, recognise: Recognise, stream: LiveStream) => Promise<{ close: () => void }>
  /** Ends all streams. */
  readonly close: () => Promise<void>
}

/** Passes the notes of all backends to the pages that listen to this one. */
export const openLive = ({ url, ready, limits }: Options): Live => {
  const listeners = new Listeners({ ...liveLimits, ...limits })
  const queue: LiveNote[] = []
  const endedSessions = new Map<string, number>()
  let isDelivering = false
  let isClosed = false
  let flood: NodeJS.Timeout | undefined
  let complainedAt = Number.NEGATIVE_INFINITY

  const onNote = (payload: string) => {
    const note = parse(payload)
    if (!note) return complain()
    if (note.kind === 'sessions-ended') {
      for (const uuid of note.session_uuids) endedSessions.set(uuid, performance.now())
    }
    if (queue.length >= queueMax) {
      queue.length = 0
      flood ??= setTimeout(resync, resyncIntervalMs).unref()
    }
    queue.push(note)
    void deliverQueue()
  }

  // One note at a time, so that the changes of an activity arrive in order.
  const deliverQueue = async () => {
    if (isDelivering) return
    isDelivering = true
    for (let note = queue.shift(); note; note = queue.shift()) {
      await deliverSafely(note)
      // Node writes to sockets in the next turn. Without this pause a burst looks like listeners that do not read.
      await turn()
    }
    isDelivering = false
  }

  const deliverSafely = async (note: LiveNote) => {
    const concerned = [...listeners].filter((listener) => concerns(note, listener))
    if (concerned.length === 0) return
    try {
      await inTraceOf(note.cause, () => deliver(note, concerned))
    } catch (error) {
      log.error('a live event could not be delivered', { kind: note.kind, error: String(error) })
      for (const { send } of concerned) send({ kind: 'resync' })
    }
  }

  const deliver = traced(
    spanName.liveDeliver,
    async (note: LiveNote, concerned: Listener[]) => {
      annotate({ [attr.liveKind]: note.kind, [attr.liveListeners]: concerned.length })
      const eventFor = await eventsOf(note, concerned)
      for (const listener of concerned) {
        listener.send(eventFor(listener))
        if (note.kind === 'sessions-ended') end(listener)
      }
    },
    'consumer',
  )

  const end = (listener: Listener) => {
    listeners.delete(listener)
    listener.end()
  }

  const resync = () => {
    clearTimeout(flood)
    flood = undefined
    for (const { send } of listeners) send({ kind: 'resync' })
    void endClosedSessions()
  }

  const onMissed = () => {
    queue.length = 0
    resync()
  }

  /** Ends the streams of sessions that expired, or that ended while the LISTEN connection was lost. */
  const endClosedSessions = async () => {
    const signedIn = [...listeners].filter(({ session }) => session !== null)
    if (signedIn.length === 0) return
    try {
      const rows = await selectOpenSessions([...new Set(signedIn.map(({ session }) => session as string))])
      const open = new Set(rows.map(({ uuid }) => uuid))
      for (const listener of signedIn) {
        if (open.has(listener.session as string)) continue
        listener.send({ kind: 'signed-out' })
        end(listener)
      }
    } catch {
      // The next check is in a minute.
    }
  }

  const complain = () => {
    if (performance.now() - complainedAt < complaintIntervalMs) return
    complainedAt = performance.now()
    log.error('a note on the live channel is malformed')
  }

  const connection = openLiveConnection({ url, ready, onNote, onMissed })
  const timers = [
    setInterval(() => {
      for (const { beat } of listeners) beat()
    }, beatIntervalMs),
    setInterval(() => {
      for (const [uuid, at] of endedSessions) {
        if (performance.now() - at > endedSessionMs) endedSessions.delete(uuid)
      }
      void endClosedSessions()
    }, sessionCheckIntervalMs),
  ]
  for (const timer of timers) timer.unref()

  return {
    ready: connection.ready,
    open: traced(spanName.liveOpen, async (address, recognise, stream) => {
      if (isClosed || !connection.isListening()) throw unavailable()
      const recognised = await recognise()
      const user = recognised?.user.uuid ?? null
      const session = recognised?.sessionUuid ?? null
      annotateUser(user)
      if (isClosed) throw unavailable()
      if (session !== null && endedSessions.has(session)) throw unauthenticated()
      const listener = { ...stream, address, session, user }
      listeners.admit(listener)
      annotate({ [attr.liveListeners]: listeners.size })
      log.info('a page listens to live events', { listeners: listeners.size })
      stream.begin()
      return { close: () => void listeners.delete(listener) }
    }),
    close: async () => {
      isClosed = true
      for (const timer of timers) clearInterval(timer)
      clearTimeout(flood)
      for (const { end } of listeners) end('now')
      listeners.clear()
      await connection.close()
    },
  }
}

const parse = (payload: string): LiveNote | null => {
  try {
    return z.parse(LiveNote, JSON.parse(payload))
  } catch {
    return null
  }
}
