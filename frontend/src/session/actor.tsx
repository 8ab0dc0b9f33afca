import type { UserShort } from '@cruddur/shared/users'
import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { type Acting, ActingContext } from '../ui/acting.ts'
import { useNotify } from '../ui/notify.ts'
import { AskDialog } from './ask-dialog.tsx'
import { sessionKey } from './identity.ts'
import { useOneIdentity, useSession, useSignOut } from './use-session.ts'

type Actor = Acting & {
  /** Whom anybody may act as. */
  people: readonly UserShort[]
  /** Opens the chooser. */
  choose: () => void
  signOut: () => void
}

const ActorContext = createContext<Actor | null>(null)

export const useActor = (): Actor => {
  const actor = useContext(ActorContext)
  if (!actor) throw new Error('useActor outside of ActorProvider')
  return actor
}

type Question = { waiting: (() => void) | null }

const nobody: readonly UserShort[] = []

export const ActorProvider = ({ children }: { children: ReactNode }) => {
  const queries = useQueryClient()
  const notify = useNotify()
  const session = useSession()
  const [question, setQuestion] = useState<Question | null>(null)
  const { data, refetch } = session
  const user = data?.user ?? null
  const isKnown = data !== undefined
  const people = data?.people ?? nobody
  useOneIdentity(data && (data.user?.uuid ?? null))

  const { mutate: sendSignOut } = useSignOut()
  const signOut = useCallback(
    () =>
      sendSignOut(undefined, {
        onError: (error) =>
          notify({
            sentence: `You are still signed in: ${error.message}`,
            traceId: error instanceof ApiError ? error.traceId : null,
          }),
      }),
    [sendSignOut, notify],
  )

  const acting = useMemo<Acting>(
    () => ({
      user,
      isKnown,
      asSomebody: (action) => {
        if (user) return action()
        if (isKnown) return setQuestion({ waiting: action })
        // Asked before the page knew who acts: the answer decides.
        void refetch({ cancelRefetch: false }).then(({ data }) =>
          data?.user ? action() : setQuestion({ waiting: action }),
        )
      },
      asSomebodyElse: (action) => {
        setQuestion({ waiting: action })
        void queries.invalidateQueries({ queryKey: sessionKey })
      },
    }),
    [user, isKnown, refetch, queries],
  )

  const actor = useMemo<Actor>(
    () => ({ ...acting, people, choose: () => setQuestion({ waiting: null }), signOut }),
    [acting, people, signOut],
  )

  return (
    <ActingContext value={acting}>
      <ActorContext value={actor}>
        {children}
        <AskDialog
          session={session}
          isOpen={question !== null}
          isForAction={question?.waiting != null}
          onClose={() => setQuestion(null)}
          onDone={() => {
            setQuestion(null)
            question?.waiting?.()
          }}
        />
      </ActorContext>
    </ActingContext>
  )
}
