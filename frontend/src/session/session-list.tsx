import { endOtherSessions, endSession, listSessions, type Sessions } from '@cruddur/shared/session'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { traceIdOf } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { troubleOf } from '../api/trouble-words.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Icon } from '../ui/icons.tsx'
import { useNotify } from '../ui/notify.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { TimeAgo } from '../ui/times.tsx'
import { Trouble } from '../ui/trouble.tsx'

const useEndSessions = <Input,>(change: (input: Input) => Promise<Sessions>, onSuccess?: () => void) => {
  const queries = useQueryClient()
  const notify = useNotify()
  return useMutation({
    mutationFn: change,
    onSuccess: (sessions) => {
      queries.setQueryData(queryKeys.sessions, sessions)
      onSuccess?.()
    },
    onError: (error) =>
      notify({
        traceId: traceIdOf(error),
        sentence: `Not signed out: ${error.message}`,
      }),
  })
}

export const SessionList = () => {
  const sessions = useQuery({
    queryKey: queryKeys.sessions,
    queryFn: ({ signal }) => call(listSessions, {}, { signal }),
    staleTime: 0,
  })
  if (sessions.isPending) return <Skeleton shape="line" count={2} label="Loading your sessions" />
  if (!sessions.data) return <Trouble {...troubleOf('your sessions', sessions)} />
  return <SessionLines sessions={sessions.data.sessions} />
}

const SessionLines = ({ sessions }: Sessions) => {
  const [isAsking, setAsking] = useState(false)
  const end = useEndSessions((uuid: string) => call(endSession, { uuid }))
  const endOthers = useEndSessions(
    (_: undefined) => call(endOtherSessions, {}),
    () => setAsking(false),
  )
  const others = sessions.length - 1
  return (
    <>
      <ul className="card session-list">
        {sessions.map(({ uuid, client, created_at, last_seen_at, current }) => (
          <li key={uuid} className="line">
            <span className="session-icon">
              <Icon name="device" size={24} />
            </span>
            <span className="person-name">
              <strong>{client}</strong>
              <span className="hint">
                Signed in <TimeAgo at={created_at} /> · seen <TimeAgo at={last_seen_at} />
              </span>
            </span>
            {current ? (
              <span className="session-here">This one</span>
            ) : (
              <button
                type="button"
                className="button button-quiet button-small"
                data-trace="sign out there"
                aria-label={`Sign out there: ${client}`}
                aria-disabled={end.isPending}
                onClick={() => !end.isPending && end.mutate(uuid)}
              >
                Sign out
              </button>
            )}
          </li>
        ))}
      </ul>
      {others > 0 && (
        <button
          type="button"
          className="button button-danger"
          data-trace="ask sign out elsewhere"
          aria-haspopup="dialog"
          onClick={() => setAsking(true)}
        >
          Sign out everywhere else
        </button>
      )}
      <Confirm
        title="Sign out everywhere else?"
        action="Sign out elsewhere"
        trace="sign out elsewhere"
        isOpen={isAsking}
        isBusy={endOthers.isPending}
        onConfirm={() => endOthers.mutate(undefined)}
        onClose={() => setAsking(false)}
      >
        {others === 1 ? 'One other session ends' : `${others} other sessions end`} at once. You stay signed in here.
      </Confirm>
    </>
  )
}
