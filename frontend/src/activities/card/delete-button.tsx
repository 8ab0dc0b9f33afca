import { deleteActivity, type Reply } from '@cruddur/shared/activities'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { isApiError, traceIdOf } from '../../api/api-error.ts'
import { call } from '../../api/call.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { useCurrentUser } from '../../ui/current-user.ts'
import { Icon } from '../../ui/icons.tsx'
import { ErrorLine } from '../../ui/trouble.tsx'
import { counted } from '../activity-words.ts'
import { countReply, knownActivity, removeActivity } from '../cache/activity-cache.ts'

/** For whoever wrote it. */
export const DeleteButton = ({ activity }: { activity: Reply }) => {
  const { uuid, reply_to_activity_uuid: parent, replies_count } = activity
  const queries = useQueryClient()
  const { afterSigningInAgain } = useCurrentUser()
  const [isAsking, setAsking] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<Error | null>(null)

  const isDone = () => {
    setAsking(false)
    removeActivity(queries, uuid)
  }

  const remove = async (): Promise<void> => {
    const repliesBefore = parent ? knownActivity(queries, parent)?.replies_count : undefined
    setBusy(true)
    setError(null)
    try {
      await call(deleteActivity, { uuid })
      isDone()
      if (parent) countReply(queries, parent, repliesBefore, -1)
    } catch (failure) {
      if (isApiError(failure, 'not_found')) isDone()
      else if (isApiError(failure, 'unauthenticated')) afterSigningInAgain(() => void remove())
      else setError(failure as Error)
    } finally {
      setBusy(false)
    }
  }

  return (
    <>
      <button
        type="button"
        className="mark delete"
        data-trace="ask delete"
        aria-haspopup="dialog"
        aria-label="Delete your crud"
        title="Delete"
        onClick={() => setAsking(true)}
      >
        <Icon name="trash" size={18} />
      </button>
      <Confirm
        title={parent ? 'Delete this reply?' : 'Delete this crud?'}
        action="Delete"
        trace="delete"
        isOpen={isAsking}
        isBusy={isBusy}
        isDangerous
        error={error && <ErrorLine traceId={traceIdOf(error)}>Not deleted: {error.message}</ErrorLine>}
        onConfirm={() => void remove()}
        onClose={() => setAsking(false)}
      >
        {replies_count > 0 && `This also deletes ${counted(replies_count, 'reply', 'replies')}. `}You cannot undo this.
      </Confirm>
    </>
  )
}
