import { createContext, useContext } from 'react'

/** Tells the user that an action failed. */
export type Notice = { sentence: string; traceId: string | null }

export const NotifyContext = createContext<(notice: Notice) => void>(() => {})

export const useNotify = () => useContext(NotifyContext)
