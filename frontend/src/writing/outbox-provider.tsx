import { Activity, createActivity, type Reply, replyToActivity, type Ttl } from '@cruddur/shared/activities'
import { readSession, type Session } from '@cruddur/shared/session'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react'
import * as z from 'zod/mini'
import { addActivity, countReply, knownActivity } from '../activities/cache/activity-cache.ts'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { withInteraction } from '../telemetry/index.ts'
import { useCurrentUser } from '../ui/current-user.ts'
import { type Draft, Drafts, type Place } from './drafts.ts'
import { verdictOn } from './failure.ts'
import { alone } from './lock.ts'
import { isOutboxName, Outbox, placeOf, type Unsent } from './outbox.ts'
import { SafeStorage } from './safe-storage.ts'

type Writing = { outbox: Outbox; drafts: Drafts }

const OutboxContext = createContext<Writing | null>(null)

const longestSendMs = 30_000
const whoActsNow = (queries: QueryClient): string | null =>
  queries.getQueryData<Session>(queryKeys.session)?.user?.uuid ?? null

/** Another tab may have signed in as somebody else meanwhile: then this page learns of it, too. */
const askWhoActs = async (queries: QueryClient): Promise<string | null> => {
  const session = await call(readSession, {})
  const known = session.user?.uuid ?? null
  if (known !== whoActsNow(queries)) queries.setQueryData(queryKeys.session, session)
  return known
}

const sent = 'cruddur-sent'

/** The other tabs have nothing to wait for, either. */
const tellTabs = (activity: Activity): void => {
  if (typeof BroadcastChannel === 'undefined') return
  const tabs = new BroadcastChannel(sent)
  tabs.postMessage(activity)
  tabs.close()
}

const hearTabs = (queries: QueryClient): (() => void) => {
  if (typeof BroadcastChannel === 'undefined') return () => {}
  const tabs = new BroadcastChannel(sent)
  tabs.onmessage = ({ data }) => {
    const activity = z.safeParse(Activity, data)
    if (activity.success) addActivity(queries, activity.data)
  }
  return () => tabs.close()
}

const deliver = async (queries: QueryClient, { key, message, ttl, replyTo }: Unsent): Promise<void> => {
  const options = { idempotencyKey: key, signal: AbortSignal.timeout(longestSendMs) }
  const repliesBefore = replyTo && knownActivity(queries, replyTo.uuid)?.replies_count
  const activity = replyTo
    ? await call(replyToActivity, { uuid: replyTo.uuid, message }, options)
    : await call(createActivity, { message, ttl }, options)
  addActivity(queries, activity)
  if (replyTo) countReply(queries, replyTo.uuid, repliesBefore ?? undefined, 1)
  tellTabs(activity)
}

/** Not `randomUUID`, which is missing where a page is served on plain http. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

const openWriting = (queries: QueryClient): Writing => {
  const storage = new SafeStorage(() => localStorage)
  return {
    drafts: new Drafts({ storage }),
    outbox: new Outbox({
      storage,
      send: (unsent) => deliver(queries, unsent),
      judge: verdictOn,
      whoActs: () => askWhoActs(queries),
      alone,
      newKey,
    }),
  }
}

/** What is being written, and what has been written and not sent. */
export const OutboxProvider = ({ children }: { children: ReactNode }) => {
  const queries = useQueryClient()
  const [writing] = useState(() => openWriting(queries))
  const { outbox, drafts } = writing
  const { user } = useCurrentUser()
  const author = user?.uuid ?? null
  const unsent = useUnsentOf(outbox, author)

  useEffect(() => drafts.forgetOld(), [drafts])
  useEffect(() => hearTabs(queries), [queries])

  useEffect(() => {
    const hear = ({ key }: StorageEvent) => {
      if (isOutboxName(key)) outbox.reload()
    }
    window.addEventListener('storage', hear)
    return () => window.removeEventListener('storage', hear)
  }, [outbox])

  // On load, whenever somebody begins to act, and when the connection is back.
  useEffect(() => {
    if (!author) return
    drafts.adopt(author)
    const send = () => void sendWaiting(outbox, author)
    send()
    window.addEventListener('online', send)
    return () => window.removeEventListener('online', send)
  }, [outbox, drafts, author])

  // biome-ignore lint/correctness/useExhaustiveDependencies: every change may have changed the time of the next try.
  useEffect(() => {
    const at = author && navigator.onLine ? outbox.nextTryAt(author) : null
    if (!author || at === null) return
    const timer = setTimeout(() => void sendWaiting(outbox, author), Math.max(0, at - Date.now()))
    return () => clearTimeout(timer)
  }, [outbox, author, unsent])

  return <OutboxContext value={writing}>{children}</OutboxContext>
}

