import { SessionList } from '../session/session-list.tsx'
import { PageHeading } from './page-heading.tsx'
import { SignedInOnly } from './signed-in-only.tsx'
import { usePage } from './use-page.ts'

export const SessionsPage = () => {
  usePage({ title: 'Sessions', route: '/sessions' })
  return (
    <>
      <PageHeading title="Sessions" hasBack>
        Where you are signed in
      </PageHeading>
      <SignedInOnly title="You are not signed in here" invitation="Sign in, and this is where you can end it again.">
        <SessionList />
      </SignedInOnly>
    </>
  )
}
