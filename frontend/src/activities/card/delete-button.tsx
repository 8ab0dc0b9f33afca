import { deleteActivity, type Reply } from '@cruddur/shared/activities'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { isApiError, traceIdOf } from '../../api/api-error.ts'
import { call } from '../../api/call.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { useCurrentUser } from '../../ui/current-user.ts'
import { Icon } from '../../ui/icons.tsx'
import { ErrorLine } from '../../ui/trouble.tsx'
import { counted } from '../activity-words.ts'
import { removeActivity } from '../cache/activity-cache.ts'

export const DeleteButton = ({ activity }: { activity: Reply }) => {
  const { uuid, reply_to_activity_uuid: parent, replies_count } = activity
  const queries = useQueryClient()
  const { afterSigningInAgain } = useCurrentUser()
  const [isAsking, setAsking] = useState(false)

  const close = () => setAsking(false)
  const remove = useMutation({
    mutationFn: () => call(deleteActivity, { uuid }).catch(unlessGone),
    onSuccess: () => {
      close()
      removeActivity(queries, uuid)
    },
    onError: (error) => {
      if (isApiError(error, 'unauthenticated')) afterSigningInAgain(() => remove.mutate())
    },
  })

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
        isBusy={remove.isPending}
        error={
          remove.error &&
          !isApiError(remove.error, 'unauthenticated') && (
            <ErrorLine traceId={traceIdOf(remove.error)}>Not deleted: {remove.error.message}</ErrorLine>
          )
        }
        onConfirm={() => remove.mutate()}
        onClose={close}
      >
        {replies_count > 0
          ? `This also deletes ${counted(replies_count, 'reply', 'replies')}. It cannot be undone.`
          : 'This cannot be undone.'}
      </Confirm>
    </>
  )
}

const unlessGone = (error: unknown): void => {
  if (!isApiError(error, 'not_found')) throw error
}
