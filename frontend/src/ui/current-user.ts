import { createContext, useContext } from 'react'

export type CurrentUser = {
  readonly user: { readonly uuid: string; readonly handle: string; readonly display_name: string } | null
  /** False until the server has answered. */
  readonly isKnown: boolean
  /** Runs the action at once for a signed-in user, otherwise after signing in. */
  readonly whenSignedIn: (action: () => void) => void
  /** Used when the server has ended the session: asks the user to sign in, then runs the action. */
  readonly afterSigningInAgain: (action: () => void) => void
}

export const CurrentUserContext = createContext<CurrentUser | null>(null)

export const useCurrentUser = (): CurrentUser => {
  const currentUser = useContext(CurrentUserContext)
  if (!currentUser) throw new Error('useCurrentUser outside of CurrentUserContext')
  return currentUser
}

type SignOutListener = (uuid: string) => void
const signOutListeners = new Set<SignOutListener>()

/**
 * The listener runs when a user signs out, in this tab or another, but not when a session ends by itself, which may go
 * on later.
 */
export const onSignOut = (listener: SignOutListener): (() => void) => {
  signOutListeners.add(listener)
  return () => signOutListeners.delete(listener)
}

export const tellSignOut: SignOutListener = (uuid) => {
  for (const listener of signOutListeners) listener(uuid)
}
