import { type Message, sendMessage } from '@cruddur/shared/messages'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, useSyncExternalStore } from 'react'
import { ApiError, isApiError, traceIdOf } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { serverNow } from '../api/server-clock.ts'
import { refusalWords } from '../api/trouble-words.ts'
import { useCurrentUser } from '../ui/current-user.ts'
import { type UnsentMessage, UnsentMessages } from './unsent-messages.ts'

const longestSendMs = 20_000
const stores = new WeakMap<QueryClient, UnsentMessages>()

const useStore = (): UnsentMessages => {
  const queries = useQueryClient()
  const store = stores.get(queries) ?? new UnsentMessages(() => sessionStorage)
  stores.set(queries, store)
  return store
}

/** Not `randomUUID`, which is missing where a page is served on plain http. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

const reason = (error: unknown): string => {
  if (error instanceof ApiError && error.fields.message) return error.fields.message
  if (isApiError(error, 'not_found')) return 'the conversation is no longer there.'
  return refusalWords(error)
}

const nobody = ''

export const useUnsent = (place: string, onSent: (sent: Message) => void) => {
  const store = useStore()
  const { user, afterSigningInAgain } = useCurrentUser()
  const author = user?.uuid ?? nobody
  const unsent = useSyncExternalStore(
    store.listen,
    useCallback(() => store.at(author, place), [store, author, place]),
  )

  const deliver = async (given: UnsentMessage): Promise<void> => {
    const unsent: UnsentMessage = { ...given, state: 'sending', sentence: null, traceId: null }
    const { message, key } = unsent
    const to = place.startsWith('@') ? { handle: place.slice(1) } : { message_group_uuid: place }
    store.keep(unsent)
    await store.inLine(place, async () => {
      try {
        const signal = AbortSignal.timeout(longestSendMs)
        const sent = await call(sendMessage, { message, ...to }, { idempotencyKey: key, signal })
        onSent(sent)
        store.forget(key)
      } catch (error) {
        const traceId = traceIdOf(error)
        // The key was used for something else: the next try is another message.
        if (isApiError(error, 'conflict')) store.forget(key)
        const nextKey = isApiError(error, 'conflict') ? newKey() : key
        store.keep({ ...unsent, key: nextKey, state: 'failed', sentence: reason(error), traceId })
        // Whoever signs in may be somebody else: it waits for another click.
        if (isApiError(error, 'unauthenticated')) afterSigningInAgain(() => {})
      }
    })
  }

  return {
    unsent,
    write: (message: string) =>
      void deliver({
        ...{ key: newKey(), author, place, message, writtenAt: serverNow() },
        ...{ state: 'sending', sentence: null, traceId: null },
      }),
    tryAgain: (unsent: UnsentMessage) => void deliver({ ...unsent, writtenAt: serverNow() }),
    discard: (unsent: UnsentMessage) => store.forget(unsent.key),
    move: (to: string) => store.move(author, place, to),
  }
}

export const useMessageDraft = (place: string) => {
  const store = useStore()
  const author = useCurrentUser().user?.uuid ?? nobody
  const [draft, setDraft] = useState(() => store.draft(author, place))
  const change = (text: string) => {
    setDraft(text)
    store.setDraft(author, place, text)
  }
  return [draft, change] as const
}
