import type { UserShort } from '@cruddur/shared/users'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react'
import { ActAsDialog } from './act-as-dialog.tsx'
import { useSession } from './use-session.ts'

type Actor = {
  user: UserShort | null
  people: readonly UserShort[]
  isKnown: boolean
  /** Opens the chooser. */
  choose: () => void
  /** Does it at once when somebody acts; asks who, and does it then, when nobody does. */
  asSomebody: (action: () => void) => void
  /** The session that we believed in is over: asks again, and does it then. */
  asSomebodyElse: (action: () => void) => void
}

const ActorContext = createContext<Actor | null>(null)

export const useActor = (): Actor => {
  const actor = useContext(ActorContext)
  if (!actor) throw new Error('useActor outside of ActorProvider')
  return actor
}

export const ActorProvider = ({ children }: { children: ReactNode }) => {
  const session = useSession()
  const [isChoosing, setChoosing] = useState(false)
  const waiting = useRef<(() => void) | null>(null)
  const user = session.data?.user ?? null
  const people = session.data?.people

  const ask = useCallback((action: (() => void) | null) => {
    waiting.current = action
    setChoosing(true)
  }, [])

  const close = useCallback(() => {
    waiting.current = null
    setChoosing(false)
  }, [])

  const actor = useMemo<Actor>(
    () => ({
      user,
      people: people ?? [],
      isKnown: people !== undefined,
      choose: () => ask(null),
      asSomebody: (action) => (user ? action() : ask(action)),
      asSomebodyElse: ask,
    }),
    [user, people, ask],
  )

  return (
    <ActorContext value={actor}>
      {children}
      <ActAsDialog
        session={session}
        isOpen={isChoosing}
        isForAction={waiting.current !== null}
        onClose={close}
        onChosen={() => {
          const action = waiting.current
          close()
          action?.()
        }}
      />
    </ActorContext>
  )
}
