import { setImmediate as turn } from 'node:timers/promises'
import type { LiveEvent } from '@cruddur/shared/live'
import { attr, spanName } from '@cruddur/shared/telemetry'
import * as z from 'zod/mini'
import { AppError, tooManyRequests, unauthenticated, unavailable } from '../errors.ts'
import { LiveNote } from '../live-note.ts'
import { annotate, annotateUser, inTraceOf, log, traced } from '../telemetry/index.ts'
import { selectFollowersAmong, selectLivingSessions } from './live.queries.ts'
import { openLiveConnection } from './live-connection.ts'

/** Somebody's open stream of events, whatever it is made of. */
export type LiveStream = {
  readonly begin: () => void
  readonly send: (event: LiveEvent) => void
  /** Nothing has happened, and the stream is alive. */
  readonly beat: () => void
  /** Ends it. `later` asks the page to stay away for a while. */
  readonly end: (comeBack?: 'soon' | 'later') => void
}

type Listener = LiveStream & {
  readonly address: string
  /** Null where nobody is signed in: then it hears what everybody may. */
  readonly user: string | null
  readonly session: string | null
}

export type LiveLimits = { readonly streams: number; readonly ofSession: number; readonly ofAddress: number }

const defaultLimits: LiveLimits = { streams: 500, ofSession: 20, ofAddress: 100 }
const mostWaiting = 1_000
/** After a flood every page reads again and every session is looked up: at most so often. */
const catchUpMs = 1_000
const beatEveryMs = 15_000
const verifyEveryMs = 60_000
const complainEveryMs = 60_000
const comeBackSeconds = 30
/** The note may come before the stream whose session it ends. */
const rememberEndedMs = 60_000

type Options = { url: string; ready: Promise<void>; limits?: Partial<LiveLimits> | undefined }

type Recognise = () => Promise<{ user: { uuid: string }; sessionUuid: string } | null>

export type Live = {
  /** Fulfilled when it hears the database for the first time; until then nobody is let in. */
  readonly ready: Promise<void>
  /** `leave` is to be called when the stream has gone. */
  readonly open: (address: string, recognise: Recognise, stream: LiveStream) => Promise<{ leave: () => void }>
  /** Ends all streams at once. */
  readonly close: () => Promise<void>
}

/** What changes anywhere, told to whom it concerns: those who listen to this process. */
export const openLive = ({ url, ready, limits: given }: Options): Live => {
  const limits = { ...defaultLimits, ...given }
  const listeners = new Set<Listener>()
  const waiting: LiveNote[] = []
  const ended = new Map<string, number>()
  let working = false
  let closed = false
  let flood: NodeJS.Timeout | undefined
  let complainedAt = Number.NEGATIVE_INFINITY

  const hear = (payload: string) => {
    const note = noteIn(payload)
    if (!note) return complain()
    if (note.kind === 'sessions-ended') for (const uuid of note.session_uuids) ended.set(uuid, performance.now())
    if (waiting.length >= mostWaiting) {
      waiting.length = 0
      flood ??= setTimeout(catchUp, catchUpMs).unref()
    }
    waiting.push(note)
    void work()
  }

  // One after the other: what happened to a crud is heard in the order in which it happened.
  const work = async () => {
    if (working) return
    working = true
    for (let note = waiting.shift(); note; note = waiting.shift()) {
      await passOn(note)
      // What was written leaves only now: a burst is not taken for listeners who do not read.
      await turn()
    }
    working = false
  }

  const passOn = async (note: LiveNote) => {
    const concerned = [...listeners].filter((listener) => concerns(note, listener))
    if (concerned.length === 0) return
    try {
      await inTraceOf(note.cause, () => deliver(note, concerned))
    } catch (error) {
      log.error('something could not be delivered', { kind: note.kind, error: String(error) })
      for (const { send } of concerned) send({ kind: 'resync' })
    }
  }

  const dismiss = (listener: Listener, cause?: LiveNote['cause']) => {
    listeners.delete(listener)
    listener.send({ kind: 'signed-out', cause })
    listener.end()
  }

  const deliver = traced(
    spanName.liveDeliver,
    async (note: LiveNote, concerned: Listener[]) => {
      annotate({ [attr.liveKind]: note.kind, [attr.liveListeners]: concerned.length })
      const { cause } = note
      if (note.kind === 'sessions-ended') {
        for (const listener of concerned) dismiss(listener, cause)
        return
      }
      const followers = note.kind === 'activity' ? await followersOf(note.user_uuid, concerned) : nobody
      for (const listener of concerned) listener.send({ ...eventFor(note, listener.user, followers), cause })
    },
    'consumer',
  )

  const catchUp = () => {
    clearTimeout(flood)
    flood = undefined
    for (const { send } of listeners) send({ kind: 'resync' })
    void verify()
  }

  const missed = () => {
    waiting.length = 0
    catchUp()
  }

  /** A session also ends by time, and while nothing was heard. */
  const verify = async () => {
    const signedIn = [...listeners].filter(({ session }) => session !== null)
    if (signedIn.length === 0) return
    try {
      const living = uuidsOf(await selectLivingSessions([...new Set(signedIn.map(({ session }) => session as string))]))
      for (const listener of signedIn) if (!living.has(listener.session as string)) dismiss(listener)
    } catch {
      // The next time will tell.
    }
  }

  const complain = () => {
    if (performance.now() - complainedAt < complainEveryMs) return
    complainedAt = performance.now()
    log.error('a note on the live channel is none of ours')
  }

  const connection = openLiveConnection({ url, ready, hear, missed })
  const timers = [
    setInterval(() => {
      for (const { beat } of listeners) beat()
    }, beatEveryMs),
    setInterval(() => {
      for (const [uuid, at] of ended) if (performance.now() - at > rememberEndedMs) ended.delete(uuid)
      void verify()
    }, verifyEveryMs),
  ]
  for (const timer of timers) timer.unref()

  const of = (isOne: (listener: Listener) => boolean) => [...listeners].filter(isOne)

  /** The oldest anonymous stream of `address`; with no address, of the one that has the most streams. */
  const oldestAnonymous = (address = greediest(listeners)): Listener | undefined =>
    of((one) => one.user === null && one.address === address)[0]

  /** Makes room for one more stream, or throws. Anonymous streams give way to the signed-in, and the greedy to the modest. */
  const makeRoom = ({ address, session, user }: Pick<Listener, 'address' | 'session' | 'user'>) => {
    const ofAddress = of((one) => one.address === address).length
    const ofSession = session === null ? 0 : of((one) => one.session === session).length
    if (ofSession >= limits.ofSession) throw tooMany()
    const isSignedIn = user !== null
    if (ofAddress >= limits.ofAddress) {
      const other = isSignedIn ? oldestAnonymous(address) : undefined
      if (!other) throw tooMany()
      sendAway(other)
    }
    if (listeners.size < limits.streams) return
    const other = oldestAnonymous()
    const itsShare = other ? of((one) => one.address === other.address).length : 0
    // With shares that differ by one, the two would only take turns.
    if (!other || !(isSignedIn || itsShare > ofAddress + 1)) throw full()
    sendAway(other)
  }

  const sendAway = (listener: Listener) => {
    listeners.delete(listener)
    listener.end('later')
  }

  return {
    ready: connection.ready,
    open: traced(spanName.liveOpen, async (address, recognise, stream) => {
      if (closed || !connection.isHearing()) throw unavailable()
      const recognised = await recognise()
      const user = recognised?.user.uuid ?? null
      const session = recognised?.sessionUuid ?? null
      annotateUser(user)
      if (closed) throw unavailable()
      if (session !== null && ended.has(session)) throw unauthenticated()
      makeRoom({ address, session, user })
      const listener = { ...stream, address, session, user }
      listeners.add(listener)
      annotate({ [attr.liveListeners]: listeners.size })
      log.info('somebody listens', { listeners: listeners.size })
      stream.begin()
      return { leave: () => void listeners.delete(listener) }
    }),
    close: async () => {
      closed = true
      for (const timer of timers) clearInterval(timer)
      clearTimeout(flood)
      for (const { end } of listeners) end('soon')
      listeners.clear()
      await connection.close()
    },
  }
}

