import { useActor } from '../session/actor.tsx'
import { SessionList } from '../session/session-list.tsx'
import { PageHead } from './page-head.tsx'
import { SignInFirst } from './sign-in-first.tsx'
import { usePage } from './use-page.ts'

export const SessionsPage = () => {
  usePage({ title: 'Sessions', route: '/sessions' })
  const { user, isKnown } = useActor()
  return (
    <>
      <PageHead title="Sessions" hasBack>
        Where you are signed in
      </PageHead>
      {isKnown && !user ? (
        <SignInFirst title="You are signed in nowhere">
          At least not here. Sign in, and this is the first one.
        </SignInFirst>
      ) : (
        <SessionList />
      )}
    </>
  )
}
