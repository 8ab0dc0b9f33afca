import { type MutationOptions, type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query'
import { useCallback, useSyncExternalStore } from 'react'
import { isApiError, traceIdOf } from '../api/api-error.ts'
import { refusalWords } from '../api/trouble-words.ts'
import { useCurrentUser } from '../ui/current-user.ts'
import { useNotify } from '../ui/notify.ts'

type Request<Answer> = {
  key: readonly string[]
  send: (isOn: boolean) => Promise<Answer>
  onSent: (answer: Answer, isOn: boolean) => void
  onFailed: (error: Error, isOn: boolean) => void
}

/** One request at a time for each key. If several clicks wait for it, only the last one is sent. */
export const toggleOptions = <Answer>(
  queries: QueryClient,
  { key, send, onSent, onFailed }: Request<Answer>,
): MutationOptions<Answer | null, Error, boolean> => {
  const isLast = () => queries.isMutating({ mutationKey: key }) === 1
  return {
    mutationKey: key,
    scope: { id: key.join(' ') },
    mutationFn: async (isOn) => (isLast() ? send(isOn) : null),
    onSuccess: (answer, isOn) => {
      if (answer !== null) onSent(answer, isOn)
    },
    onError: (error, isOn) => {
      if (isLast()) onFailed(error, isOn)
    },
    gcTime: 0,
  }
}

/** The state that the last click asks for, until its answer comes. */
export const wantedState = (queries: QueryClient, key: readonly string[]): boolean | undefined =>
  queries.getMutationCache().findAll({ mutationKey: key, status: 'pending' }).at(-1)?.state.variables as
    | boolean
    | undefined

/** The server's state and count, plus a click that they do not contain yet. */
export const withWanted = (isOn: boolean, count: number, wanted = isOn): { isOn: boolean; count: number } =>
  wanted === isOn ? { isOn, count } : { isOn: wanted, count: Math.max(0, count + (wanted ? 1 : -1)) }

type Toggle<Answer> = Omit<Request<Answer>, 'onFailed'> & {
  isOn: boolean
  count: number
  /** The words after "Could not", for switching on and for switching off. */
  verb: { on: string; off: string }
}

/** A like, a repost or a follow. It is shown at once, and taken back with a notice if it fails. */
export const useToggle = <Answer>({ key, isOn, count, send, onSent, verb }: Toggle<Answer>) => {
  const queries = useQueryClient()
  const notify = useNotify()
  const { whenSignedIn, afterSigningInAgain } = useCurrentUser()
  const wanted = useSyncExternalStore(
    useCallback((listener) => queries.getMutationCache().subscribe(listener), [queries]),
    () => wantedState(queries, key),
  )
  const { mutate } = useMutation(
    toggleOptions(queries, {
      key,
      send,
      onSent,
      onFailed: (error, isOn) => {
        if (isApiError(error, 'unauthenticated')) return afterSigningInAgain(() => mutate(isOn))
        const sentence = `Could not ${isOn ? verb.on : verb.off}: ${refusalWords(error)}`
        notify({ sentence, traceId: traceIdOf(error) })
      },
    }),
  )
  const shown = withWanted(isOn, count, wanted)
  return { ...shown, toggle: () => whenSignedIn(() => mutate(!shown.isOn)) }
}
