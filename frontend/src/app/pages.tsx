import type { FeedName } from '@cruddur/shared/activities'
import type { ReactNode } from 'react'
import { Link, NavLink, useParams, useSearchParams } from 'react-router'
import { ActivityDetail } from '../activities/feed/activity-detail.tsx'
import { HomeFeed } from '../activities/feed/home-feed.tsx'
import { UserFeed } from '../activities/feed/user-feed.tsx'
import { SearchBox } from '../activities/search/search-box.tsx'
import { SearchResults } from '../activities/search/search-results.tsx'
import { Trends } from '../activities/search/trends.tsx'
import { Composer } from '../activities/write/composer.tsx'
import { GroupList } from '../messages/group-list.tsx'
import { NewThread } from '../messages/new-thread.tsx'
import { Thread } from '../messages/thread.tsx'
import { NotificationList } from '../notifications/notification-list.tsx'
import { SessionList } from '../session/session-list.tsx'
import { Empty } from '../ui/empty.tsx'
import { ProfileHead } from '../users/profile-head.tsx'
import { SuggestedPeople } from '../users/suggested-people.tsx'
import { PageHeading, usePage } from './page.tsx'
import { handleIn } from './paths.ts'
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

export const SearchPage = () => {
  usePage({ title: 'Search', route: '/search' })
  const [query] = useSearchParams()
  const term = (query.get('term') ?? '').trim()
  return (
    <>
      <PageHeading title="Search">Words, a #hashtag or an @handle</PageHeading>
      <SearchBox />
      {term ? (
        <SearchResults key={term} term={term} />
      ) : (
        <div className="search-start">
          <Trends />
          <SuggestedPeople />
        </div>
      )}
    </>
  )
}

export const NotificationsPage = () => {
  usePage({ title: 'Notifications', route: '/notifications' })
  return (
    <>
      <PageHeading title="Notifications">Likes, reposts, replies, mentions and follows</PageHeading>
      <SignedInOnly
        title="Sign in to see your notifications"
        invitation="You’ll see here when someone likes, reposts or replies to your cruds, mentions you or follows you."
      >
        <NotificationList />
      </SignedInOnly>
    </>
  )
}

export const MessagesPage = () => {
  usePage({ title: 'Messages', route: '/messages' })
  return (
    <>
      <PageHeading title="Messages">Private conversations between two people</PageHeading>
      <MessagesOnly>
        <GroupList />
      </MessagesOnly>
    </>
  )
}

export const ThreadPage = () => {
  usePage({ title: 'Conversation', route: '/messages/:uuid' })
  const { uuid = '' } = useParams()
  return (
    <MessagesOnly isWholePage>
      <Thread key={uuid} uuid={uuid} />
    </MessagesOnly>
  )
}

export const NewThreadPage = () => {
  const handle = handleIn(`@${useParams().handle?.replace(/^@/, '')}`)
  return handle ? <NewConversation handle={handle} /> : <NotFoundPage />
}

const NewConversation = ({ handle }: { handle: string }) => {
  usePage({ title: 'New conversation', route: '/messages/new/:handle' })
  return (
    <MessagesOnly isWholePage>
      <NewThread key={handle} handle={handle} />
    </MessagesOnly>
  )
}

const MessagesOnly = ({ isWholePage = false, children }: { isWholePage?: boolean; children: ReactNode }) => (
  <SignedInOnly
    title="Sign in to see your messages"
    invitation="Only you and the person you write to can read them."
    isWholePage={isWholePage}
  >
    {children}
  </SignedInOnly>
)

export const SessionsPage = () => {
  usePage({ title: 'Sessions', route: '/sessions' })
  return (
    <>
      <PageHeading title="Sessions" hasBack>
        Where you are signed in
      </PageHeading>
      <SignedInOnly title="You are not signed in" invitation="Sign in to see your sessions and to end them.">
        <SessionList />
      </SignedInOnly>
    </>
  )
}

export const ProfilePage = () => {
  const handle = handleIn(useParams().handle)
  return handle ? <Profile handle={handle} /> : <NotFoundPage />
}

const Profile = ({ handle }: { handle: string }) => {
  usePage({ title: `@${handle}`, route: '/@:handle' })
  return <UserFeed key={handle} handle={handle} head={(profile) => <ProfileHead profile={profile} />} />
}

export const ActivityPage = () => {
  const { handle: segment, uuid } = useParams()
  const handle = handleIn(segment)
  return handle && uuid ? <Activity handle={handle} uuid={uuid} /> : <NotFoundPage />
}

const Activity = ({ handle, uuid }: { handle: string; uuid: string }) => {
  usePage({ title: `Crud by @${handle}`, route: '/@:handle/status/:uuid' })
  return (
    <>
      <PageHeading title="Crud" hasBack />
      <ActivityDetail key={uuid} handle={handle} uuid={uuid} />
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
