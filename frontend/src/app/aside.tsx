import { useLocation } from 'react-router'
import { SearchBox } from '../activities/search/search-box.tsx'
import { Trends } from '../activities/search/trends.tsx'
import { GroupList } from '../messages/group-list.tsx'
import { useCurrentUser } from '../ui/current-user.ts'
import { SuggestedPeople } from '../users/suggested-people.tsx'
import { ActionList } from './action-list.tsx'
import { useActions } from './actions.tsx'

const fewActions = 4

/** Beside the page where there is room. The chip has a place of its own at the foot. */
export const Aside = ({ openActions }: { openActions: () => void }) => {
  const { pathname, search } = useLocation()
  const { list } = useActions()
  const isSearch = pathname === '/search'
  const { user } = useCurrentUser()
  const thread = /^\/messages\/([^/]+)$/.exec(pathname)?.[1]
  const hasGroups = user !== null && pathname.startsWith('/messages/')
  return (
    <aside className="aside" aria-label="Beside the page">
      <div className="aside-scroll">
        {!isSearch && <SearchBox />}
        <section className="card last-actions" aria-labelledby="last-actions-title">
          <h2 id="last-actions-title">Your last actions</h2>
          {list.length > fewActions && (
            <button
              type="button"
              className="link-button"
              data-trace="actions"
              aria-haspopup="dialog"
              onClick={openActions}
            >
              All
            </button>
          )}
          <ActionList most={fewActions} />
        </section>
        {hasGroups ? (
          <section className="card" aria-labelledby="conversations-title">
            <h2 id="conversations-title">Conversations</h2>
            <GroupList {...(thread && { selected: thread })} />
          </section>
        ) : (
          (!isSearch || search) && (
            <>
              <Trends />
              <SuggestedPeople />
            </>
          )
        )}
      </div>
      <p className="colophon">
        <span>
          Every action here is one trace, from your click to the SQL statement.{' '}
          <a href="/licenses.txt" data-trace="open link">
            Licences
          </a>
        </span>
      </p>
    </aside>
  )
}