const tooMany = () => tooManyRequests('Too many streams are open.', comeBackSeconds)
const full = () =>
  new AppError('unavailable', 'Too many listen just now. Try again shortly.', { retryAfterSeconds: comeBackSeconds })

const noteIn = (payload: string): LiveNote | null => {
  try {
    return z.parse(LiveNote, JSON.parse(payload))
  } catch {
    return null
  }
}

const concerns = (note: LiveNote, { user, session }: Listener): boolean => {
  switch (note.kind) {
    case 'message':
      return user === note.by || user === note.to
    case 'message-read':
    case 'notifications':
      return user === note.user_uuid
    case 'sessions-ended':
      return session !== null && note.session_uuids.includes(session)
    default:
      return true
  }
}

/** The address with the most streams among those that have an anonymous one. */
const greediest = (listeners: Iterable<Listener>): string | undefined => {
  const shares = [...Map.groupBy(listeners, ({ address }) => address)]
    .filter(([, streams]) => streams.some(({ user }) => user === null))
    .sort(([, one], [, other]) => other.length - one.length)
  return shares[0]?.[0]
}

const uuidsOf = (rows: { uuid: string }[]): Set<string> => new Set(rows.map(({ uuid }) => uuid))
const nobody: ReadonlySet<string> = new Set()

const followersOf = async (author: string, listeners: Listener[]): Promise<ReadonlySet<string>> => {
  const people = new Set(listeners.flatMap(({ user }) => (user === null || user === author ? [] : [user])))
  return people.size === 0 ? nobody : uuidsOf(await selectFollowersAmong(author, [...people]))
}

type Told = Exclude<LiveNote, { kind: 'sessions-ended' }>

const eventFor = (note: Told, listener: string | null, followers: ReadonlySet<string>): LiveEvent => {
  const { kind } = note
  switch (kind) {
    case 'activity': {
      const { uuid, handle, reply_to_activity_uuid } = note
      const mine = listener === note.user_uuid
      // A feed has no replies of its own.
      const following = reply_to_activity_uuid === null && (mine || (listener !== null && followers.has(listener)))
      return { kind, uuid, handle, reply_to_activity_uuid, following, mine }
    }
    case 'counts': {
      const { uuid, likes_count, replies_count, reposts_count } = note
      const mine = listener !== null && listener === note.by
      const { liked, reposted } = mine ? note : { liked: null, reposted: null }
      return { kind, uuid, likes_count, replies_count, reposts_count, liked, reposted }
    }
    case 'message':
      return { kind, message_group_uuid: note.message_group_uuid, mine: listener === note.by }
    case 'message-read':
      return { kind, message_group_uuid: note.message_group_uuid }
    case 'notifications':
      return { kind }
    case 'gone':
      return { kind, uuid: note.uuid }
    case 'profile':
      return { kind, handle: note.handle }
    case 'followers': {
      const { handle, followers_count, by, followed } = note
      return { kind, handle, followers_count, followed: listener === by ? followed : null }
    }
  }
}
