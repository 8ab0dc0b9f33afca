import type { UserShort } from '@cruddur/shared/users'
import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import { traceIdOf } from '../api/api-error.ts'
import { queryKeys } from '../api/query-keys.ts'
import { type CurrentUser, CurrentUserContext } from '../ui/current-user.ts'
import { useNotify } from '../ui/notify.ts'
import { SignInDialog } from './sign-in-dialog.tsx'
import { useFollowSession, useSession, useSignOut } from './use-session.ts'

type Account = CurrentUser & {
  /** The demo people. Every visitor can act as any of them. */
  people: readonly UserShort[]
  openSignIn: () => void
  signOut: () => void
}

const AccountContext = createContext<Account | null>(null)

export const useAccount = (): Account => {
  const account = useContext(AccountContext)
  if (!account) throw new Error('useAccount outside of AccountProvider')
  return account
}

type SignInRequest = { action: (() => void) | null }

const noPeople: readonly UserShort[] = []

export const AccountProvider = ({ children }: { children: ReactNode }) => {
  const queries = useQueryClient()
  const notify = useNotify()
  const session = useSession()
  const [request, setRequest] = useState<SignInRequest | null>(null)
  const { data, refetch } = session
  const user = data?.user ?? null
  const isKnown = data !== undefined
  const people = data?.people ?? noPeople
  useFollowSession(data && (data.user?.uuid ?? null))

  const { mutate: sendSignOut } = useSignOut()
  const signOut = useCallback(
    () =>
      sendSignOut(undefined, {
        onError: (error) =>
          notify({
            sentence: `You are still signed in: ${error.message}`,
            traceId: traceIdOf(error),
          }),
      }),
    [sendSignOut, notify],
  )

  const currentUser = useMemo<CurrentUser>(
    () => ({
      user,
      isKnown,
      whenSignedIn: (action) => {
        if (user) return action()
        if (isKnown) return setRequest({ action })
        void refetch({ cancelRefetch: false }).then(({ data }) => (data?.user ? action() : setRequest({ action })))
      },
      afterSigningInAgain: (action) => {
        setRequest({ action })
        void queries.invalidateQueries({ queryKey: queryKeys.session })
      },
    }),
    [user, isKnown, refetch, queries],
  )

  const account = useMemo<Account>(
    () => ({ ...currentUser, people, openSignIn: () => setRequest({ action: null }), signOut }),
    [currentUser, people, signOut],
  )

  return (
    <CurrentUserContext value={currentUser}>
      <AccountContext value={account}>
        {children}
        <SignInDialog
          session={session}
          isOpen={request !== null}
          isForAction={request?.action != null}
          onClose={() => setRequest(null)}
          onDone={() => {
            setRequest(null)
            request?.action?.()
          }}
        />
      </AccountContext>
    </CurrentUserContext>
  )
}
