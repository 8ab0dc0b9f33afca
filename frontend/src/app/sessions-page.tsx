import { SessionList } from '../session/session-list.tsx'
import { PageHeading, usePage } from './page.tsx'
import { SignedInOnly } from './signed-in-only.tsx'

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
