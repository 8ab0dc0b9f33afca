import { readSession, type Session } from '@cruddur/shared/session'
import { tidied } from '@cruddur/shared/text'
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
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { serverNow } from '../api/server-clock.ts'
import { withInteraction } from '../telemetry/index.ts'
import { onSignOut, useCurrentUser } from '../ui/current-user.ts'
import { type Draft, Drafts } from './drafts.ts'
import { failureOf } from './failure.ts'
import { lock } from './lock.ts'
import { isOutboxName, Outbox, type Place, placeOf, type Target, type Unsent } from './outbox.ts'
import { SafeStorage } from './safe-storage.ts'

type Writing = { outbox: Outbox; drafts: Drafts }

const WritingContext = createContext<Writing | null>(null)

type TargetOf<Kind> = Extract<Target, { kind: Kind }>

type Delivery<Kind = Target['kind'], Sent = unknown> = {
  answer: z.ZodMiniType<Sent>
  send: (
    target: TargetOf<Kind>,
    message: string,
    options: { idempotencyKey: string; signal: AbortSignal },
  ) => Promise<Sent>
  /** Runs in every tab. */
  show: (queries: QueryClient, sent: Sent, target: TargetOf<Kind>) => void
}

/** How a feature sends its texts. The outbox itself knows neither the kind nor the answer. */
export const delivery = <Kind extends Target['kind'], Sent>(given: Delivery<Kind, Sent>) => given as unknown as Delivery

type Deliveries = Readonly<Record<Target['kind'], Delivery>>

const longestSendMs = 30_000
const channelName = 'cruddur-sent'

const knownUser = (queries: QueryClient): string | null =>
  queries.getQueryData<Session>(queryKeys.session)?.user?.uuid ?? null

/** Another tab may have signed in as another user. Then this page changes too. */
const askCurrentUser = async (queries: QueryClient): Promise<string | null> => {
  const session = await call(readSession, {})
  const uuid = session.user?.uuid ?? null
  if (uuid !== knownUser(queries)) queries.setQueryData(queryKeys.session, session)
  return uuid
}

type SentElsewhere = { target: Target; answer: unknown }

const tellTabs = (sent: SentElsewhere): void => {
  if (typeof BroadcastChannel === 'undefined') return
  const tabs = new BroadcastChannel(channelName)
  tabs.postMessage(sent)
  tabs.close()
}

const listenToTabs = (queries: QueryClient, deliveries: Deliveries): (() => void) => {
  if (typeof BroadcastChannel === 'undefined') return () => {}
  const tabs = new BroadcastChannel(channelName)
  tabs.onmessage = ({ data: { target, answer } }: MessageEvent<SentElsewhere>) => {
    const { answer: schema, show } = deliveries[target.kind]
    const sent = z.safeParse(schema, answer)
    if (sent.success) show(queries, sent.data, target)
  }
  return () => tabs.close()
}

const deliver = async (
  queries: QueryClient,
  deliveries: Deliveries,
  { key, target, message }: Unsent,
): Promise<void> => {
  const { send, show } = deliveries[target.kind]
  const answer = await send(target, message, { idempotencyKey: key, signal: AbortSignal.timeout(longestSendMs) })
  show(queries, answer, target)
  tellTabs({ target, answer })
}

/** `crypto.randomUUID` is missing on plain http. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

const openWriting = (queries: QueryClient, deliveries: Deliveries): Writing => {
  const storage = new SafeStorage(() => localStorage)
  return {
    drafts: new Drafts({ storage }),
    outbox: new Outbox({
      storage,
      send: (unsent) => deliver(queries, deliveries, unsent),
      failureOf,
      currentUser: () => askCurrentUser(queries),
      lock,
      newKey,
      now: serverNow,
    }),
  }
}

type Props = { deliveries: Deliveries; children: ReactNode }

/** Holds all texts that are written on this page and not sent yet. */
export const OutboxProvider = ({ deliveries, children }: Props) => {
  const queries = useQueryClient()
  const [writing] = useState(() => openWriting(queries, deliveries))
  const { outbox, drafts } = writing
  const author = useCurrentUser().user?.uuid ?? null
  const unsent = useUnsentOf(outbox, author)

  useEffect(() => drafts.forgetOld(), [drafts])
  useEffect(() => listenToTabs(queries, deliveries), [queries, deliveries])

  // Others may use this browser.
  useEffect(
    () =>
      onSignOut((uuid) => {
        outbox.forget(uuid)
        drafts.forget(uuid)
      }),
    [outbox, drafts],
  )

  useEffect(() => {
    const hear = ({ key }: StorageEvent) => {
      if (isOutboxName(key)) outbox.reload()
    }
    window.addEventListener('storage', hear)
    return () => window.removeEventListener('storage', hear)
  }, [outbox])

  // Sends on load, after signing in, and when the connection is back.
  useEffect(() => {
    if (!author) return
    drafts.adopt(author)
    const send = () => void sendWaiting(outbox, author)
    send()
    window.addEventListener('online', send)
    return () => window.removeEventListener('online', send)
  }, [outbox, drafts, author])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the list may change the time of the next try.
  useEffect(() => {
    const at = author && navigator.onLine ? outbox.nextTryAt(author) : null
    if (!author || at === null) return
    const timer = setTimeout(() => void sendWaiting(outbox, author), Math.max(0, at - serverNow()))
    return () => clearTimeout(timer)
  }, [outbox, author, unsent])

  return <WritingContext value={writing}>{children}</WritingContext>
}

