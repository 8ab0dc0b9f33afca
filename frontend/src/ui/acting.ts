import { createContext, useContext } from 'react'

/** Who acts. A feature says what is to be done; whether somebody must sign in first is not its affair. */
export type Acting = {
  readonly user: { readonly uuid: string; readonly handle: string; readonly display_name: string } | null
  /** False until the server has said who acts. */
  readonly isKnown: boolean
  /** Does it at once when somebody acts; asks who, and does it then, when nobody does. */
  readonly asSomebody: (action: () => void) => void
  /** The session that we believed in is over: asks again, and does it then. */
  readonly asSomebodyElse: (action: () => void) => void
}

export const ActingContext = createContext<Acting | null>(null)

export const useActing = (): Acting => {
  const acting = useContext(ActingContext)
  if (!acting) throw new Error('useActing outside of ActingContext')
  return acting
}
