import { useParams } from 'react-router'
import { UserFeed } from '../activities/feed/user-feed.tsx'
import { ProfileHead } from '../users/profile-head.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { usePage } from './use-page.ts'

/** The router knows no `/@:handle`: what does not begin with @ is nobody's page. */
export const handleOf = (segment: string | undefined): string | null =>
  /^@(\w{1,30})$/.exec(segment ?? '')?.[1]?.toLowerCase() ?? null

export const ProfilePage = () => {
  const handle = handleOf(useParams().handle)
  return handle ? <Profile handle={handle} /> : <NotFoundPage />
}

const Profile = ({ handle }: { handle: string }) => {
  usePage({ title: `@${handle}`, route: '/@:handle' })
  return <UserFeed key={handle} handle={handle} head={(profile) => <ProfileHead profile={profile} />} />
}
