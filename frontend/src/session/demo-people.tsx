import type { Session } from '@cruddur/shared/session'
import { traceIdOf } from '../api/api-error.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icons.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { useActAs } from './use-session.ts'

/** Lets a visitor try the page in one click, without an account. */
export const DemoPeople = ({ session, onDone }: { session: Session; onDone: () => void }) => {
  const actAs = useActAs(onDone)
  const { people, user } = session
  return (
    <>
      {actAs.error && (
        <Trouble title="That did not work" traceId={traceIdOf(actAs.error)}>
          {actAs.error.message} Please choose again.
        </Trouble>
      )}
      <ul className="people">
        {people.map((person) => (
          <li key={person.uuid}>
            <button
              type="button"
              className="line person"
              data-trace="act as"
              aria-pressed={person.uuid === user?.uuid}
              aria-disabled={actAs.isPending}
              onClick={() => !actAs.isPending && actAs.mutate(person.handle)}
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
    </>
  )
}
