import { actAs, readSession, type Session, signOut } from '@cruddur/shared/session'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { call } from '../api/call.ts'
import { setUser } from '../telemetry/index.ts'

const sessionKey = ['session']

export const useSession = () => {
  const session = useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => call(readSession, {}, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    meta: { isSameForAll: true },
  })
  const userId = session.data?.user?.uuid ?? null
  useEffect(() => setUser(userId), [userId])
  return session
}

/** Another person likes other cruds: whatever was read for the one before is read anew. */
const useSessionChange = (change: (handle: string) => Promise<Session>) => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: (session) => {
      setUser(session.user?.uuid ?? null)
      queries.setQueryData(sessionKey, session)
      void queries.invalidateQueries({ predicate: ({ meta }) => !meta?.isSameForAll })
    },
  })
}

export const useActAs = () => useSessionChange((handle) => call(actAs, { handle }))
export const useActAsNobody = () => useSessionChange(() => call(signOut, {}))
