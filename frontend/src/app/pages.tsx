import type { FeedName } from '@cruddur/shared/activities'
import { Link, NavLink } from 'react-router'
import { HomeFeed } from '../activities/feed/home-feed.tsx'
import { Composer } from '../activities/write/composer.tsx'
import { Empty } from '../ui/empty.tsx'
import { SuggestedPeople } from '../users/suggested-people.tsx'
import { PageHeading, usePage } from './page.tsx'
import { SignedInOnly } from './signed-in-only.tsx'

const homePages = {
  everyone: { title: 'Home', route: '/' },
  following: { title: 'Following', route: '/following' },
} satisfies Record<FeedName, { title: string; route: string }>

export const HomePage = ({ feed }: { feed: FeedName }) => {
  usePage(homePages[feed])
  return (
    <>
      <PageHeading title="Home">
        {feed === 'everyone' ? 'Everyone’s cruds, until they expire' : 'From the people you follow'}
      </PageHeading>
      <nav className="tabs" aria-label="Feeds">
        <NavLink to="/" end className="tab" data-trace="everyone">
          Everyone
        </NavLink>
        <NavLink to="/following" className="tab" data-trace="following">
          Following
        </NavLink>
      </nav>
      <div className="home-composer">
        <Composer />
      </div>
      {feed === 'everyone' ? (
        <HomeFeed key={feed} feed={feed} />
      ) : (
        <SignedInOnly
          title="Sign in to see your feed"
          invitation="Cruds and reposts from the people you follow appear here, newest first."
        >
          <HomeFeed
            key={feed}
            feed={feed}
            suggestions={
              <div className="without-aside">
                <SuggestedPeople />
              </div>
            }
          />
        </SignedInOnly>
      )}
    </>
  )
}

export const NotFoundPage = () => {
  usePage({ title: 'Page not found', route: '*' })
  return (
    <Empty
      title="There is no such page"
      isWholePage
      action={
        <Link to="/" className="button" data-trace="go home">
          Go home
        </Link>
      }
    >
      It may have expired, or there is a typo in the address.
    </Empty>
  )
}
