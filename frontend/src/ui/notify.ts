import { createContext, useContext } from 'react'

/** A sentence that an action owes its user; `traceId` finds what happened. */
export type Notice = { sentence: string; traceId: string | null }

export const NotifyContext = createContext<(notice: Notice) => void>(() => {})

export const useNotify = () => useContext(NotifyContext)
