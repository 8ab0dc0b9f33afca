import { useParams, useSearchParams } from 'react-router'
import { ActivityDetail } from '../activities/feed/activity-detail.tsx'
import { UserFeed } from '../activities/feed/user-feed.tsx'
import { SearchBox } from '../activities/search/search-box.tsx'
import { SearchResults } from '../activities/search/search-results.tsx'
import { Trends } from '../activities/search/trends.tsx'
import { NotificationList } from '../notifications/notification-list.tsx'
import { ProfileHead } from '../users/profile-head.tsx'
import { SuggestedPeople } from '../users/suggested-people.tsx'
import { PageHeading, usePage } from './page.tsx'
import { NotFoundPage } from './pages.tsx'
import { handleIn } from './paths.ts'
import { SignedInOnly } from './signed-in-only.tsx'

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
