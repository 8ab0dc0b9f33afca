import { useSyncExternalStore } from 'react'
import { useLocation } from 'react-router'
import { SearchBox } from '../activities/search/search-box.tsx'
import { Trends } from '../activities/search/trends.tsx'
import { GroupList } from '../messages/group-list.tsx'
import { useCurrentUser } from '../ui/current-user.ts'
import { SuggestedPeople } from '../users/suggested-people.tsx'
import { ActionList } from './action-list.tsx'
import { useActions } from './actions.tsx'

const fewActions = 4

/** From this width on there is room beside the page. app.css uses the same width. */
const wide = matchMedia('(min-width: 74.0625rem)')

const listen = (listener: () => void) => {
  wide.addEventListener('change', listener)
  return () => wide.removeEventListener('change', listener)
}

type Props = { openActions: () => void }

/** Not rendered where there is no room, so that it fetches nothing there. CSS would only hide it. */
export const Aside = ({ openActions }: Props) => {
  const isWide = useSyncExternalStore(listen, () => wide.matches)
  return isWide && <WideAside openActions={openActions} />
}

const WideAside = ({ openActions }: Props) => {
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
          (!isSearch || new URLSearchParams(search).get('term')?.trim()) && (
            <>
              <Trends />
              <SuggestedPeople />
            </>
          )
        )}
      </div>
      <p className="colophon">
        <span>
          Every action is one trace, from your click to the SQL statement.{' '}
          <a href="/licenses.txt" data-trace="open link">
            Licences
          </a>
        </span>
      </p>
    </aside>
  )
}
