import type { FeedName } from '@cruddur/shared/activities'
import { NavLink } from 'react-router'
import { Composer } from '../activities/composer.tsx'
import { HomeFeed } from '../activities/home-feed.tsx'
import { useActing } from '../ui/acting.ts'
import { Tabs } from '../ui/tabs.tsx'
import { SuggestedPeople } from '../users/suggested-people.tsx'
import { PageHead } from './page-head.tsx'
import { SignInFirst } from './sign-in-first.tsx'
import { usePage } from './use-page.ts'

const pages = {
  everyone: { title: 'Home', route: '/' },
  following: { title: 'Following', route: '/following' },
} satisfies Record<FeedName, { title: string; route: string }>

export const HomePage = ({ feed }: { feed: FeedName }) => {
  usePage(pages[feed])
  const { user, isKnown } = useActing()
  return (
    <>
      <PageHead title="Home">
        {feed === 'everyone' ? 'Everyone’s cruds, for as long as they live' : 'From those whom you follow'}
      </PageHead>
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
      {feed === 'following' && isKnown && !user ? (
        <SignInFirst title="Whom do you follow?">
          Sign in, and what the people you follow write and repost is here, newest first.
        </SignInFirst>
      ) : (
        <HomeFeed key={feed} feed={feed} suggestions={<SuggestedPeople />} />
      )}
    </>
  )
}