/** No click causes these requests, so each is a trace of its own. */
const sendWaiting = (outbox: Outbox, author: string): Promise<void> =>
  outbox.sendWaiting(author, (send) => withInteraction('outbox send waiting', send))

const nothing: readonly Unsent[] = []

const useUnsentOf = (outbox: Outbox, author: string | null): readonly Unsent[] =>
  useSyncExternalStore(
    outbox.listen,
    useCallback(() => (author ? outbox.of(author) : nothing), [outbox, author]),
  )

const useWritingContext = (): Writing => {
  const writing = useContext(WritingContext)
  if (!writing) throw new Error('useOutbox outside of OutboxProvider')
  return writing
}

/** The texts that the current user has not sent yet, oldest first. */
export const useUnsent = (): readonly Unsent[] =>
  useUnsentOf(useWritingContext().outbox, useCurrentUser().user?.uuid ?? null)

export const useUnsentAt = (place: Place): readonly Unsent[] => {
  const { outbox } = useWritingContext()
  const author = useCurrentUser().user?.uuid ?? null
  return useSyncExternalStore(
    outbox.listen,
    useCallback(() => (author ? outbox.at(author, place) : nothing), [outbox, author, place]),
  )
}

const useDraft = (place: Place): [Draft, (draft: Draft) => void] => {
  const { drafts } = useWritingContext()
  const author = useCurrentUser().user?.uuid ?? null
  const draft = useSyncExternalStore(
    drafts.listen,
    useCallback(() => drafts.get(author, place), [drafts, author, place]),
  )
  return [draft, useCallback((changed) => drafts.set(author, place, changed), [drafts, author, place])]
}

/** The draft of one place, and how to send it. A refused text goes back into the draft once the draft is empty. */
export const useWriting = (place: Place) => {
  const [draft, setDraft] = useDraft(place)
  const { write, takeBack, wasRefusedHere } = useOutbox()
  const refused = useUnsentAt(place).find(wasRefusedHere)
  const isBlank = tidied(draft.message) === ''

  useEffect(() => {
    if (refused && isBlank) takeBack(refused)
  }, [refused, isBlank, takeBack])

  const send = (target: Target, onKept?: () => void) =>
    write({ target, message: tidied(draft.message), key: draft.key }, onKept)
  return { draft, setDraft, send }
}

export const useOutbox = () => {
  const queries = useQueryClient()
  const { outbox, drafts } = useWritingContext()
  const { whenSignedIn, afterSigningInAgain } = useCurrentUser()

  return useMemo(() => {
    const send = async (key: string, isSeen: boolean): Promise<void> => {
      const outcome = await outbox.send(key, { isSeen })
      if (outcome === 'signed-out') afterSigningInAgain(() => void send(key, false))
    }

    return {
      /** Shows the text at once and sends it. `onKept` runs when the composer may forget the text. */
      write: (written: Pick<Unsent, 'target' | 'message'> & { key: string | null }, onKept?: () => void): void =>
        whenSignedIn(() => {
          const author = knownUser(queries)
          if (!author) return
          const key = outbox.add({ ...written, author })
          const place = placeOf(written.target)
          drafts.clear(null, place)
          drafts.clear(author, place)
          onKept?.()
          void send(key, true)
        }),

      tryNow: (key: string): void => void send(key, false),

      wasRefusedHere: outbox.wasRefusedHere,

      /** Moves the text back into its draft. False if the text is already on its way. */
      takeBack: ({ key, author, target }: Unsent): boolean => {
        const taken = outbox.take(key)
        if (!taken) return false
        const { message, state, sentence, traceId } = taken
        const refusal = state === 'refused' && sentence ? { sentence, traceId } : null
        const ttl = target.kind === 'crud' ? target.ttl : null
        drafts.giveBack(author, placeOf(target), { message, key, refusal, ...(ttl && { ttl }) })
        return true
      },

      discard: (key: string): void => void outbox.take(key),
    }
  }, [queries, outbox, drafts, whenSignedIn, afterSigningInAgain])
}
