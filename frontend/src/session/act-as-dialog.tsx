import { ApiError } from '../api/api-error.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { useActAs, useActAsNobody, type useSession } from './use-session.ts'

type Props = {
  session: ReturnType<typeof useSession>
  isOpen: boolean
  /** Somebody is asked for because something is to be done. */
  isForAction: boolean
  onClose: () => void
  onChosen: () => void
}

export const ActAsDialog = ({ session, isOpen, isForAction, onClose, onChosen }: Props) => {
  const actAs = useActAs()
  const actAsNobody = useActAsNobody()
  const isBusy = actAs.isPending || actAsNobody.isPending
  const user = session.data?.user ?? null
  const people = session.data?.people ?? []
  const error = actAs.error ?? actAsNobody.error

  const close = () => {
    actAs.reset()
    actAsNobody.reset()
    onClose()
  }

  return (
    <Dialog title={isForAction ? 'Who does this?' : 'Act as'} isOpen={isOpen} onClose={close}>
      {isForAction && people.length > 0 && <p className="dialog-lead">Choose who acts, and it is done at once.</p>}
      {error && (
        <Trouble title="That did not work" traceId={error instanceof ApiError ? error.traceId : null}>
          {error.message} Choose again.
        </Trouble>
      )}
      <SessionTrouble session={session} />
      {session.data && people.length === 0 && (
        <p className="hint">
          There is nobody to act as here. With <code>DEMO_PEOPLE=true</code> the server seeds three people whom anybody
          may act as.
        </p>
      )}
      <ul className="people">
        {people.map((person) => (
          <li key={person.uuid}>
            <button
              type="button"
              className="person"
              data-trace="act as"
              aria-pressed={person.uuid === user?.uuid}
              aria-disabled={isBusy}
              onClick={() => !isBusy && actAs.mutate(person.handle, { onSuccess: onChosen })}
            >
              <Avatar handle={person.handle} />
              <span className="person-name">
                <strong>{person.display_name}</strong>
                <span className="handle">@{person.handle}</span>
              </span>
              {person.uuid === user?.uuid && <Icon name="check" />}
            </button>
          </li>
        ))}
      </ul>
      {user && !isForAction && (
        <button
          type="button"
          className="button button-quiet"
          data-trace="act as nobody"
          aria-disabled={isBusy}
          onClick={() => !isBusy && actAsNobody.mutate('', { onSuccess: onClose })}
        >
          Act as nobody
        </button>
      )}
    </Dialog>
  )
}

const SessionTrouble = ({ session }: Pick<Props, 'session'>) => {
  if (session.isPending) return <p className="hint">Asking who is here…</p>
  if (!session.isError || session.data) return null
  return (
    <Trouble
      title="The people did not come"
      traceId={session.error instanceof ApiError ? session.error.traceId : null}
      retry={() => void session.refetch()}
      isTrying={session.isFetching}
    >
      {session.error.message}
    </Trouble>
  )
}
