import { NotificationList } from '../notifications/notification-list.tsx'
import { PageHeading } from './page-heading.tsx'
import { SignedInOnly } from './signed-in-only.tsx'
import { usePage } from './use-page.ts'

export const NotificationsPage = () => {
  usePage({ title: 'Notifications', route: '/notifications' })
  return (
    <>
      <PageHeading title="Notifications">What others did that concerns you</PageHeading>
      <SignedInOnly
        title="Nobody to notify"
        invitation="Sign in, and who liked, reposted, answered or mentioned you is here."
      >
        <NotificationList />
      </SignedInOnly>
    </>
  )
}
