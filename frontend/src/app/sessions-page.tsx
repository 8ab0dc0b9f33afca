import { SessionList } from '../session/session-list.tsx'
import { ForSomebody } from './for-somebody.tsx'
import { PageHead } from './page-head.tsx'
import { usePage } from './use-page.ts'

export const SessionsPage = () => {
  usePage({ title: 'Sessions', route: '/sessions' })
  return (
    <>
      <PageHead title="Sessions" hasBack>
        Where you are signed in
      </PageHead>
      <ForSomebody title="You are not signed in here" invitation="Sign in, and this is where you can end it again.">
        <SessionList />
      </ForSomebody>
    </>
  )
}
