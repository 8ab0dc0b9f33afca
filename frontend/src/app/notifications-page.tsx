import { NotificationList } from '../notifications/notification-list.tsx'
import { ForSomebody } from './for-somebody.tsx'
import { PageHead } from './page-head.tsx'
import { usePage } from './use-page.ts'

export const NotificationsPage = () => {
  usePage({ title: 'Notifications', route: '/notifications' })
  return (
    <>
      <PageHead title="Notifications">What others did that concerns you</PageHead>
      <ForSomebody
        title="Nobody to notify"
        invitation="Sign in, and who liked, reposted, answered or mentioned you is here."
      >
        <NotificationList />
      </ForSomebody>
    </>
  )
}
