import { NotificationList } from '../notifications/notification-list.tsx'
import { useActing } from '../ui/acting.ts'
import { PageHead } from './page-head.tsx'
import { SignInFirst } from './sign-in-first.tsx'
import { usePage } from './use-page.ts'

export const NotificationsPage = () => {
  usePage({ title: 'Notifications', route: '/notifications' })
  const { user, isKnown } = useActing()
  return (
    <>
      <PageHead title="Notifications">What others did that concerns you</PageHead>
      {isKnown && !user ? (
        <SignInFirst title="Nobody to notify">
          Sign in, and who liked, reposted, answered or mentioned you is here.
        </SignInFirst>
      ) : (
        <NotificationList />
      )}
    </>
  )
}