/** Nobody clicked: each is a trace of its own. */
const sendWaiting = (outbox: Outbox, author: string): Promise<void> =>
  outbox.sendWaiting(author, (send) => withInteraction('outbox send waiting', send))

const none: readonly Unsent[] = []

const useUnsentOf = (outbox: Outbox, author: string | null): readonly Unsent[] =>
  useSyncExternalStore(
    outbox.listen,
    useCallback(() => (author ? outbox.of(author) : none), [outbox, author]),
  )

const useWriting = (): Writing => {
  const writing = useContext(OutboxContext)
  if (!writing) throw new Error('the outbox outside of OutboxProvider')
  return writing
}

/** All that whoever acts has not sent yet. */
export const useUnsent = (): readonly Unsent[] => useUnsentOf(useWriting().outbox, useCurrentUser().user?.uuid ?? null)

/** What was written at one place and has not been sent yet. */
export const useUnsentAt = (place: Place): readonly Unsent[] => {
  const { outbox } = useWriting()
  const author = useCurrentUser().user?.uuid ?? null
  return useSyncExternalStore(
    outbox.listen,
    useCallback(() => (author ? outbox.at(author, place) : none), [outbox, author, place]),
  )
}

export const useDraft = (place: Place): [Draft, (draft: Draft) => void] => {
  const { drafts } = useWriting()
  const who = useCurrentUser().user?.uuid ?? null
  const draft = useSyncExternalStore(
    drafts.listen,
    useCallback(() => drafts.get(who, place), [drafts, who, place]),
  )
  return [draft, useCallback((changed) => drafts.set(who, place, changed), [drafts, who, place])]
}

type Written = { message: string; ttl: Ttl; key: string | null; replyTo: Pick<Reply, 'uuid' | 'handle'> | null }

export const useOutbox = () => {
  const queries = useQueryClient()
  const { outbox, drafts } = useWriting()
  const { whenSignedIn, afterSigningInAgain } = useCurrentUser()

  return useMemo(() => {
    const send = async (key: string, isSeen: boolean): Promise<void> => {
      const outcome = await outbox.send(key, { isSeen })
      if (outcome === 'signed-out') afterSigningInAgain(() => void send(key, false))
    }

    return {
      /** Shows at once, and is sent; `whenKept` runs when it is safe to forget it here. */
      write: ({ replyTo, ...written }: Written, whenKept: () => void): void =>
        whenSignedIn(() => {
          const author = whoActsNow(queries)
          if (!author) return
          const to = replyTo && { uuid: replyTo.uuid, handle: replyTo.handle }
          const place = placeOf({ replyTo: to })
          const key = outbox.add({ ...written, replyTo: to, author })
          drafts.clear(null, place)
          drafts.clear(author, place)
          whenKept()
          void send(key, true)
        }),

      tryNow: (key: string): void => void send(key, false),

      cameBack: outbox.cameBack,

      /** Back to where it was written; false when it is too late for that. */
      takeBack: ({ key, author, replyTo }: Unsent): boolean => {
        const taken = outbox.take(key)
        if (!taken) return false
        const { message, ttl, state, sentence, traceId } = taken
        const refusal = state === 'refused' && sentence ? { sentence, traceId } : null
        drafts.giveBack(author, placeOf({ replyTo }), { message, ttl, key, refusal })
        return true
      },

      discard: (key: string): void => void outbox.take(key),
    }
  }, [queries, outbox, drafts, whenSignedIn, afterSigningInAgain])
}
