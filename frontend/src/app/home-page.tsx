import type { FeedName } from '@cruddur/shared/activities'
import { NavLink } from 'react-router'
import { HomeFeed } from '../activities/feed/home-feed.tsx'
import { Composer } from '../activities/write/composer.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { SuggestedPeople } from '../users/suggested-people.tsx'
import { PageHeading } from './page-heading.tsx'
import { SignedInOnly } from './signed-in-only.tsx'
import { usePage } from './use-page.ts'

const pages = {
  everyone: { title: 'Home', route: '/' },
  following: { title: 'Following', route: '/following' },
} satisfies Record<FeedName, { title: string; route: string }>

export const HomePage = ({ feed }: { feed: FeedName }) => {
  usePage(pages[feed])
  return (
    <>
      <PageHeading title="Home">
        {feed === 'everyone' ? 'Everyone’s cruds, for as long as they live' : 'From those whom you follow'}
      </PageHeading>
      <Tabs label="Feeds">
        <NavLink to="/" end className="tab" data-trace="everyone">
          Everyone
        </NavLink>
        <NavLink to="/following" className="tab" data-trace="following">
          Following
        </NavLink>
      </Tabs>
      <div className="home-composer">
        <Composer />
      </div>
      {feed === 'everyone' ? (
        <HomeFeed key={feed} feed={feed} />
      ) : (
        <SignedInOnly
          title="Whom do you follow?"
          invitation="Sign in, and what the people you follow write and repost is here, newest first."
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
