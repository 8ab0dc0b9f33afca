import { actAs, eraseAccount, readSession, type Session, signIn, signOut, signUp } from '@cruddur/shared/session'
import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useLayoutEffect, useRef } from 'react'
import { isApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { currentCause, inBackground, setUser } from '../telemetry/index.ts'
import { tellSignOut } from '../ui/current-user.ts'
import { type Change, onChangeElsewhere, tellTabs } from './session-channel.ts'
import { forgetFormerUser, switchUser } from './switch-user.ts'

const sessionQuery = queryOptions({
  queryKey: queryKeys.session,
  queryFn: ({ signal }) => call(readSession, {}, { signal }),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  meta: { isSameForAll: true },
})

export const prefetchSession = (queries: QueryClient): Promise<void> => queries.prefetchQuery(sessionQuery)

export const useSession = () => {
  const queries = useQueryClient()
  // Before the page fetches its feed: a feed that comes first would be drawn twice.
  useLayoutEffect(() => void prefetchSession(queries), [queries])
  return useQuery(sessionQuery)
}

/** Used once in the page. Keeps everything on the page in step with the signed-in user. */
export const useFollowSession = (userId: string | null | undefined): void => {
  const queries = useQueryClient()
  const former = useRef<string | null | undefined>(undefined)

  useEffect(() => {
    if (userId === undefined) return
    setUser(userId)
    const isOther = former.current !== undefined && former.current !== userId
    former.current = userId
    if (isOther) forgetFormerUser(queries)
  }, [userId, queries])

  useEffect(
    () =>
      onChangeElsewhere((change) =>
        inBackground('sync session', () => follow(queries, change), { causes: [change.cause] }),
      ),
    [queries],
  )

  // A 401 for a signed-in user means that the session ended elsewhere.
  useEffect(
    () =>
      queries.getQueryCache().subscribe((event) => {
        if (event.type !== 'updated' || event.action.type !== 'error') return
        if (!isApiError(event.action.error, 'unauthenticated')) return
        if (queries.getQueryData<Session>(queryKeys.session)?.user)
          void queries.invalidateQueries({ queryKey: queryKeys.session })
      }),
    [queries],
  )
}

const follow = (queries: QueryClient, { session, signedOut }: Change): void => {
  if (signedOut) tellSignOut(signedOut)
  switchUser(queries, session)
}

/** Runs `onDone` here, because `mutate` skips an `onSuccess` of its own when the form has left the page. */
const useSessionChange = <Input>(change: (input: Input) => Promise<Session>, onDone?: () => void) => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: change,
    // A live event may end the session on the page before the answer comes.
    onMutate: () => queries.getQueryData<Session>(queryKeys.session)?.user?.uuid ?? null,
    onSuccess: (session, _input, former) => {
      setUser(session.user?.uuid ?? null)
      const changed = { session, signedOut: session.user ? null : former, cause: currentCause() }
      follow(queries, changed)
      tellTabs(changed)
      onDone?.()
    },
  })
}

export const useActAs = (onDone: () => void) => useSessionChange((handle: string) => call(actAs, { handle }), onDone)

type SignIn = { handle: string; password: string }
export const useSignIn = (onDone: () => void) => useSessionChange((input: SignIn) => call(signIn, input), onDone)

type SignUp = SignIn & { display_name: string; email: string }
export const useSignUp = (onDone: () => void) => useSessionChange((input: SignUp) => call(signUp, input), onDone)

export const useSignOut = () => useSessionChange((_: undefined) => call(signOut, {}))

export const useEraseAccount = (onDone: () => void) =>
  useSessionChange((input: { current_password: string }) => call(eraseAccount, input), onDone)
